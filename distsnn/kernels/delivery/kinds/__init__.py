"""How the synapses of a source neuron are computed, one kind of projection a file."""
