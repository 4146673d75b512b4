"""Placements, one a file; the name of the file, without a final _, is the name of the placement."""
