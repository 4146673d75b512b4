"""What the mesh carries, counted link by link; placements on it."""

from distsnn.kernels.mesh.link_loads import finish_steps, in_tile_packets, new_differences

__all__ = ["finish_steps", "in_tile_packets", "new_differences"]
