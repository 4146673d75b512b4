"""Link loads of the mesh, routes, and the annealing of placements."""

from distsnn.kernels.mesh.counters import N_COUNTERS, SPIKE_COUNTERS
from distsnn.kernels.mesh.routing import load_routing, routed

__all__ = ["N_COUNTERS", "SPIKE_COUNTERS", "load_routing", "routed"]
