"""Random draws of sources, numbers of synapses, weights and delays."""
