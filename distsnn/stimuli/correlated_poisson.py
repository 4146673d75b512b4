"""Correlated Poisson spike trains, one per neuron.

    M ~ Poisson(m / c),   count of a neuron ~ Binomial(M, c),   m = rate dt

Every spike of a mother train of the rate r / c reaches each neuron with the probability c. Each train
is Poisson with the rate r; the counts of any two neurons in a step have the correlation c, those of
different steps none.

Source: the multiple interaction process of Kuhn, Aertsen & Rotter 2003, Neural Comput 15:67.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from distsnn.checks import must_be, number
from distsnn.errors import NetworkError
from distsnn.neurons.model import NeuronModel
from distsnn.stimuli.checks import float32, require_weight, require_window
from distsnn.stimuli.course import window
from distsnn.stimuli.input import Input
from distsnn.stimuli.poisson import MAX_PER_STEP, poisson_thresholds

THING = "CorrelatedPoisson"


@dataclass(frozen=True)
class CorrelatedPoisson(Input):
    """Trains at ``rate_hz`` whose counts have the pairwise correlation ``correlation``, above 0 to 1.

    All neurons that one such input drives are correlated with each other; those of two inputs are
    independent. weight, receptor, start_ms, stop_ms: as of ``Poisson``. Raises NetworkError.
    """

    has_receptor: ClassVar[bool] = True
    update_ns: ClassVar[float] = 1.5
    parameter_units: ClassVar[dict[str, str]] = {
        "weight": "(unit of the receptor)", "correlation": "1",
    }  # fmt: skip

    rate_hz: float
    correlation: float
    weight: float
    receptor: str | int | None = None
    start_ms: float = 0.0
    stop_ms: float = math.inf

    def __post_init__(self) -> None:
        number(f"{THING}: rate_hz", self.rate_hz, 0.0)
        remedy = "Poisson has none."
        number(f"{THING}: correlation", self.correlation, above=0.0, high=1.0, remedy=remedy)
        float32(f"{THING}: weight", self.weight)
        require_window(THING, self.start_ms, self.stop_ms)

    @property
    def is_plain(self) -> bool:
        """Return False: one table does not say all."""
        return False

    def receptor_and_weight(self) -> tuple[str | int | None, float]:
        """Return the receptor, None for the one by the weight's sign, and the weight."""
        return self.receptor, self.weight

    def require_fit(
        self, thing: str, model: NeuronModel, others: Sequence[Input], dt_ms: float
    ) -> None:
        """Raise NetworkError unless the mother's counts come from a table and sums are float32."""
        # The mother train has the rate r / c.
        mean = self.mean_per_step(dt_ms) / self.correlation
        if mean > MAX_PER_STEP:
            limit = f"such that rate / correlation is at most {MAX_PER_STEP:g} spikes per step"
            remedy = "Lower the rate, or raise the correlation."
            raise NetworkError(must_be(f"{thing}: rate_hz", limit, self.rate_hz, remedy))
        window(thing, self.start_ms, self.stop_ms, dt_ms)
        require_weight(thing, self.weight, model, max(1, poisson_thresholds(mean).size))

    def mean_per_step(self, dt_ms: float) -> float:
        """Return the mean number of spikes per neuron and step."""
        return self.rate_hz * dt_ms * 1e-3

    def first_and_end(self, dt_ms: float) -> tuple[int, int]:
        """Return the first step with spikes and the step after the last."""
        return window(THING, self.start_ms, self.stop_ms, dt_ms)

    def mother(self, dt_ms: float) -> tuple[float, np.ndarray]:
        """Return the share of its spikes that each neuron gets, and its table of thresholds."""
        # A spike of the mother reaches a neuron with probability c: its rate is c (r / c) = r.
        return self.correlation, poisson_thresholds(self.mean_per_step(dt_ms) / self.correlation)
