"""Synapses that a rank computes when a spike comes."""
