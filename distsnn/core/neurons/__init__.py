"""The neurons of one rank: their slots, their state and injected spikes."""
