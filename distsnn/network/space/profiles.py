"""Profiles: functions of the distance, for probabilities, weights and delays.

A user's own is a function of a numpy array of distances, or a table. All lengths are in the unit of
the positions.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from distsnn.checks import MAX_FLOAT32, array, must_be, number
from distsnn.errors import NetworkError
from distsnn.network.space.between import ROUNDING
from distsnn.network.space.placed import MAX_LENGTH, MIN_LENGTH

MIN_SHARE = 2.0**-24  # of the peak; what is less is beyond the reach of a profile
LENGTH_REMEDY = "Give it in the unit of the positions."
PROBES = 64  # distances at which an own function is tried


class Profile(Protocol):
    """A function of the distance."""

    @property
    def reach(self) -> float:
        """The distance beyond which the profile is 0, or less than a share of 2^-24 of its peak."""

    def at(self, distances: np.ndarray) -> np.ndarray:
        """Return the profile at distances (float64 [n]), float64 of their shape."""


@dataclass(frozen=True)
class Gaussian:
    """peak exp(-d^2 / (2 sd^2)) at distance d."""

    sd: float
    peak: float = 1.0

    def __post_init__(self) -> None:
        _check("Gaussian", "sd", self.sd, self.peak)

    @property
    def reach(self) -> float:
        """The distance at which 2^-24 of the peak is left."""
        # exp(-d^2 / (2 sd^2)) = MIN_SHARE
        return self.sd * math.sqrt(-2.0 * math.log(MIN_SHARE))

    def at(self, distances: np.ndarray) -> np.ndarray:
        """Return the profile at distances, float64 of their shape."""
        # p = peak exp(-d^2 / (2 sd^2))
        return self.peak * np.exp(-0.5 * (distances / self.sd) ** 2)


@dataclass(frozen=True)
class Exponential:
    """peak exp(-d / length) at distance d."""

    length: float
    peak: float = 1.0

    def __post_init__(self) -> None:
        _check("Exponential", "length", self.length, self.peak)

    @property
    def reach(self) -> float:
        """The distance at which 2^-24 of the peak is left."""
        # exp(-d / length) = MIN_SHARE
        return -self.length * math.log(MIN_SHARE)

    def at(self, distances: np.ndarray) -> np.ndarray:
        """Return the profile at distances, float64 of their shape."""
        # p = peak exp(-d / length)
        return self.peak * np.exp(-distances / self.length)


@dataclass(frozen=True)
class Disc:
    """The same, ``peak``, up to a radius, which is included, and 0 beyond."""

    radius: float
    peak: float = 1.0

    def __post_init__(self) -> None:
        _check("Disc", "radius", self.radius, self.peak)

    @property
    def reach(self) -> float:
        """The radius."""
        return float(self.radius)

    def at(self, distances: np.ndarray) -> np.ndarray:
        """Return the profile at distances, float64 of their shape."""
        # p = peak up to the radius, which rounding may exceed
        return np.where(distances <= self.radius * (1.0 + ROUNDING), self.peak, 0.0)


@dataclass(frozen=True, eq=False)
class SampledProfile:
    """Values at given distances: linear in between, the first one below, 0 beyond the last one.

    distances: ascending.
    """

    distances: Any
    values: Any

    def __post_init__(self) -> None:
        name = "SampledProfile"
        distances = array(f"{name}.distances", self.distances, "f", low=0.0, high=MAX_LENGTH)
        values = array(f"{name}.values", self.values, "f", low=-MAX_FLOAT32, high=MAX_FLOAT32)
        if not distances.size or (np.diff(distances) <= 0).any() or distances[-1] < MIN_LENGTH:
            limit = "at least one, in ascending order"
            raise NetworkError(must_be(f"{name}.distances", limit, self.distances, "Sort them."))
        if values.size != distances.size:
            limit, remedy = f"{distances.size}, one for each distance", "Change one."
            raise NetworkError(must_be(f"{name}.values", limit, self.values, remedy))
        object.__setattr__(self, "distances", distances)
        object.__setattr__(self, "values", values)

    @property
    def reach(self) -> float:
        """The last distance."""
        return float(self.distances[-1])

    def at(self, distances: np.ndarray) -> np.ndarray:
        """Return the profile at distances, float64 of their shape."""
        inside = np.interp(distances, self.distances, self.values)
        # linear between samples, nothing beyond the last
        return np.where(distances <= self.reach * (1.0 + ROUNDING), inside, 0.0)


@dataclass(frozen=True, eq=False)
class OwnProfile:
    """A user's function of distances; subject: what messages call it."""

    subject: str
    function: Callable[[np.ndarray], Any]

    @property
    def reach(self) -> float:
        """Not known."""
        return math.inf

    def at(self, distances: np.ndarray) -> np.ndarray:
        """Return the profile at distances, float64 of their shape; NetworkError for other results."""
        limit = "a function that gives a finite number for each distance of an array"
        try:
            values = self.function(distances)
            found = np.asarray(values)
        except (TypeError, ValueError) as error:  # what functions of single numbers raise
            remedy = f"Write it with numpy functions ({type(error).__name__}: {error})."
            raise NetworkError(must_be(self.subject, limit, self.function, remedy)) from error
        is_right = found.shape == distances.shape and found.dtype.kind in "iufb"
        if not is_right or not np.isfinite(found).all():
            remedy = "Write it with numpy functions."
            raise NetworkError(must_be(self.subject, limit, values, remedy))
        return found.astype(np.float64)

    def require_elementwise(self, farthest: float) -> None:
        """Raise NetworkError where a value depends on which others are asked for with it."""
        distances = np.linspace(0.0, farthest, PROBES)
        together, apart = (
            self.at(distances),
            [self.at(distances[k : k + 1])[0] for k in range(PROBES)],
        )
        if not np.allclose(together, apart, rtol=1e-9, atol=0.0):
            limit = "a function of each distance alone"
            remedy = "Use no sum or maximum over the array."
            raise NetworkError(must_be(self.subject, limit, self.function, remedy))


def as_profile(subject: str, value: Any) -> Profile:
    """Return a profile for a profile or for a user's function."""
    if isinstance(value, Gaussian | Exponential | Disc | SampledProfile | OwnProfile):
        return value
    if isinstance(value, type) or not callable(value):
        limit = "a profile such as Gaussian(0.1), or a function of an array of distances"
        raise NetworkError(must_be(subject, limit, value, "Give one."))
    return OwnProfile(subject, value)


def _check(name: str, length_name: str, length: Any, peak: Any) -> None:
    number(f"{name}.{length_name}", length, MIN_LENGTH, MAX_LENGTH, remedy=LENGTH_REMEDY)
    number(f"{name}.peak", peak, -MAX_FLOAT32, MAX_FLOAT32)
