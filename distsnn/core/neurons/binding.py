"""Binds the kernel of each neuron model to the arrays and slices of one rank."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from distsnn.core.delivery.layout import RingLayout
from distsnn.core.inputs.inputs import NeuronInputs
from distsnn.core.inputs.plain_rates import PlainRates
from distsnn.core.neurons.aligned import aligned_zeros, whole_lines
from distsnn.core.neurons.parameters import NeuronParameters
from distsnn.core.neurons.slices import Placed, Slices
from distsnn.core.neurons.slow_decay import SlowDecays
from distsnn.kernels.neuron import driver as drv
from distsnn.kernels.neuron.driver import ModelKernel
from distsnn.kernels.neuron.table_driver import ROWS_PER_RECEPTOR, takes_table
from distsnn.kernels.numbers.threefry import stream_key
from distsnn.network import Network, Population
from distsnn.network.weights.quanta import Quanta
from distsnn.neurons.model import kernel_of_model

Bound = Callable[[int], int]
SPARE = 64  # entries past the end of the longest slice that a vectorised kernel may touch


class BoundArrays(Protocol):
    """The arrays of a rank to which model kernels are bound; see ``state.NeuronState``."""

    network: Network
    noise_seed: int
    layout: RingLayout
    ring: np.ndarray
    quanta: Quanta
    slices: Slices
    rows: np.ndarray
    spiked: np.ndarray
    inputs: NeuronInputs
    current: np.ndarray
    slow: SlowDecays
    parameters: NeuronParameters
    varying: dict[int, tuple[int, ...]]
    bound_constants: list[BoundConstants]


@dataclass
class BoundConstants:
    """The constants of a step that one bound kernel reads; see ``_constants``."""

    kernel: ModelKernel
    slices: Sequence[Placed]
    table: np.ndarray
    constants: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), np.float32))

    def refill(self, state: BoundArrays, population: Population) -> bool:
        """Compute the constants of a population again; return whether the kernel can read them.

        It cannot if neurons differ in constants of which it reads one for all.
        """
        # Neurons that have begun to differ need a kernel that reads constants per neuron.
        parameters, is_varying = state.parameters, bool(state.varying[population.index])
        if parameters.names(population) and not is_varying:
            return False
        for at, (piece, _, start) in enumerate(self.slices):
            if piece.population != population.index:
                continue
            values = parameters.constants(population, start, piece.size).astype(np.float32)
            if not self.kernel.is_per_neuron:
                row = self.constants[self.table[at, drv.CONSTANTS_ROW]]
                row[: len(values)] = values[:, 0]
                continue
            # Constants that the kernel reads once per slice must be equal in all of them.
            shared = [k for k in range(len(values)) if k not in state.varying[population.index]]
            self.constants[:, start : start + piece.size] = values
            first = parameters.constants(population, self._first_slot(population), 1)
            if (values[shared] != first[shared].astype(np.float32)).any():
                return False
        return True

    def _first_slot(self, population: Population) -> int:
        return next(s for piece, _, s in self.slices if piece.population == population.index)


def bind_models(state: BoundArrays) -> list[Bound]:
    """Return one bound call per kernel, which takes the step, in the order of the rank's slices."""
    # Models that share a kernel are advanced by one call, whatever their parameters.
    by_kernel: dict[int, tuple[ModelKernel, list[Placed]]] = {}
    for piece, core, start in state.slices:
        model = state.network.populations[piece.population].model
        if not model.is_source:
            varying = state.varying[piece.population]
            kernel = kernel_of_model(model).per_neuron(varying)
            placed = by_kernel.setdefault(id(kernel), (kernel, []))[1]
            if varying and takes_table(kernel):
                placed += neuron_by_neuron((piece, core, start))
            else:
                placed.append((piece, core, start))
    return [_bind(state, kernel, slices) for kernel, slices in by_kernel.values()]


def neuron_by_neuron(placed: Placed) -> list[Placed]:
    """Return the slices of one neuron each that a slice consists of."""
    piece, core, start = placed
    return [
        (
            replace(piece, start=piece.start + k, stop=piece.start + k + 1,
                    lid_start=piece.lid_start + k), core, start + k,
        )
        for k in range(piece.size)
    ]  # fmt: skip


