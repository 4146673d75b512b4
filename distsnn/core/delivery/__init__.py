"""The static synapses of one rank, and where the spikes of its neurons go."""
