"""Event cameras: recordings of several formats, and a simulated camera.

Names are loaded when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_PLACES = {
    "POLARITIES": "recording",
    "Events": "recording",
    "SimulatedCamera": "camera",
    "draw_events": "picture",
    "moved": "frames",
    "read_events": "formats",
    "read_frames": "frames",
    "read_picture": "frames",
    "write_events": "writing",
}

__all__ = sorted(_PLACES)


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"distsnn.events.{_PLACES[name]}"), name)
