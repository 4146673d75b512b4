"""Edges in files: what all ranks know of them, and those that a rank reads and keeps."""
