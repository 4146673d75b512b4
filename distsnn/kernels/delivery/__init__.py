"""Rows of synapses: building them, and delivering spikes into the input rings."""
