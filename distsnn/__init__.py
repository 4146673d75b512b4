"""Spiking networks simulated the way a neuromorphic chip runs them."""

__version__ = "0.1.0"
