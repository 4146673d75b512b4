"""The kinds of fabrics, one per file; the name of the file is the name of the fabric."""
