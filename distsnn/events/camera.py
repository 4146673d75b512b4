"""A simulated event camera: frames in, events out.

Each pixel stores a reference brightness, log(frame + offset). Whenever the brightness is a threshold
above (or below) the reference, the pixel emits an ON (or OFF) event and the reference moves by the
threshold. Between two frames the brightness changes linearly, and an event gets the time at which it
crosses the threshold. After an event a pixel is blind for the refractory time; then its reference is
the brightness at the time of the event.

Source: Lichtsteiner, Posch & Delbruck 2008, IEEE J Solid-State Circuits 43:566 (the sensor);
Rebecq, Gehrig & Scaramuzza 2018, CoRL (events between frames by linear interpolation).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from distsnn import checks
from distsnn.errors import UsageError
from distsnn.events.recording import MAX_TIME_US, Events

MAX_EVENTS = 50_000_000
MAX_THRESHOLD = 1e6
MIN_THRESHOLD = 0.01  # of a pixel, however its threshold is drawn


@dataclass(frozen=True)
class SimulatedCamera:
    """Parameters of the camera.

    threshold_on, threshold_off: changes of the natural logarithm that trigger an event.
    refractory_us: blind time after an event. threshold_sd: standard deviation of the thresholds over
    pixels, drawn by ``seed``. offset: added to frames, whose values are from 0 (black) to 1 (white),
    before the logarithm.
    """

    threshold_on: float = 0.2
    threshold_off: float = 0.2
    refractory_us: float = 100.0
    threshold_sd: float = 0.0
    offset: float = 0.01
    seed: int = 1

    def __post_init__(self) -> None:
        for name in ("threshold_on", "threshold_off", "offset"):
            value = getattr(self, name)
            checks.number(f"camera: {name}", value, 0.0, MAX_THRESHOLD, above=0.0, error=UsageError)
        checks.number(
            "camera: threshold_sd", self.threshold_sd, 0.0, MAX_THRESHOLD, error=UsageError
        )
        checks.number("camera: refractory_us", self.refractory_us, 0.0, error=UsageError)
        checks.whole("camera: seed", self.seed, 0, checks.MAX_INT64, error=UsageError)

    def see(self, frames: np.ndarray, times_us: np.ndarray) -> Events:
        """Return the events of frames [n, height, width], 0 to 1, at ascending times."""
        frames = checks.array("camera: frames", frames, "f", n_dims=3, error=UsageError)
        times = checks.array(
            "camera: times_us", times_us, "f", low=-MAX_TIME_US, high=MAX_TIME_US, error=UsageError
        )
        self._require(frames, times)
        n, height, width = frames.shape
        on_step, off_step = self._thresholds(height * width)
        # L = log(frame + offset)
        level = np.log(frames.reshape(n, -1) + self.offset)
        memory = level[0].copy()
        blind_until = np.full(height * width, -np.inf)
        parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        n_events = 0
        for k in range(n - 1):
            span = (times[k], times[k + 1], level[k], level[k + 1])
            for part in self._between(span, memory, blind_until, on_step, off_step):
                parts.append(part)
                n_events += part[0].size
                if n_events > MAX_EVENTS:
                    raise UsageError(
                        f"camera: events must be at most {MAX_EVENTS}, got more. Raise the "
                        "thresholds or the refractory time."
                    )
        t = np.concatenate([part[0] for part in parts]) if parts else np.empty(0)
        pixel = np.concatenate([part[1] for part in parts]) if parts else np.empty(0, np.int64)
        on = np.concatenate([part[2] for part in parts]) if parts else np.empty(0, bool)
        # Times in whole microseconds, halves up.
        whole = np.floor(t + 0.5).astype(np.int64)
        return Events.of(whole, pixel % width, pixel // width, on, width, height)

    def _require(self, frames: np.ndarray, times: np.ndarray) -> None:
        if frames.shape[0] < 2 or frames.size == 0 or times.shape != frames.shape[:1]:
            limit = "of shape (n, height, width) with n of at least 2, and n times"
            got = f"{frames.shape} and {times.size} times"
            raise UsageError(f"camera: frames must be {limit}, got {got}. Give more frames.")
        if np.any(np.diff(times) <= 0):
            raise UsageError(
                checks.must_be("camera: times_us", "ascending", times, "Sort the frames.")
            )
        if not (frames.min() >= 0.0 and frames.max() <= 1.0):
            got = f"{frames.min():.3g} to {frames.max():.3g}"
            raise UsageError(f"camera: frames must be from 0 to 1, got {got}. Scale them.")

    def _thresholds(self, n_pixels: int) -> tuple[np.ndarray, np.ndarray]:
        random = np.random.Generator(np.random.Philox(key=self.seed))
        # Normal thresholds per pixel, cut off below.
        spread = self.threshold_sd * random.standard_normal((2, n_pixels))
        return (
            np.maximum(self.threshold_on + spread[0], MIN_THRESHOLD),
            np.maximum(self.threshold_off + spread[1], MIN_THRESHOLD),
        )

    def _between(
        self,
        span: tuple[float, float, np.ndarray, np.ndarray],
        memory: np.ndarray,
        blind_until: np.ndarray,
        on_step: np.ndarray,
        off_step: np.ndarray,
    ) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Yield the events between two frames, round by round; update memory and blind_until."""
        start, end, before, after = span
        # Brightness at time t: before + slope (t - start)
        slope = (after - before) / (end - start)
        active = np.flatnonzero(
            (after - memory >= on_step) | (memory - after >= off_step) | (slope != 0)
        )
        now = np.maximum(blind_until[active], start)
        while active.size:
            # A pixel that was blind may be beyond its threshold already.
            level = before[active] + slope[active] * (now - start)
            rising = slope[active] >= 0
            high, low = memory[active] + on_step[active], memory[active] - off_step[active]
            goal = np.where(rising, high, low)  # the threshold in the direction of the slope
            is_past_on, is_past_off = level >= high, level <= low
            wait = _time_to(goal - level, slope[active])
            at = np.where(is_past_on | is_past_off, now, now + np.maximum(wait, 0.0))
            on = np.where(is_past_on, True, np.where(is_past_off, False, rising))
            fires = at < end  # an event at ``end`` belongs to the next pair of frames
            active, at, on = active[fires], at[fires], on[fires]
            if not active.size:
                break
            yield at, active, on
            # The new reference: the present brightness, or one threshold further without blind time.
            if self.refractory_us > 0:
                memory[active] = before[active] + slope[active] * (at - start)
            else:
                memory[active] += np.where(on, on_step[active], -off_step[active])
            blind_until[active] = at + self.refractory_us
            now = np.maximum(blind_until[active], at)
            still = now < end
            active, now = active[still], now[still]


def _time_to(change: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Return the time until a brightness of this slope has changed, infinite for a slope of 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(slope != 0, change / slope, np.inf)
