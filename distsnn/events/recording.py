"""What an event camera saw: one entry per event, in arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.errors import UsageError

MOST_PIXELS = 1 << 16  # along one side


@dataclass(frozen=True)
class Events:
    """Events sorted by time.

    t_us: int64 [n], microseconds. x, y: uint16 [n], pixel, (0, 0) at the top left. on: bool [n],
    True where it became brighter. width, height: pixels of the camera.
    """

    t_us: np.ndarray
    x: np.ndarray
    y: np.ndarray
    on: np.ndarray
    width: int
    height: int

    @classmethod
    def of(
        cls,
        t_us: np.ndarray,
        x: np.ndarray,
        y: np.ndarray,
        on: np.ndarray,
        width: int = 0,
        height: int = 0,
    ) -> Events:
        """Return events in order of time; a width or height of 0 means: as far as events reach."""
        t_us = np.asarray(t_us, dtype=np.int64)
        x, y = np.asarray(x), np.asarray(y)
        width = width or (int(x.max()) + 1 if x.size else 1)
        height = height or (int(y.max()) + 1 if y.size else 1)
        if x.size and (x.max() >= width or y.max() >= height):
            raise UsageError(
                f"events: pixel ({int(x.max())}, {int(y.max())}), limit {width} x {height}. "
                "Give the size of the camera that recorded them."
            )
        order = np.argsort(t_us, kind="stable")
        sorted_x, sorted_y = x[order].astype(np.uint16), y[order].astype(np.uint16)
        return cls(t_us[order], sorted_x, sorted_y, np.asarray(on, bool)[order], width, height)

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
        return Events(
            self.t_us[which], self.x[which], self.y[which], self.on[which], self.width, self.height
        )

    def between(self, start_ms: float, stop_ms: float) -> Events:
        """Return the events from ``start_ms`` up to ``stop_ms`` after the first one."""
        if not start_ms < stop_ms:
            raise UsageError(
                f"events: from {start_ms} ms, limit below {stop_ms} ms, the end. Swap them."
            )
        first = self.t_us[0] if len(self) else 0
        low, high = np.searchsorted(
            self.t_us, [first + round(start_ms * 1e3), first + round(stop_ms * 1e3)]
        )
        return self.chosen(np.arange(low, high))

    def cropped(self, x: int, y: int, width: int, height: int) -> Events:
        """Return what a rectangle of pixels saw, counted from its corner (x, y)."""
        is_sized = x >= 0 and y >= 0 and width > 0 and height > 0
        if not is_sized or x + width > self.width or y + height > self.height:
            raise UsageError(
                f"events: rectangle {width} x {height} at ({x}, {y}), limit {self.width} x "
                f"{self.height}. Choose one inside."
            )
        inside = (self.x >= x) & (self.x < x + width) & (self.y >= y) & (self.y < y + height)
        part = self.chosen(inside)
        return Events(
            part.t_us, part.x - np.uint16(x), part.y - np.uint16(y), part.on, width, height
        )

    def thinned(self, space: int = 1, time_us: int = 0) -> Events:
        """Return the events on coarser pixels of ``space`` x ``space`` and coarser time.

        time_us > 0: of all events of one (coarse) pixel and polarity within one interval of that
        length only the first is kept, at the interval's beginning (counted from time 0).
        """
        if space < 1 or space > max(self.width, self.height) or time_us < 0:
            raise UsageError(
                f"events: coarser by {space} pixels and {time_us} us, limit 1 to "
                f"{max(self.width, self.height)} pixels and at least 0 us. Choose others."
            )
        width, height = -(-self.width // space), -(-self.height // space)
        x, y, t = self.x // np.uint16(space), self.y // np.uint16(space), self.t_us
        if time_us == 0:
            return Events(t, x, y, self.on, width, height)
        t = t // time_us * time_us
        coarse = Events(t, x, y, self.on, width, height)
        key = (t - t[0]) // time_us * np.int64(2 * width * height) if len(self) else t
        _, first = np.unique(key + coarse.lines(), return_index=True)
        return coarse.chosen(np.sort(first))

    def n_lines(self, polarity: str = "both") -> int:
        """Return the number of lines that ``lines`` numbers."""
        _require_polarity(polarity)
        return self.width * self.height * (2 if polarity == "both" else 1)

    def lines(self, polarity: str = "both") -> np.ndarray:
        """Return the line of each event, int64 [n].

        Line y * width + x; with ``both`` polarities the ON events come behind all OFF lines, with
        ``merged`` both share a line, with ``on`` and ``off`` see ``of_polarity``.
        """
        _require_polarity(polarity)
        line = self.y.astype(np.int64) * self.width + self.x
        return line + self.on * (self.width * self.height) if polarity == "both" else line

    def of_polarity(self, polarity: str) -> Events:
        """Return the events of one polarity (``on`` or ``off``), or all."""
        _require_polarity(polarity)
        if polarity in ("both", "merged"):
            return self
        return self.chosen(self.on if polarity == "on" else ~self.on)

    def steps(self, dt_ms: float) -> np.ndarray:
        """Return the step of each event, counted from the first event, int64 [n]."""
        if not len(self):
            return np.empty(0, dtype=np.int64)
        return np.floor((self.t_us - self.t_us[0]) * 1e-3 / dt_ms + 1e-9).astype(np.int64)


POLARITIES = ("both", "merged", "on", "off")


def _require_polarity(polarity: str) -> None:
    if polarity not in POLARITIES:
        raise UsageError(
            f"polarity: is {polarity!r}, limit {', '.join(POLARITIES)}. Choose one of these."
        )
