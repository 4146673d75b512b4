"""A network of layers on cores and ranks."""
