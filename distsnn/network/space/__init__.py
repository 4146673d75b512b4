"""Space: where neurons are, how far apart, and what depends on it."""
