"""Where the neurons of a population are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from distsnn.kernels.draw.neighbours import N_AXES

MIN_LENGTH, MAX_LENGTH = 1e-12, 1e12  # in any unit; squares are exact far enough in float64


@dataclass(frozen=True, eq=False)
class Placed:
    """Positions of the neurons of one population, in any unit of length.

    coordinates: float64 [neurons, 1 to 3], read only. extent: the sides of the box that begins at 0
    and holds them; None where it is not known.
    """

    coordinates: np.ndarray
    extent: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        self.coordinates.setflags(write=False)

    @property
    def n_dims(self) -> int:
        """The number of dimensions, 1 to 3."""
        return int(self.coordinates.shape[1])

    @cached_property
    def axes(self) -> np.ndarray:
        """The coordinates as kernels read them: float64 [3, neurons], unused axes first and 0."""
        # A line uses the last axis, a plane the last two.
        axes = np.zeros((N_AXES, self.coordinates.shape[0]))
        axes[N_AXES - self.n_dims :] = self.coordinates.T
        return axes

    def chosen(self, index: np.ndarray) -> Placed:
        """Return the positions of some of the neurons, by their indices."""
        return Placed(np.ascontiguousarray(self.coordinates[index]), self.extent)
