"""A run on a rank: build what it owns, run its steps, collect what it gives."""
