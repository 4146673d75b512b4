"""Weights or delays given for each synapse of an explicit list."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Listed:
    """Weights or delays of the synapses of an ``ExplicitList``.

    values: float64, one per synapse, in the order of the list (by target).
    """

    values: np.ndarray

    def expected(self) -> float:
        """Return the mean, 0 for an empty list."""
        return float(self.values.mean()) if self.values.size else 0.0

    def bounds(self) -> tuple[float, float]:
        """Return the smallest and the largest value, 0 for an empty list."""
        if not self.values.size:
            return 0.0, 0.0
        return float(self.values.min()), float(self.values.max())
