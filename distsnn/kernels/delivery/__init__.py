"""Rows of synapses: how they are built, and how spikes become sums in rings."""
