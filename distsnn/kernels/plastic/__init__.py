"""Rows of plastic synapses and the kernels of learning rules."""
