"""Pictures of traffic; matplotlib is loaded when one is drawn."""

from distsnn.traffic.mesh_picture import draw_mesh
from distsnn.traffic.sweep_picture import draw_sweep

__all__ = ["draw_mesh", "draw_sweep"]
