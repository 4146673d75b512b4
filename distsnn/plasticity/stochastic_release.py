"""Synapses that fail at random.

    delivered = w with the probability p, else 0

independently for each synapse and spike. Weights stay. What passes follows from the network's seed
alone, also in trials with another noise seed.

Source: del Castillo & Katz 1954, J Physiol 124:560 (release at random); the rule is that of NEST's
bernoulli_synapse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from distsnn.checks import number
from distsnn.kernels.plastic.release import release_kernels
from distsnn.parameters import Drawn
from distsnn.plasticity.rule import PlasticityRule


@dataclass(frozen=True)
class StochasticRelease(PlasticityRule):
    """probability: of release, 0 to 1; a number, or a distribution with a value for each synapse."""

    probability: float | Drawn = 0.5

    parameter_units: ClassVar[dict[str, str]] = {"probability": "1"}
    kernel_names: ClassVar[tuple[str, ...]] = ("deliver",)

    def __post_init__(self) -> None:
        value: Any = self.probability
        is_drawn = isinstance(value, Drawn) and not isinstance(value, type)
        # A distribution must be within the limits as a whole.
        for bound in value.bounds() if is_drawn else (value,):
            remedy = "Give low and high to a distribution."
            number("StochasticRelease.probability", bound, 0.0, 1.0, remedy=remedy)

    @property
    def rested_share(self) -> float:
        """The part of its weight that a synapse delivers in the mean."""
        value = self.probability
        return value.expected() if isinstance(value, Drawn) else float(value)


deliver = release_kernels(__name__)
