"""Lines that report the progress of a training and the remaining time."""

from __future__ import annotations

import math
from collections.abc import Callable
from time import perf_counter

from distsnn.convnet.settings import ConvSettings, SvmSettings

SECONDS_PER_LINE = 2.0
SECONDS_PER_PIECE = 5.0
LOOKED_BACK = 6  # values of C


def images_left(curve: list[tuple[int, float]], settings: ConvSettings) -> tuple[int, bool]:
    """Return the number of images left to learn from, and whether it is predicted by C.

    curve: (images shown, C). Once C falls, it falls by about the same factor for each image, so that it
    reaches stop_c after log(C / stop_c) / log(factor) images. Until then only max_images is known.
    """
    n, c = curve[-1]
    most = max(0, settings.max_images - n)
    # A recent value of C that is larger than the present one, the oldest of the last few.
    before = next(((m, d) for m, d in curve[-LOOKED_BACK:] if d > c > 0.0), None)
    if before is None or settings.stop_c <= 0.0:
        return most, False
    # C falls as exp(-per_image * n).
    per_image = math.log(before[1] / c) / (n - before[0])
    # n = log(C / stop_c) / per_image
    return min(most, math.ceil(math.log(max(1.0, c / settings.stop_c)) / per_image)), True


class Clock:
    """Seconds since it was made, and whether a line is due."""

    def __init__(self) -> None:
        self._began = self._last = perf_counter()
        self.passed_s = 0.0

    def is_due(self, is_last: bool) -> bool:
        """Return whether to print a line now; the last one of a task always is."""
        now = perf_counter()
        self.passed_s = now - self._began
        if not is_last and now - self._last < SECONDS_PER_LINE:
            return False
        self._last = now
        return True


class Progress:
    """Prints lines about a training on one rank; none if is_silent."""

    def __init__(self, is_silent: bool = False) -> None:
        self.is_silent = is_silent
        self._kept = perf_counter()

    def line(self, text: str) -> None:
        """Print a line."""
        if not self.is_silent:
            print(text, flush=True)

    def is_time_to_keep(self) -> bool:
        """Return True every few seconds: then the state of the layer that learns is written to disk."""
        now = perf_counter()
        if now - self._kept < SECONDS_PER_PIECE:
            return False
        self._kept = now
        return True

    def learning(self, name: str, settings: ConvSettings) -> Callable[[int, float], None]:
        """Return the function to call with (images shown, C) while a layer learns."""
        clock = Clock()
        curve: list[tuple[int, float]] = []

        def report(n: int, c: float) -> None:
            curve.append((n, c))
            is_last = c < settings.stop_c or n >= settings.max_images
            if not clock.is_due(is_last):
                return
            if is_last:
                self.line(f"{name}: learned from {n} images, C {c:.4f}, {clock.passed_s:.1f} s")
                return
            # Seconds per image of this run; images of an earlier run are not in its time.
            per_image = clock.passed_s / max(1, n - curve[0][0] + settings.check_every)
            more, is_known = images_left(curve, settings)
            left = f"{'about' if is_known else 'at most'} {more * per_image:.0f} s left"
            self.line(f"{name}: {n} images, C {c:.4f} (until {settings.stop_c:g}), {left}")

        return report

    def counted(self, task: str) -> Callable[[int, int], None]:
        """Return the function to call with (images done, all)."""
        clock = Clock()

        def report(n: int, total: int) -> None:
            if n >= total and clock.is_due(True):
                self.line(f"{task}: {total} images, {clock.passed_s:.1f} s")
            elif clock.is_due(False):
                # Time per image so far, times the images that are left.
                left_s = clock.passed_s / max(1, n) * (total - n)
                self.line(f"{task}: {n} of {total} images ({n / total:.0%}), {left_s:.0f} s left")

        return report

    def fitting(self, name: str, settings: SvmSettings) -> Callable[[int, float], None]:
        """Return the function to call with (epoch, largest violation) while a classifier is fitted."""
        clock = Clock()

        def report(n: int, violation: float) -> None:
            is_last = violation < settings.tolerance
            if clock.is_due(is_last):
                goal = "" if is_last else f" (until {settings.tolerance:g})"
                text = f"classifier {name}: epoch {n}, violation {violation:.3f}{goal}"
                self.line(f"{text}, {clock.passed_s:.1f} s")

        return report
