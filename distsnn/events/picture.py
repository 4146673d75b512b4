"""Draws the events of a camera: slices of time, ON blue and OFF red, and the rate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from distsnn.checks import array, file_path, instance, must_be
from distsnn.errors import OutputFileError, UsageError
from distsnn.events.recording import Events
from distsnn.outputs import save_figure

ON, OFF = (0.13, 0.39, 0.61), (0.75, 0.22, 0.17)
N_SLICES = 6
N_BINS = 200
MAX_DRAWN = 640  # pixels along a side, more than a slice has on paper


def slice_image(events: Events) -> np.ndarray:
    """Return the events as colours on white, by their number, float64 [height, width, 3]."""
    n_pixels = events.width * events.height
    pixel = events.channels("merged")
    counts = [
        np.bincount(pixel[events.on == on], minlength=n_pixels).reshape(events.height, events.width)
        for on in (True, False)
    ]
    # Each polarity darkens white towards its colour, saturated at the 99.5th percentile.
    most = max(float(np.percentile(counts[0] + counts[1], 99.5)), 1.0)
    image = np.ones((events.height, events.width, 3))
    for count, colour in zip(counts, (ON, OFF), strict=True):
        image -= np.minimum(count / most, 1.0)[:, :, None] * (1.0 - np.array(colour))
    return np.clip(image, 0.0, 1.0)


def draw_events(
    events: Events, path: Path, frames: np.ndarray | None = None, title: str = ""
) -> Path:
    """Draw slices of the recording, the frames above them if given, and the rate."""
    instance("draw_events: events", events, Events)
    path = file_path("draw_events: path", path, error=OutputFileError)
    if frames is not None:
        frames = array("draw_events: frames", frames, "f", n_dims=3, error=UsageError)
        if not len(frames):
            raise UsageError("draw_events: frames must be at least 1, got 0. Give None.")
    if not isinstance(title, str):
        raise UsageError(must_be("draw_events: title", "a text", title, "Give one."))
    from matplotlib.figure import Figure

    size = f"{events.width} x {events.height} pixels"
    title = f"{title} {len(events):,} events, {size}".strip()
    events = events.thinned(-(-max(events.width, events.height) // MAX_DRAWN))
    n_rows = 3 if frames is not None else 2
    figure = Figure(figsize=(2.0 * N_SLICES, 1.9 * n_rows), layout="constrained")
    grid = figure.add_gridspec(n_rows, N_SLICES)
    edges = np.linspace(0.0, max(events.duration_ms, 1e-3), N_SLICES + 1)
    for k in range(N_SLICES):
        if frames is not None:
            frame = frames[int((k + 0.5) * len(frames) / N_SLICES)]
            _plain(figure.add_subplot(grid[0, k])).imshow(frame, cmap="gray", vmin=0, vmax=1)
        axes = _plain(figure.add_subplot(grid[n_rows - 2, k]))
        axes.imshow(slice_image(events.between(edges[k], edges[k + 1])), interpolation="nearest")
        axes.set_title(f"{edges[k]:.0f}-{edges[k + 1]:.0f} ms", fontsize=8)
    _draw_rate(figure.add_subplot(grid[n_rows - 1, :]), events)
    figure.suptitle(title, fontsize=10)
    save_figure(figure, path, dpi=120)
    return path


def _plain(axes: Any) -> Any:
    """Return axes without ticks."""
    axes.set_xticks([])
    axes.set_yticks([])
    return axes


def _draw_rate(axes: Any, events: Events) -> None:
    edges = np.linspace(0.0, max(events.duration_ms, 1e-3), N_BINS + 1)
    time_ms = (events.t_us - (events.t_us[0] if len(events) else 0)) * 1e-3
    # Events per ms: count / width of a bin.
    width_ms = edges[1] - edges[0]
    for on, colour, name in ((True, ON, "ON"), (False, OFF, "OFF")):
        count, _ = np.histogram(time_ms[events.on == on], edges)
        axes.plot(edges[:-1], count / width_ms, color=colour, lw=1, label=name)
    axes.set_xlabel("time (ms)", fontsize=8)
    axes.set_ylabel("events per ms", fontsize=8)
    axes.legend(fontsize=8)
