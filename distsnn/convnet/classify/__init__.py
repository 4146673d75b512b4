"""From spikes to features to classes."""
