"""Weights or delays given for each synapse of an explicit list."""

from __future__ import annotations

import numpy as np


class Listed:
    """Weights or delays of synapses that are given one by one.

    values: float64, one per synapse, in the order of the list (by target). column: of a file, which
    alone has all values; ``values`` are then the different ones, ascending.
    """

    column = ""

    def __init__(self, values: np.ndarray) -> None:
        self._values = values

    @property
    def values(self) -> np.ndarray:
        """The values, float64."""
        return self._values

    def repeated(self) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the values, and how many synapses have each of them; None for one each."""
        return self._values, None

    def expected(self) -> float:
        """Return the mean, 0 for an empty list."""
        return float(self._values.mean()) if self._values.size else 0.0

    def bounds(self) -> tuple[float, float]:
        """Return the smallest and the largest value, 0 for an empty list."""
        if not self._values.size:
            return 0.0, 0.0
        return float(self._values.min()), float(self._values.max())


class SharedValues(Listed):
    """Weights of which each serves several synapses, as those of a kernel do.

    values: the different ones, float64. counts: number of synapses with each, int64.
    """

    def __init__(self, values: np.ndarray, counts: np.ndarray) -> None:
        super().__init__(values)
        self.counts = counts

    def repeated(self) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the values, and how many synapses have each of them."""
        return self.values, self.counts

    def expected(self) -> float:
        """Return the mean over the synapses, 0 without any."""
        return float(np.average(self.values, weights=self.counts)) if self.values.size else 0.0
