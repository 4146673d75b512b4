"""A run on a rank: building it, running its steps, collecting the result."""
