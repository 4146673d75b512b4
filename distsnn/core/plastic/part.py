"""The interface of what implements a family of learning rules on one rank."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, TypeVar, cast

import numpy as np

from distsnn.core.plastic.context import ProjectionContext
from distsnn.core.plastic.rows import PlasticRows, RowBuilder
from distsnn.core.plastic.walker import RowWalker
from distsnn.errors import UsageError
from distsnn.plasticity.rule import PlasticityRule

AnyRule = TypeVar("AnyRule", bound=PlasticityRule)


class PlasticPart(ABC, Generic[AnyRule]):
    """The plastic synapses of one projection on one rank; one subclass per family of rules.

    The constructor builds ``rows``. A subclass creates the ``walker`` that delivers them and overrides
    the methods that its family needs; by default, ``learn`` changes no weights. rule_type: the base
    class of the family's rules, by which ``families.py`` finds the part.
    """

    rule_type: ClassVar[type[PlasticityRule]]
    rows: PlasticRows
    walker: RowWalker

    def __init__(self, context: ProjectionContext) -> None:
        self.context, self.projection = context, context.projection
        self.rule = cast(AnyRule, context.projection.plasticity)
        # A subclass may allocate what ``initial_columns`` needs before the rows are built.
        builder = RowBuilder(context)
        self.prepare(builder)
        self.rows = builder.build(self.initial_columns)

    def prepare(self, builder: RowBuilder) -> None:
        """Allocate what ``initial_columns`` needs; by default, nothing."""

    @abstractmethod
    def initial_columns(self, start: int, counts: np.ndarray) -> dict[str, np.ndarray]:
        """Return the variables of the synapses onto consecutive targets by name, float32 [synapses].

        start: index of the first target in its population. counts: number of synapses onto each
        target. "weights" is always one of the variables.
        """

    def bind(self, own_axons: np.ndarray, received: np.ndarray, spikes: np.ndarray) -> None:
        """Bind the kernels to the arrays of a step's axons, packets and spiking slots."""
        self.walker.bind(own_axons, received)

    def deliver(self, t: int, batch_start: int, n_own: int, n_received: int) -> None:
        """Add the weights of all segments that are due at step ``t`` to the rings."""
        self.walker.deliver(t, batch_start, n_own, n_received)

    def learn(self, t: int, n_spikes: int, reward: float) -> None:
        """Take note of the postsynaptic spikes of step ``t`` and of the reward at its end (0: none)."""

    def catch_up(self, t: int) -> None:
        """Bring all weights up to date with the end of step ``t``, so that they can be read."""

    def reset(self) -> None:
        """Reset the state outside the rows to that of step 0."""

    @abstractmethod
    def weights_at(self, positions: np.ndarray) -> np.ndarray:
        """Return the weights at ``positions`` in the words, float64, in the receptor's unit."""

    def set_weights_at(self, positions: np.ndarray, weights: np.ndarray) -> None:
        """Set the weights at ``positions`` in the words; float64, within the rule's bounds.

        Raises UsageError unless the family overrides it.
        """
        limit, got = "of a family whose weights can be set", type(self.rule).__name__
        raise UsageError(f"{self.projection.name}: rule must be {limit}, got {got}. Leave them.")

    def set_learning(self, is_on: bool) -> None:
        """Let weights change from the next step on, or keep them; traces go on either way."""

    @property
    def n_bytes(self) -> int:
        """Memory of the rows and of the state outside them, in bytes."""
        return self.rows.n_bytes


AnyPart = PlasticPart[Any]
