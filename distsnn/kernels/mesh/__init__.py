"""Link loads of the mesh, routes, and the annealing of placements."""

from distsnn.kernels.mesh.link_loads import finish_steps, in_tile_packets, new_differences
from distsnn.kernels.mesh.routing import load_routing, routed

__all__ = ["finish_steps", "in_tile_packets", "load_routing", "new_differences", "routed"]
