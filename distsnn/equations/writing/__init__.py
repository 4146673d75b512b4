"""The file of a model, written from its equations."""
