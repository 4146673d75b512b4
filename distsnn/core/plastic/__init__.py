"""The plastic synapses of one rank."""
