"""A trained liquid on disk."""
