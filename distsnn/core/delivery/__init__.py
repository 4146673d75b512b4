"""Synapse tables of one rank and the routing of spikes to them."""
