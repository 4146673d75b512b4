"""The state arrays of one rank's neurons, and the bound kernels that advance them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from distsnn.core.delivery.layout import RingLayout
from distsnn.core.inputs.inputs import NeuronInputs
from distsnn.core.neurons.aligned import aligned_zeros
from distsnn.core.neurons.binding import BoundConstants, bind_models
from distsnn.core.neurons.initial import initial_values
from distsnn.core.neurons.parameters import NeuronParameters
from distsnn.core.neurons.slices import Slices
from distsnn.core.neurons.slow_decay import SlowDecays
from distsnn.kernels.neuron.driver import ModelKernel
from distsnn.mapping.plan import Slice
from distsnn.network import Network, Population
from distsnn.network.neuron_parameters import varying_constants
from distsnn.network.weights.quanta import Quanta
from distsnn.neurons.model import kernel_of_model


class NeuronState:
    """State of the neurons in all slots of a rank.

    rows: float32 [state variables, slots]; a model views row k as its k-th state variable, in that
    variable's dtype. spiked: uint8 [slots], 1 if the neuron spiked in the current step. inputs: from
    outside, with current, float32 [slots], in pA. parameters: those that differ between neurons.
    varying: by population, the positions of the constants of a step that differ between its neurons.
    advance: bound kernels that take the step, see ``bind_models``. adjustable: see ``NeuronInputs``.
    noise_seed: of the noise of models, the network's unless ``rekey`` changes it.
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
        self.noise_seed = network.seed
        self.layout = layout
        self.ring = ring
        self.quanta = quanta
        self.slices = Slices(network, cores, layout)
        # As many rows as the model with the most variables needs.
        models = [population.model for population in network.populations]
        n_rows = max((len(model.states) for model in models), default=0)
        self.rows = aligned_zeros((max(1, n_rows), self.n_flat), np.float32)
        self.spiked = aligned_zeros(self.n_flat, np.uint8)
        self.inputs = NeuronInputs(network, self.slices, adjustable=adjustable)
        self.current = self.inputs.current
        self.parameters = NeuronParameters(network, self.slices)
        self._set_initial()
        self.varying = {p.index: self._varying(p) for p in network.populations}
        self.bind_models()

    def _varying(self, population: Population) -> tuple[int, ...]:
        parameters = self.parameters
        model = parameters.typical[population.index]
        return varying_constants(model, parameters.described(population), self.network.dt_ms)

    def bind_models(self) -> None:
        """Bind the kernels of all models to their constants of now."""
        models = list(self.parameters.typical.values())
        self.slow = SlowDecays(models, self.network.dt_ms)
        self.bound_constants: list[BoundConstants] = []
        self.inputs.forget_tables()
        self.advance: list[Callable[[int], int]] = bind_models(self)
        if self.noise_seed != self.network.seed:
            self.inputs.rekey(self.noise_seed)

    def adjust_inputs(self) -> None:
        """Let rates of Poisson input be set from now on; the spikes are the same either way."""
        self.replace_inputs(adjustable=True)

    def replace_inputs(self, changed: int | None = None, *, adjustable: bool | None = None) -> None:
        """Build the inputs again from the network; changed: the index of a stimulus that is another.

        adjustable: see ``NeuronInputs``; None for what they are.
        """
        before = self.inputs
        is_adjustable = before.adjustable if adjustable is None else adjustable
        self.inputs = NeuronInputs(self.network, self.slices, adjustable=is_adjustable)
        # What depends on earlier steps, and what was set since, is carried over.
        for name, values in before.states().items():
            if name in self.inputs.states() and values.size == self.inputs.states()[name].size:
                np.copyto(self.inputs.states()[name], values)
        self.inputs.take_values_of(before, changed)
        self.current = self.inputs.current
        self.bind_models()

    def rekey(self, noise_seed: int) -> None:
        """Draw all noise of neurons and stimuli with another seed from the next step on."""
        self.noise_seed = noise_seed
        self.inputs.rekey(noise_seed)
        self.bind_models()

    def refill(self, population: Population) -> bool:
        """Compute the constants of a population again; return whether the bound kernels read them."""
        if self.slow.is_needed([self.parameters.typical[population.index]]):
            return False
        return all([bound.refill(self, population) for bound in self.bound_constants])

    def kernel_after_change(self, population: Population) -> ModelKernel:
        """Return the kernel for a population after its parameters changed; ``bind_models`` follows."""
        self.varying[population.index] = self._varying(population)
        return kernel_of_model(population.model).per_neuron(self.varying[population.index])

    def _set_initial(self) -> None:
        # Slice by slice, since the variable in a row depends on the model of the slot.
        for piece, _, start in self.slices:
            population = self.network.populations[piece.population]
            for name in population.model.states:
                initial = initial_values(
                    self.network, population, name, piece, start, self.parameters
                )
                self.values(population, name)[start : start + piece.size] = initial

    @property
    def n_flat(self) -> int:
        """Number of slots of the rank."""
        return self.slices.n_flat

    def values(self, population: Population, name: str) -> np.ndarray:
        """Return the array of a state variable over all slots, in the variable's dtype."""
        names = list(population.model.states)
        row: np.ndarray = self.rows[names.index(name)].view(population.model.states[name])
        return row

    def offset(self, population: Population, name: str, slots: np.ndarray) -> float | np.ndarray:
        """Return what a variable of these slots is kept relative to: float32, or one for all."""
        parameters = self.parameters
        if not parameters.names(population):
            return float(parameters.typical[population.index].offsets.get(name, 0.0))
        # float32, like the sum of a variable and one offset for all
        offsets = np.zeros(self.n_flat, dtype=np.float32)
        for piece, _, start in self.slices:
            if piece.population == population.index:
                part = slice(start, start + piece.size)
                offsets[part] = parameters.offsets(population, name, start, piece.size)
        return np.asarray(offsets[slots])

    def offsets(self) -> dict[tuple[int, str], float | np.ndarray]:
        """Return what each float32 variable of each population is kept relative to; see ``offset``."""
        return {
            (population.index, name): self.offset(population, name, self.slots_of(population.index))
            for population in self.network.populations
            for name, dtype in population.model.states.items()
            if dtype == "f4"
        }

    def slots_of(self, population: int) -> np.ndarray:
        """Return the slots of all neurons of a population that this rank owns, int64."""
        return self.flat_of(population, 0, self.network.populations[population].size)

    def flat_of(self, population: int, start: int, stop: int) -> np.ndarray:
        """Return the slots of neurons start .. stop - 1 of a population that this rank owns, int64."""
        return self.slices.flat_of(population, start, stop)

    def flat_of_gid(self, gids: np.ndarray) -> np.ndarray:
        """Return the slot of each gid, int64 [gids]; all of them must belong to this rank."""
        return self.slices.flat_of_gid(gids)
