"""Labelled recordings of a folder: one sub-folder for each class."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from distsnn.checks import instance, text
from distsnn.errors import InputFileError, UsageError
from distsnn.events import Events, read_events
from distsnn.input_files.limits import as_path, entries, printable, refused
from distsnn.nir.checks import require_count, require_shape, require_step
from distsnn.player import Recording

ENDINGS = (".bin", ".dat", ".raw", ".aedat", ".aedat4")
US_PER_MS = 1e3
MAX_STEPS = 1 << 24


@dataclass(frozen=True, eq=False)
class Labelled:
    """Recordings with their classes.

    labels: index of the class, int64 [recordings]. classes: names, in the order of the outputs.
    paths: of the files.
    """

    recordings: Sequence[Recording]
    labels: np.ndarray
    classes: Sequence[str]
    paths: Sequence[Path]


def read_folder(
    folder: str | Path,
    input_shape: tuple[int, ...],
    *,
    dt_ms: float = 1.0,
    n_steps: int | None = None,
    limit: int | None = None,
) -> Labelled:
    """Return the event-camera recordings of a folder with one sub-folder for each class.

    Classes are counted in the order of numbers, if all names are numbers, or of names. input_shape:
    of the graph, (2, height, width) with OFF and ON events apart, (1, height, width) or flat. n_steps:
    steps of each recording, None for its last event. limit: at most so many recordings, the same
    number of each class as far as there are. Raises InputFileError.
    """
    folder = as_path(folder)
    input_shape = require_shape("read_folder", input_shape)
    dt_ms = require_step("read_folder", dt_ms)
    n_steps = require_count("read_folder: n_steps", n_steps)
    limit = require_count("read_folder: limit", limit)
    if not folder.is_dir():
        got = "a file" if folder.exists() else "no such folder"
        raise refused(folder, "a folder with a sub-folder for each class", got, "Name one.")
    classes = sorted((path for path in entries(folder) if path.is_dir()), key=_place)
    files = [[p for p in entries(c) if p.suffix.lower() in ENDINGS] for c in classes]
    if not any(files):
        limit_text = f"a folder whose sub-folders hold recordings ({' '.join(ENDINGS)})"
        raise refused(folder, limit_text, "none", "Name the folder of the data set.")
    # Chosen by name before anything is read.
    chosen = _chosen(files, limit)
    recordings = [
        recording_of(read_events(path), input_shape, printable(path), dt_ms, n_steps)
        for _, path in chosen
    ]
    labels = np.array([label for label, _ in chosen], dtype=np.int64)
    return Labelled(recordings, labels, [c.name for c in classes], [path for _, path in chosen])


def recording_of(
    events: Events,
    input_shape: tuple[int, ...],
    name: str = "events",
    dt_ms: float = 1.0,
    n_steps: int | None = None,
) -> Recording:
    """Return events as the input of a graph: line (polarity, y, x), in the step in which they happen.

    name: for messages. Raises InputFileError for pixels that the input does not have.
    """
    instance("recording_of: events", events, Events)
    text("recording_of: name", name, error=UsageError)
    input_shape, dt_ms = (
        require_shape("recording_of", input_shape),
        require_step("recording_of", dt_ms),
    )
    n_steps = require_count("recording_of: n_steps", n_steps)
    polarities, height, width = _pixels_of(input_shape, events, name)
    # The step during which an event happens, as frameworks bin them.
    step = np.floor(events.t_us / (US_PER_MS * dt_ms)).astype(np.int64)
    if step.size and (step.min() < 0 or step.max() >= MAX_STEPS):
        limit = f"a recording from step 0 to {MAX_STEPS}"
        raise InputFileError(f"{name}: must be {limit}, got {step.max()}. Cut it.")
    outside = np.flatnonzero((events.x >= width) | (events.y >= height))
    if outside.size:
        at = f"({events.x[outside[0]]}, {events.y[outside[0]]})"
        limit = f"a recording of at most {width} x {height} pixels, as the graph's input has"
        raise InputFileError(f"{name}: must be {limit}, got one at {at}. Crop or scale it.")
    # line = (polarity * height + y) * width + x
    channel = events.on.astype(np.int64) if polarities == 2 else 0
    line = (channel * height + events.y) * width + events.x
    last = int(step.max(initial=0)) + 1
    return Recording(step, line.astype(np.int64), n_steps or last)


def _pixels_of(shape: tuple[int, ...], events: Events, name: str) -> tuple[int, int, int]:
    """Return polarities, height and width of the input."""
    if len(shape) == 3 and shape[0] in (1, 2):
        return shape[0], shape[1], shape[2]
    # A flat input has the pixels of the camera, once or for each polarity.
    n = math.prod(shape)
    for polarities in (2, 1):
        if n == polarities * events.width * events.height:
            return polarities, events.height, events.width
    limit = "recordings for a graph whose input is (1 or 2, height, width)"
    raise InputFileError(
        f"{name}: must be {limit}, got input_shape {shape} and a camera of "
        f"{events.width} x {events.height} pixels. Use another graph or data set."
    )


def _place(path: Path) -> tuple[bool, int, str]:
    """Return the key of a class: numbers first, in their order."""
    is_number = path.name.isascii() and path.name.isdigit() and len(path.name) < 10
    return not is_number, int(path.name) if is_number else 0, path.name


def _chosen(files: Sequence[Sequence[Path]], limit: int | None) -> list[tuple[int, Path]]:
    """Return (class, path) of at most ``limit`` files: one of each class in turn, then by class."""
    # The first of each class, then the second of each, ...
    turns = sorted((turn, label) for label, paths in enumerate(files) for turn in range(len(paths)))
    return [(label, files[label][turn]) for label, turn in sorted(
        (label, turn) for turn, label in turns[:limit]
    )]  # fmt: skip
