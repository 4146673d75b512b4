"""What the mesh carries, counted link by link; placements on it."""
