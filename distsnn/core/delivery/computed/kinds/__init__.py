"""Descriptions from which synapses are computed, one kind of projection a file."""
