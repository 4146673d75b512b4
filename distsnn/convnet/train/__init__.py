"""Learning layer by layer, and a training on disk."""