def _bind(state: BoundArrays, kernel: ModelKernel, slices: Sequence[Placed]) -> Bound:
    """Return the call that advances ``slices``, all of which use ``kernel``."""
    populations = sorted({piece.population for piece, _, _ in slices})
    models = [state.network.populations[p].model for p in populations]
    inputs = state.inputs.plain_rates()
    table, quanta = _table_of_slices(state, slices, inputs)
    bound = BoundConstants(kernel, slices, table)
    constants = bound.constants = _constants(state, kernel, slices, table)
    state.bound_constants.append(bound)
    layout = state.layout
    # The driver's SLOT_MASK, SLOT_SIZE and LANE_SIZE, in the ring index [slot | lane | core | lid].
    ring_geometry = [layout.n_slots - 1, 1 << layout.slot_shift, layout.lane_size]
    longest = int(table[:, drv.N].max())
    # Scratch arrays that slices use in turn: input by receptor, and random words of the noise.
    n_receptors = max(len(model.receptors) for model in models)
    n_rows = n_receptors * (ROWS_PER_RECEPTOR if takes_table(kernel) else 1)
    arriving = aligned_zeros((max(1, n_rows), whole_lines(longest + SPARE)), np.float32)
    noise = np.zeros(4 * longest + SPARE, dtype=np.uint32)
    # Compartment models index all rows of the state; other models get one array per variable.
    if takes_table(kernel):
        states = [state.rows, state.rows.view(np.int32)]
    else:
        dtypes = models[0].states.values()
        states = [state.rows[k].view(dtype) for k, dtype in enumerate(dtypes)]
    return kernel.bind(
        table, np.array(ring_geometry, dtype=np.int64), constants, quanta,
        *inputs.arrays(), state.ring, state.current, arriving, noise, state.spiked, *states,
    )  # fmt: skip


def _table_of_slices(
    state: BoundArrays,
    slices: Sequence[Placed],
    inputs: PlainRates,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the driver's table, int64 [slices, columns], and quanta, float32 [slices, lanes]."""
    # A row of the table: the columns of the driver, then the receptor of each lane, padded with 0.
    max_lanes = max(state.quanta.n_lanes(piece.population) for piece, _, _ in slices)
    table = np.zeros((len(slices), drv.N_SLICE_COLUMNS + max_lanes), dtype=np.int64)
    quanta = np.zeros((len(slices), max(1, max_lanes)), dtype=np.float32)
    for row, (piece, core, start) in enumerate(slices):
        model = state.network.populations[piece.population].model
        # Column by column as in ``kernels/neuron/driver.py``.
        first, end = inputs.add(piece.population)
        lanes = state.quanta.lanes(piece.population)
        table[row, : drv.N_SLICE_COLUMNS] = (
            start,
            piece.size,
            state.layout.ring_start(core, piece.lid_start),
            piece.start,
            first,
            end,
            0,  # row of the constants, set with them
            *_noise_key(state.network, piece.population, state.noise_seed),
            len(model.receptors),
            len(lanes),
        )
        for lane, (receptor, quantum) in enumerate(lanes):
            table[row, drv.N_SLICE_COLUMNS + lane] = receptor
            quanta[row, lane] = quantum
    return table, quanta


def _constants(
    state: BoundArrays, kernel: ModelKernel, slices: Sequence[Placed], table: np.ndarray
) -> np.ndarray:
    """Return the constants of a step: float32, in the form that the kernel takes.

    Of neurons that are alike: [models, constants], shorter rows padded with 0. Of others: [constants,
    slots], or one row per slice for kernels that cannot read them per neuron.
    """
    # Two forms: a column per slot for kernels that read them per neuron, else a row per population.
    populations, parameters = state.network.populations, state.parameters
    if kernel.is_per_neuron:
        of_slots = aligned_zeros((len(kernel.constants._fields), state.spiked.size), np.float32)  # type: ignore[attr-defined]
        for piece, _, start in slices:
            population = populations[piece.population]
            of_slots[:, start : start + piece.size] = parameters.constants(
                population, start, piece.size
            )
        return of_slots
    rows: list[np.ndarray] = []
    row_of_population: dict[tuple[int, int], int] = {}
    for at, (piece, _, start) in enumerate(slices):
        population, key = populations[piece.population], (piece.population, 0)
        if state.varying[piece.population]:
            key = piece.population, at
        if key not in row_of_population:
            row_of_population[key] = len(rows)
            rows.append(parameters.constants(population, start, 1)[:, 0])
        table[at, drv.CONSTANTS_ROW] = row_of_population[key]
    constants = np.zeros((len(rows), max(row.size for row in rows)), dtype=np.float32)
    for index, row in enumerate(rows):
        constants[index, : row.size] = row
    for (population_index, _), index in row_of_population.items():
        state.slow.watch(parameters.typical[population_index], constants[index])
    return constants


def _noise_key(network: Network, population: int, seed: int) -> tuple[int, int]:
    """Return the low and high 32 bits of a population's noise key; (0, 0) if its model has no noise."""
    if not network.populations[population].model.is_noisy:
        return 0, 0
    key = stream_key(seed, "neuron noise", population)
    return key & 0xFFFFFFFF, key >> 32
