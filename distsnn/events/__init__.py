"""Event cameras: recordings of several formats, and a simulated camera.

Names are loaded when first used.
"""

from distsnn.faces import lazy_face

__getattr__, __dir__, __all__ = lazy_face(
    __name__,
    {
        ".camera": ("SimulatedCamera",),
        ".formats": ("read_events",),
        ".frames": ("moved", "read_frames", "read_picture"),
        ".picture": ("draw_events",),
        ".recording": ("POLARITIES", "Events"),
        ".writing": ("write_events",),
    },
)
