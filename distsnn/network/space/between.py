"""Distances between the neurons of two populations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import NetworkError
from distsnn.kernels.draw.neighbours import N_AXES, PERIOD, pair_distances
from distsnn.network.space.placed import Placed

ROUNDING = 1e-9  # a distance this much longer than a limit, relative to it, is at the limit


@dataclass(frozen=True, eq=False)
class Between:
    """The space of a source and a target population.

    wraps: opposite sides are joined (a torus), so that the distance along an axis is at most half of
    the extent.
    """

    source: Placed
    target: Placed
    wraps: bool

    @property
    def first_axis(self) -> int:
        """The first of the three axes that is in use."""
        return N_AXES - self.source.n_dims

    @cached_property
    def periods(self) -> np.ndarray:
        """The period of each axis, float64 [3]; infinite where nothing wraps."""
        periods = np.full(N_AXES, np.inf)
        if self.wraps and self.source.extent is not None:
            periods[self.first_axis :] = self.source.extent
        return periods

    @cached_property
    def bounds(self) -> tuple[float, float]:
        """What no distance is below, and what none exceeds, from the boxes around the neurons."""
        low, high = (
            np.array([of(placed.axes, axis=1) for placed in (self.source, self.target)])
            for of in (np.min, np.max)
        )
        # Of two intervals: the gap between them, and the distance of their far ends.
        gap = np.maximum(0.0, np.maximum(low[0] - high[1], low[1] - high[0]))
        most = np.maximum(high[0] - low[1], high[1] - low[0])
        if self.wraps:
            # Around a torus no gap is certain, and half of a period is the most.
            gap, most = np.zeros(N_AXES), np.minimum(most, 0.5 * self.periods)
        return float(np.sqrt((gap**2).sum())), float(np.sqrt((most**2).sum()))

    def distances(self, start: int, counts: np.ndarray, sources: np.ndarray) -> np.ndarray:
        """Return the length of each of these synapses, float64.

        counts: int32, synapses onto each target from ``start`` on; sources: uint32, of each synapse.
        """
        found = np.empty(sources.size)
        frame = np.zeros((N_AXES, N_AXES))
        frame[PERIOD] = self.periods
        pair_distances(
            start,
            self.first_axis,
            counts,
            sources,
            self.source.axes,
            self.target.axes,
            frame,
            found,
        )
        return found


def between(subject: str, source: Placed | None, target: Placed | None, wraps: bool) -> Between:
    """Return the space of two populations; NetworkError where they have none in common."""
    if source is None or target is None:
        limit = "between populations with positions"
        got = "none at the " + ("source" if source is None else "target")
        remedy = "Give population() positions such as Grid2D(1.0)."
        raise NetworkError(f"{subject}: must be {limit}, got {got}. {remedy}")
    if source.n_dims != target.n_dims:
        limit = "between populations of as many dimensions"
        got = f"{source.n_dims} and {target.n_dims}"
        raise NetworkError(f"{subject}: must be {limit}, got {got}. Give both x, y and z.")
    if wraps and (source.extent is None or source.extent != target.extent):
        limit = "between populations of one extent to wrap around"
        remedy = "Give both the same, as in GivenPositions(points, extent=1.0)."
        raise NetworkError(must_be(subject, limit, (source.extent, target.extent), remedy))
    return Between(source, target, bool(wraps))
