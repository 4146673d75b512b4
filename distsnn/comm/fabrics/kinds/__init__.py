"""The ways that packets can take between ranks, one a file; its name is the name of the fabric."""
