"""Implementations of plastic synapses on a rank, one file per family of rules."""
