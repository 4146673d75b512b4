"""Weights or delays given for each synapse."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Listed:
    """Weights or delays of the synapses of an ``ExplicitList``.

    values: float64, one per synapse, in the order of the list (by target). counts: where many synapses
    share a value, each value is there once, and this is the number of its synapses.
    """

    values: np.ndarray
    counts: np.ndarray | None = None

    def expected(self) -> float:
        """Return the mean, 0 for an empty list."""
        return float(np.average(self.values, weights=self.counts)) if self.values.size else 0.0

    def bounds(self) -> tuple[float, float]:
        """Return the smallest and the largest value, 0 for an empty list."""
        if not self.values.size:
            return 0.0, 0.0
        return float(self.values.min()), float(self.values.max())
