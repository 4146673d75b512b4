"""The events of an event camera, as arrays with one entry per event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from distsnn import checks
from distsnn.checks import must_be
from distsnn.errors import UsageError
from distsnn.time_grid import nearest_steps

MAX_PIXELS = 1 << 16  # along one side: x and y are 16 bits
MAX_TIME_US = 1 << 61  # differences of times, and steps of 1 us, fit int64
MAX_MS = MAX_TIME_US * 1e-3
MIN_DT_MS = 1e-3  # the resolution of times


@dataclass(frozen=True)
class Events:
    """Events sorted by time.

    t_us: int64 [n], microseconds. x, y: uint16 [n], pixel, (0, 0) at the top left. on: bool [n],
    True if the pixel became brighter. width, height: of the camera, in pixels. Raises UsageError for
    anything else; ``of`` accepts any order and any integer types.
    """

    t_us: np.ndarray
    x: np.ndarray
    y: np.ndarray
    on: np.ndarray
    width: int
    height: int

    def __post_init__(self) -> None:
        for name in ("width", "height"):
            remedy = "Give the pixels of the camera."
            value = getattr(self, name)
            value = checks.whole(
                f"events: {name}", value, 1, MAX_PIXELS, remedy=remedy, error=UsageError
            )
            object.__setattr__(self, name, value)
        columns = (("t_us", np.int64), ("x", np.uint16), ("y", np.uint16), ("on", np.bool_))
        for name, kind in columns:
            column = getattr(self, name)
            is_right = isinstance(column, np.ndarray) and column.ndim == 1 and column.dtype == kind
            if not is_right or len(column) != len(self.t_us):
                limit = f"an array of {np.dtype(kind)} as long as the other columns"
                raise UsageError(must_be(f"events: {name}", limit, column, "Use Events.of."))
        if not len(self.t_us):
            return
        if self.x.max() >= self.width or self.y.max() >= self.height:
            raise UsageError(_outside(self.x, self.y, self.width, self.height))
        if not -MAX_TIME_US <= self.t_us[0] <= self.t_us[-1] <= MAX_TIME_US:
            limit = f"ascending times from {-MAX_TIME_US} to {MAX_TIME_US} us"
            got = f"{self.t_us[0]} to {self.t_us[-1]}"
            raise UsageError(must_be("events: t_us", limit, got, "Use Events.of."))
        if (self.t_us[1:] < self.t_us[:-1]).any():
            raise UsageError(must_be("events: t_us", "ascending", self.t_us, "Use Events.of."))

    @classmethod
    def of(cls, t_us: Any, x: Any, y: Any, on: Any, width: int = 0, height: int = 0) -> Events:
        """Return events in order of time.

        t_us, x, y: whole numbers [n]; on: truth values [n], or the numbers 0 and 1. width, height: of
        the camera; 0 stands for the largest x or y plus 1. Raises UsageError.
        """
        t = checks.array(
            "events: t_us", t_us, "i", low=-MAX_TIME_US, high=MAX_TIME_US, error=UsageError
        )
        x_all, y_all = _pixels("x", x), _pixels("y", y)
        is_flags = isinstance(on, (list, tuple)) and all(
            isinstance(flag, (bool, np.bool_)) for flag in on
        )
        is_on = np.asarray(on) if is_flags or isinstance(on, np.ndarray) else on
        if not isinstance(is_on, np.ndarray) or is_on.dtype.kind != "b":
            is_on = checks.array("events: on", is_on, "i", low=0, high=1, error=UsageError) == 1
        if not t.size == x_all.size == y_all.size == is_on.size or is_on.ndim != 1:
            sizes = f"{t.size}, {x_all.size}, {y_all.size} and {is_on.size} entries"
            raise UsageError(
                must_be("events", "t_us, x, y and on of one length", sizes, "Give one each.")
            )
        for name, value in (("width", width), ("height", height)):
            given = "Give the pixels of the camera."
            checks.whole(f"events: {name}", value, 0, MAX_PIXELS, remedy=given, error=UsageError)
        width = width or (int(x_all.max()) + 1 if x_all.size else 1)
        height = height or (int(y_all.max()) + 1 if y_all.size else 1)
        if x_all.size and (x_all.max() >= width or y_all.max() >= height):
            raise UsageError(_outside(x_all, y_all, width, height))
        # Stable: events of one microsecond keep their order.
        if (t[1:] < t[:-1]).any():
            order = np.argsort(t, kind="stable")
            t, x_all, y_all, is_on = t[order], x_all[order], y_all[order], is_on[order]
        return cls(t, x_all, y_all, is_on, width, height)

    def __len__(self) -> int:
        return int(self.t_us.size)

    @property
    def duration_ms(self) -> float:
        """Time from the first to the last event."""
        return float(self.t_us[-1] - self.t_us[0]) * 1e-3 if len(self) else 0.0

    @property
    def rate_hz(self) -> float:
        """Events per second and pixel."""
        seconds = self.duration_ms * 1e-3
        return len(self) / (seconds * self.width * self.height) if seconds > 0 else 0.0

    def chosen(self, which: np.ndarray) -> Events:
        """Return the events of a boolean mask or of ascending indices."""
        if not (isinstance(which, np.ndarray) and which.dtype.kind == "b" and
                which.shape == self.t_us.shape):  # fmt: skip
            which = checks.array("events: which", which, "i", low=0, high=len(self) - 1,
                                 error=UsageError)  # fmt: skip
        return Events(
            self.t_us[which], self.x[which], self.y[which], self.on[which], self.width, self.height
        )

    def between(self, start_ms: float, stop_ms: float) -> Events:
        """Return the events from ``start_ms`` to before ``stop_ms`` after the first one.

        Both are rounded to microseconds.
        """
        for name, value in (("start_ms", start_ms), ("stop_ms", stop_ms)):
            checks.number(f"events: {name}", value, -MAX_MS, MAX_MS, error=UsageError)
        if not start_ms < stop_ms:
            limit = f"below stop_ms = {stop_ms}"
            raise UsageError(must_be("events: start_ms", limit, start_ms, "Swap them."))
        first = self.t_us[0] if len(self) else 0
        limits = int(first) + nearest_steps([start_ms, stop_ms], 1e-3)
        low, high = np.searchsorted(self.t_us, limits)
        return self.chosen(np.arange(low, high))

    def cropped(self, x: int, y: int, width: int, height: int) -> Events:
        """Return the events in a rectangle of pixels, whose corner (x, y) becomes pixel (0, 0)."""
        for name, value in (("x", x), ("y", y), ("width", width), ("height", height)):
            checks.whole(f"events: {name}", value, 0, MAX_PIXELS, error=UsageError)
        is_sized = x >= 0 and y >= 0 and width > 0 and height > 0
        if not is_sized or x + width > self.width or y + height > self.height:
            limit = f"inside {self.width} x {self.height} pixels"
            got = f"{width} x {height} at ({x}, {y})"
            raise UsageError(must_be("events: rectangle", limit, got, "Choose another."))
        inside = (self.x >= x) & (self.x < x + width) & (self.y >= y) & (self.y < y + height)
        part = self.chosen(inside)
        return Events(
            part.t_us, part.x - np.uint16(x), part.y - np.uint16(y), part.on, width, height
        )

    def thinned(self, space: int = 1, time_us: int = 0) -> Events:
        """Return the events on coarser pixels of ``space`` x ``space`` and coarser time.

        time_us > 0: of all events of one coarse pixel and polarity within an interval of this length
        only one is kept, at the beginning of the interval. Intervals are counted from time 0.
        """
        largest = max(self.width, self.height)
        checks.whole("events: space in pixels", space, 1, largest, error=UsageError)
        checks.whole("events: time_us", time_us, 0, MAX_TIME_US, error=UsageError)
        width, height = -(-self.width // space), -(-self.height // space)
        x, y, t = self.x // np.uint16(space), self.y // np.uint16(space), self.t_us
        if time_us == 0:
            return Events(t, x, y, self.on, width, height)
        t = t // time_us * time_us
        coarse = Events(t, x, y, self.on, width, height)
        channel = coarse.channels()
        order = np.lexsort((np.arange(len(t)), channel, t))  # one key of both would overflow
        # Of events with the same time and channel the first in the file is kept.
        is_first = np.ones(len(t), dtype=bool)
        is_first[1:] = (np.diff(t[order]) != 0) | (np.diff(channel[order]) != 0)
        return coarse.chosen(np.sort(order[is_first]))

    def n_channels(self, polarity: str = "both") -> int:
        """Return the number of channels, see ``channels``."""
        _require_polarity(polarity)
        return self.width * self.height * (2 if polarity == "both" else 1)

    def channels(self, polarity: str = "both") -> np.ndarray:
        """Return the channel of each event, int64 [n]: y * width + x.

        With ``both`` polarities the channels of ON events follow those of all OFF events, at
        width * height; with ``merged`` both polarities share a channel. For ``on`` and ``off`` see
        ``of_polarity``.
        """
        _require_polarity(polarity)
        pixel = self.y.astype(np.int64) * self.width + self.x
        return pixel + self.on * (self.width * self.height) if polarity == "both" else pixel

    def of_polarity(self, polarity: str) -> Events:
        """Return the events of one polarity (``on`` or ``off``), or all."""
        _require_polarity(polarity)
        if polarity in ("both", "merged"):
            return self
        return self.chosen(self.on if polarity == "on" else ~self.on)

    def steps(self, dt_ms: float) -> np.ndarray:
        """Return the step during which each event happens, counted from the first one, int64 [n].

        Step k has the events from k dt_ms to before (k + 1) dt_ms after the first one: times are
        not rounded to the nearest step.
        """
        checks.number(
            "events: dt_ms", dt_ms, MIN_DT_MS, MAX_MS, remedy="Give a step in ms.", error=UsageError
        )
        if not len(self):
            return np.empty(0, dtype=np.int64)
        # 1e-9 of a step: times that are whole steps must not fall into the step before.
        return np.floor((self.t_us - self.t_us[0]) * 1e-3 / dt_ms + 1e-9).astype(np.int64)


POLARITIES = ("both", "merged", "on", "off")


def _pixels(name: str, values: Any) -> np.ndarray:
    """Return pixels as uint16, without a copy if they are already. Raises UsageError."""
    if isinstance(values, np.ndarray) and values.dtype == np.uint16 and values.ndim == 1:
        return values
    pixels = checks.array(
        f"events: {name}", values, "i", low=0, high=MAX_PIXELS - 1, error=UsageError
    )
    return pixels.astype(np.uint16)


def _outside(x: np.ndarray, y: np.ndarray, width: int, height: int) -> str:
    """Return the message about a pixel outside the camera."""
    limit, got = f"pixels of {width} x {height}", (int(x.max()), int(y.max()))
    return must_be("events", limit, got, "Give the size of the camera that recorded them.")


def _require_polarity(polarity: str) -> None:
    checks.choice("polarity", polarity, POLARITIES)
