"""The plastic synapses of one projection on one rank: what the rank asks of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, TypeVar, cast

import numpy as np

from distsnn.core.plastic.context import ProjectionContext
from distsnn.core.plastic.rows import PlasticRows, RowBuilder
from distsnn.core.plastic.walker import RowWalker
from distsnn.plasticity.rule import PlasticityRule

AnyRule = TypeVar("AnyRule", bound=PlasticityRule)


class PlasticPart(ABC, Generic[AnyRule]):
    """Base of the parts, one class for each family of rules.

    A part builds its ``rows``, makes the ``walker`` that delivers them, and overrides what its family
    needs: without ``learn`` weights do not change. rule_type: the class from which the family's rules
    derive; by it ``families.py`` finds the part.
    """

    rule_type: ClassVar[type[PlasticityRule]]
    rows: PlasticRows
    walker: RowWalker

    def __init__(self, context: ProjectionContext) -> None:
        self.context, self.projection = context, context.projection
        self.rule = cast(AnyRule, context.projection.plasticity)
        builder = RowBuilder(context)
        self.prepare(builder)
        self.rows = builder.build(self.initial_columns)

    def prepare(self, builder: RowBuilder) -> None:
        """Make what ``initial_columns`` needs; nothing by default."""

    @abstractmethod
    def initial_columns(self, start: int, counts: np.ndarray) -> dict[str, np.ndarray]:
        """Return the variables of the synapses onto consecutive targets, float32 by name.

        start: the first target, an index in its population. counts: synapses onto each target.
        "weights" is one of the variables.
        """

    def bind(self, own_axons: np.ndarray, received: np.ndarray, spikes: np.ndarray) -> None:
        """Fix the arrays that hold a step's axons and packets, and the slots that spike."""
        self.walker.bind(own_axons, received)

    def deliver(self, t: int, batch_start: int, n_own: int, n_received: int) -> None:
        """Treat all rows due at step ``t`` and add their weights to the rings."""
        self.walker.deliver(t, batch_start, n_own, n_received)

    def learn(self, t: int, n_spikes: int, reward: float) -> None:
        """Take the postsynaptic spikes of step ``t`` and the reward at its end (0 if there is none)."""

    def catch_up(self, t: int) -> None:
        """Bring all weights up to the end of step ``t``, so that they can be read."""

    def reset(self) -> None:
        """Go back to step 0 with what is kept outside the rows."""

    @abstractmethod
    def weights_at(self, positions: np.ndarray) -> np.ndarray:
        """Return the weights at these indices of the rows, float64, in the receptor's unit."""

    @property
    def n_bytes(self) -> int:
        """Memory of the rows and of what is kept outside them."""
        return self.rows.n_bytes


AnyPart = PlasticPart[Any]
