"""Recorders of a rank, and gathering their data on rank 0."""
