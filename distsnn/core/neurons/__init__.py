"""The neurons of one rank: slots, state, injected spikes."""
