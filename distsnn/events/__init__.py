"""Event cameras: recordings of several formats, and a simulated camera.

Names are loaded when first used.
"""

from typing import TYPE_CHECKING

from distsnn.faces import lazy_face

if TYPE_CHECKING:
    from distsnn.events.camera import SimulatedCamera as SimulatedCamera
    from distsnn.events.formats import read_events as read_events
    from distsnn.events.frames import moved as moved
    from distsnn.events.frames import read_frames as read_frames
    from distsnn.events.frames import read_picture as read_picture
    from distsnn.events.picture import draw_events as draw_events
    from distsnn.events.recording import POLARITIES as POLARITIES
    from distsnn.events.recording import Events as Events
    from distsnn.events.writing import write_events as write_events

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
