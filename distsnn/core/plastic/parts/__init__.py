"""What plastic synapses of one projection do on a rank: one family of rules, one file."""
