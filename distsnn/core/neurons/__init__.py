"""The neurons of one rank: slots, state, given spikes."""
