"""``distsnn camera``: show a recording of an event camera, or simulate the camera."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distsnn.cli.checks import require_unused
from distsnn.cli.values import count, finite, not_negative, place, positive, seed, whole

if TYPE_CHECKING:
    import numpy as np

    from distsnn.events import Events
    from distsnn.outputs import Delivery

FRAME_BYTES = 24  # of a pixel: the frame, its logarithm and the change, as float64

# Defaults of the options of the simulated camera, and of a moving picture.
OF_CAMERA: dict[str, Any] = {
    "fps": 100.0, "threshold": 0.2, "spread": 0.0, "refractory": 100.0, "seed": 1,
}  # fmt: skip
OF_MOTION: dict[str, Any] = {"move": (10.0, 0.0), "shake": False, "frames": 31}

US_PER_S = 1e6  # the largest frame rate, since events have whole microseconds
MAX_FRAME_S = 1e6
HELP = "Show event-camera recordings, or simulate a camera that sees pictures."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``camera``."""
    parser.add_argument(
        "source", type=Path, metavar="SOURCE",
        help="a recording (.bin .dat .raw .aedat .aedat4), a folder of frames, an .npy array of "
        "frames, or one picture to move",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=place, metavar="FILE", help="write the events as .dat or .csv"
    )
    parser.add_argument("--plot", type=place, metavar="FILE", help="draw the events (.png)")
    parser.add_argument(
        "--space", type=count, default=1, metavar="N", help="merge N x N pixels into one (1)"
    )
    parser.add_argument(
        "--time", type=whole, default=0, metavar="US",
        help="keep one event per pixel, polarity and interval of this length",
    )  # fmt: skip
    parser.add_argument(
        "--polarity", default="both", choices=("both", "on", "off"), help="which events to keep"
    )
    _add_simulated(parser.add_argument_group("simulated camera"))


def _add_simulated(simulated: argparse._ArgumentGroup) -> None:
    simulated.add_argument("--fps", type=positive, metavar="HZ", help="frames per second (100)")
    simulated.add_argument(
        "--threshold", type=positive, metavar="LOG",
        help="change of the logarithm of brightness that makes an event (0.2)",
    )  # fmt: skip
    simulated.add_argument(
        "--spread", type=not_negative, metavar="LOG",
        help="standard deviation of the threshold over pixels (0)",
    )  # fmt: skip
    simulated.add_argument(
        "--refractory", type=not_negative, metavar="US", help="refractory time of a pixel (100)"
    )
    simulated.add_argument(
        "--move", type=finite, nargs=2, metavar=("X", "Y"),
        help="movement of one picture, in pixels (10 0)",
    )  # fmt: skip
    simulated.add_argument("--shake", action="store_true", help="move it along a triangle and back")
    simulated.add_argument(
        "--frames", type=count, metavar="N", help="frames of a moving picture (31)"
    )
    simulated.add_argument("--seed", type=seed, help="seed of the thresholds of the pixels (1)")
    simulated.set_defaults(**OF_CAMERA, **OF_MOTION)


def run(options: argparse.Namespace) -> int:
    """Read or simulate a recording, then print, write and draw it; return the exit code."""
    from distsnn.comm import start
    from distsnn.input_files.limits import printable
    from distsnn.outputs import Delivery, Inputs

    if start().rank != 0:
        return 0
    _require_formats(options)
    delivery = Delivery([options.out, options.plot], inputs=Inputs([], [options.source]))
    _require_source(options)
    frames, note = _frames(options)
    if note:
        print(f"{printable(options.source.name)}: {note}")
    events = _events(options, frames)
    events = events.of_polarity(options.polarity).thinned(options.space, options.time)
    try:
        _finish(events, frames, options, delivery)
    finally:
        delivery.discard()
    return 0


def _frames(options: argparse.Namespace) -> tuple[np.ndarray | None, str]:
    """Return the frames of a simulation and a note on their scale; None and "" for a recording."""
    from distsnn.events import moved
    from distsnn.events.frames import PICTURES, read_scaled_frames, read_scaled_picture

    source = options.source
    if source.is_dir() or source.suffix.lower() == ".npy":
        return read_scaled_frames(source)
    if source.suffix.lower() in PICTURES:
        picture, note = read_scaled_picture(source)
        _require_memory(options.frames, picture)
        pixels_x, pixels_y = options.move
        return moved(picture, options.frames, pixels_x, pixels_y, options.shake), note
    return None, ""


def _events(options: argparse.Namespace, frames: np.ndarray | None) -> Events:
    """Return the events of a recording, or those that a simulated camera sees in frames."""
    import numpy as np

    from distsnn.events import SimulatedCamera, read_events

    if frames is None:
        return read_events(options.source)
    camera = SimulatedCamera(
        options.threshold, options.threshold, options.refractory, options.spread,
        seed=options.seed,
    )  # fmt: skip
    return camera.see(frames, np.arange(len(frames)) * US_PER_S / options.fps)


def _require_source(options: argparse.Namespace) -> None:
    """Raise an error unless the source exists and all given options apply to it."""
    from distsnn.checks import number
    from distsnn.errors import UsageError
    from distsnn.input_files.limits import refused

    number("--fps", options.fps, 1.0 / MAX_FRAME_S, US_PER_S, error=UsageError)
    if not os.path.exists(options.source):
        raise refused(options.source, "a recording or pictures", "no such file", "Check the name.")
    _require_used(options)


def _require_formats(options: argparse.Namespace) -> None:
    """Raise an error for output files of formats that cannot be written."""
    from distsnn.events.writing import require_events_format
    from distsnn.outputs.content import require_picture_format

    if options.out:
        require_events_format(options.out)
    if options.plot:
        require_picture_format(options.plot)


def _require_used(options: argparse.Namespace) -> None:
    """Raise UsageError for options that do not apply to the kind of source."""
    from distsnn.events.frames import PICTURES

    is_folder, suffix = options.source.is_dir(), options.source.suffix.lower()
    if is_folder or suffix not in PICTURES:
        require_unused(options, OF_MOTION, "with one picture to move")
    if not is_folder and suffix not in (".npy", *PICTURES):
        require_unused(options, OF_CAMERA, "with pictures")


def _require_memory(n_frames: int, picture: np.ndarray) -> None:
    """Raise CapacityError for more frames than fit into memory."""
    from distsnn.core.memory_estimate import available_bytes
    from distsnn.errors import CapacityError

    needed, there = n_frames * picture.size * FRAME_BYTES, available_bytes()
    if there is not None and needed > there:
        raise CapacityError(
            f"frames: must be of at most {there * 1e-9:.3g} GB, the free memory, got "
            f"{needed * 1e-9:.3g} GB for {n_frames} frames. Make fewer."
        )


def _finish(
    events: Events, frames: np.ndarray | None, options: argparse.Namespace, delivery: Delivery
) -> None:
    from distsnn.events import draw_events, write_events

    share = float(events.on.mean()) if len(events) else 0.0
    print(
        f"{options.source.name}: {len(events):,} events ({share:.0%} ON) in "
        f"{events.duration_ms:.1f} ms on {events.width} x {events.height} pixels, "
        f"{events.rate_hz:.2f} per second and pixel"
    )
    if options.out:
        write_events(events, delivery.place(options.out))
    if options.plot:
        draw_events(events, delivery.place(options.plot), frames, f"{options.source.name}:")
    delivery.commit()
    if options.out:
        print(f"events: {options.out}")
    if options.plot:
        print(f"picture: {options.plot}")
