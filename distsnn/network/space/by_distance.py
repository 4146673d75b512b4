"""Weights and delays that follow from the distance of source and target."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from distsnn.checks import MAX_FLOAT32, flag, must_be, number
from distsnn.errors import NetworkError
from distsnn.network.space.between import Between
from distsnn.network.space.profiles import OwnProfile, as_profile

N_SAMPLES = 4097  # distances at which the range of the values is found


@dataclass(frozen=True)
class ByDistance:
    """base + per d + scale profile(d) for a synapse between neurons at distance d.

    In ms as a delay, in the receptor's unit as a weight. per: for each unit of length of the positions.
    profile: such as Gaussian, or a function of an array of distances; scale: its factor, 1 unless
    given. wrap: distances around the edges of the extent; None for those of the rule ``Distance``, else
    without.
    """

    base: float = 0.0
    per: float = 0.0
    profile: Any = None
    scale: float | None = None
    wrap: bool | None = None

    def __post_init__(self) -> None:
        for name in ("base", "per"):
            number(f"ByDistance.{name}", getattr(self, name), -MAX_FLOAT32, MAX_FLOAT32)
        if self.profile is not None:
            profile = as_profile("ByDistance.profile", self.profile)
            object.__setattr__(self, "profile", profile)
        if self.scale is not None:
            number("ByDistance.scale", self.scale, -MAX_FLOAT32, MAX_FLOAT32)
            if self.profile is None:
                limit, remedy = "left out without a profile", "Give base, or a profile."
                raise NetworkError(must_be("ByDistance.scale", limit, self.scale, remedy))
        if self.wrap is not None:
            flag("ByDistance.wrap", self.wrap)

    def at(self, distances: np.ndarray) -> np.ndarray:
        """Return the values at distances, float64 of their shape."""
        # base + per d + scale profile(d)
        values = self.base + self.per * distances
        if self.profile is not None:
            factor = 1.0 if self.scale is None else self.scale
            values = values + factor * self.profile.at(distances)
        return values


@dataclass(frozen=True, eq=False)
class PairValues:
    """Values that depend on the pair of neurons: by their distance, up to ``farthest``."""

    by: ByDistance
    between: Between
    farthest: float

    def __post_init__(self) -> None:
        if isinstance(self.by.profile, OwnProfile):
            self.by.profile.require_elementwise(self.farthest)

    @cached_property
    def samples(self) -> np.ndarray:
        """Values at distances that are evenly spaced from the least to the greatest, float64."""
        # Evenly spaced distances; between two of them an extremum may be missed, see ``of``.
        nearest = min(self.between.bounds[0], self.farthest)
        return self.by.at(np.linspace(nearest, self.farthest, N_SAMPLES))

    def expected(self) -> float:
        """Return the mean over distances."""
        return float(self.samples.mean())

    def bounds(self) -> tuple[float, float]:
        """Return the least and the greatest value that can occur."""
        return float(self.samples.min()), float(self.samples.max())

    def of(self, start: int, counts: np.ndarray, sources: np.ndarray) -> np.ndarray:
        """Return the value of each of these synapses, float64, within the bounds.

        counts: int32, synapses onto each target from ``start`` on; sources: uint32, of each synapse.
        """
        # Clipping takes away what rounding, or an extremum between two samples, is beyond the bounds.
        distances = self.between.distances(start, counts, sources)
        return np.clip(self.by.at(np.minimum(distances, self.farthest)), *self.bounds())
