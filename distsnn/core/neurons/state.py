"""State arrays of the neurons of one rank and one bound kernel per model."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from distsnn.core.delivery.layout import RingLayout
from distsnn.core.inputs.inputs import NeuronInputs
from distsnn.core.neurons.aligned import aligned_zeros
from distsnn.core.neurons.binding import bind_models
from distsnn.core.neurons.initial import initial_values
from distsnn.core.neurons.slices import Slices
from distsnn.core.neurons.slow_decay import SlowDecays
from distsnn.mapping.plan import Slice
from distsnn.network import Network, Population
from distsnn.network.weights.quanta import Quanta


class NeuronState:
    """State of all neuron slots of a rank.

    rows: float32 [state variables, slots]; a model views row k as its k-th state variable, in that
    variable's dtype. spiked: uint8 [slots], 1 if the neuron spiked in this step. inputs: from outside,
    with current, float32 [slots], in pA. advance: one call (step) per model. adjustable: see
    ``NeuronInputs``.
    """

    def __init__(
        self,
        network: Network,
        cores: Sequence[Sequence[Slice]],
        layout: RingLayout,
        quanta: Quanta,
        ring: np.ndarray,
        *,
        adjustable: bool = False,
    ) -> None:
        self.network = network
        self.layout = layout
        self.ring = ring
        self.quanta = quanta
        self.slices = Slices(network, cores, layout)
        models = [population.model for population in network.populations]
        n_rows = max((len(model.states) for model in models), default=0)
        self.rows = aligned_zeros((max(1, n_rows), self.n_flat), np.float32)
        self.spiked = aligned_zeros(self.n_flat, np.uint8)
        self.inputs = NeuronInputs(network, self.slices, adjustable=adjustable)
        self.current = self.inputs.current
        self._set_initial()
        self.slow = SlowDecays(models, network.dt_ms)
        self.advance: list[Callable[[int], int]] = bind_models(self)

    def _set_initial(self) -> None:
        for piece, _, start in self.slices:
            population = self.network.populations[piece.population]
            for name in population.model.states:
                chosen = initial_values(self.network, population, name, piece)
                self.values(population, name)[start : start + piece.size] = chosen

    @property
    def n_flat(self) -> int:
        """Number of slots of the rank."""
        return self.slices.n_flat

    def values(self, population: Population, name: str) -> np.ndarray:
        """Return the array of a state variable over all slots, in the variable's dtype."""
        names = list(population.model.states)
        row: np.ndarray = self.rows[names.index(name)].view(population.model.states[name])
        return row

    def flat_of(self, population: int, start: int, stop: int) -> np.ndarray:
        """Return the slots, int64, of the neurons start .. stop - 1 of a population on this rank."""
        return self.slices.flat_of(population, start, stop)

    def flat_of_gid(self, gids: np.ndarray) -> np.ndarray:
        """Return the slots, int64 [gids], of neurons of this rank by gid."""
        return self.slices.flat_of_gid(gids)
