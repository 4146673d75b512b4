"""Fabrics: the ways in which packets travel between ranks."""
