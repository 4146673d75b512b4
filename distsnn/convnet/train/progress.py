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
        began = last = perf_counter()
        curve: list[tuple[int, float]] = []

        def report(n: int, c: float) -> None:
            nonlocal last
            curve.append((n, c))
            now = perf_counter()
            is_last = c < settings.stop_c or n >= settings.max_images
            if is_last:
                self.line(f"{name}: learned from {n} images, C {c:.4f}, {now - began:.1f} s")
            elif now - last >= SECONDS_PER_LINE:
                last = now
                # Seconds per image of this run; images of an earlier run are not in its time.
                per_image = (now - began) / max(1, n - curve[0][0] + settings.check_every)
                more, is_known = images_left(curve, settings)
                left = f"{'about' if is_known else 'at most'} {more * per_image:.0f} s left"
                self.line(f"{name}: {n} images, C {c:.4f} (until {settings.stop_c:g}), {left}")

        return report

    def counted(self, task: str) -> Callable[[int, int], None]:
        """Return the function to call with (images done, all)."""
        began = last = perf_counter()
        first = 0

        def report(n: int, total: int) -> None:
            nonlocal last, first
            now = perf_counter()
            if n >= total:
                self.line(f"{task}: {total} images, {now - began:.1f} s")
            elif now - last >= SECONDS_PER_LINE:
                # Time per image so far, times the images that are left.
                left = (now - began) / max(1, n - first) * (total - n)
                self.line(f"{task}: {n} of {total} images ({n / total:.0%}), {left:.0f} s left")
                last = now

        return report

    def fitting(self, name: str, settings: SvmSettings) -> Callable[[int, float], None]:
        """Return the function to call with (epoch, largest violation) while a classifier is fitted."""
        began = last = perf_counter()

        def report(n: int, violation: float) -> None:
            nonlocal last
            now = perf_counter()
            is_last = violation < settings.tolerance
            if is_last or now - last >= SECONDS_PER_LINE:
                last = now
                goal = "" if is_last else f" (until {settings.tolerance:g})"
                text = f"classifier {name}: epoch {n}, violation {violation:.3f}{goal}"
                self.line(f"{text}, {now - began:.1f} s")

        return report
