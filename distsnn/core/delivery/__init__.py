"""The synapses onto one rank's neurons, and the way of spikes to them."""
