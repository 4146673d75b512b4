"""Routing orders, one a file; its name is the order's name."""
