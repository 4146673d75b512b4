"""Calls of event cameras."""

from __future__ import annotations

import numpy as np

import distsnn
from distsnn import events
from public_calls.call import Call, bound


def seen() -> distsnn.Events:
    """A recording of four events."""
    two = np.array([0, 1, 2, 1])
    return distsnn.Events.of(np.arange(4) * 1000, two, two, np.array([True, False, True, True]))


def of_events() -> dict[str, Call]:
    """Calls of event cameras."""
    path = {"path": "nowhere"}
    one = {"t_us": [0, 5], "x": [0, 1], "y": [0, 1], "on": [True, False]}
    frames = {"frames": np.zeros((2, 3, 4)), "times_us": [0.0, 1000.0]}
    return {
        "Events": Call(distsnn.Events, lambda: {
            "t_us": np.array([0, 5]), "x": np.array([0, 1], np.uint16),
            "y": np.array([0, 1], np.uint16), "on": np.array([True, False]), "width": 2,
            "height": 2}, dict.fromkeys((*one, "width", "height"), "events")),
        "Events.of": Call(distsnn.Events.of, lambda: dict(one),
                          {"width": "pixel", "height": "pixel"}),
        "Events.chosen": Call(bound("chosen", seen), lambda: {"which": np.array([0])},
                              {"which": "events"}),
        "Events.between": Call(bound("between", seen), lambda: {"start_ms": 0, "stop_ms": 2.0},
                               {"start_ms": "ms", "stop_ms": "ms"}),
        "Events.cropped": Call(bound("cropped", seen),
                               lambda: {"x": 0, "y": 0, "width": 2, "height": 2},
                               dict.fromkeys(("x", "y", "width", "height"), "events")),
        "Events.thinned": Call(bound("thinned", seen)),
        "Events.n_channels": Call(bound("n_channels", seen)),
        "Events.channels": Call(bound("channels", seen)),
        "Events.of_polarity": Call(bound("of_polarity", seen), lambda: {"polarity": "on"}),
        "Events.steps": Call(bound("steps", seen), lambda: {"dt_ms": 1.0}),
        "SimulatedCamera": Call(distsnn.SimulatedCamera,
                                behave=lambda made: made.see(**frames)),
        "SimulatedCamera.see": Call(bound("see", distsnn.SimulatedCamera), lambda: dict(frames),
                                    {"times_us": "times"}),
        "read_events": Call(events.read_events, lambda: dict(path), {"path": "", "form": ""}),
        "read_frames": Call(events.read_frames, lambda: dict(path), {"path": ""}),
        "read_picture": Call(events.read_picture, lambda: dict(path), {"path": ""}),
        "write_events": Call(events.write_events, lambda: {"events": seen(), "path": "new.csv"},
                             {"path": ""}),
        "draw_events": Call(events.draw_events, lambda: {"events": seen(), "path": "new.png"},
                            {"path": ""}),
        "moved": Call(events.moved, lambda: {"picture": np.zeros((3, 4)), "n_frames": 2,
                                             "pixels_x": 1.0, "pixels_y": 0.0},
                      {"n_frames": "frames", "pixels_x": "pixels", "pixels_y": "pixels"}),
    }  # fmt: skip
