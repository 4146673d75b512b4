"""Binds the kernel of each neuron model to its slices on one rank and their tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from distsnn.core.delivery.layout import RingLayout
from distsnn.core.inputs.inputs import NeuronInputs
from distsnn.core.inputs.plain_rates import PlainRates
from distsnn.core.neurons.aligned import aligned_zeros, whole_lines
from distsnn.core.neurons.slices import Placed, Slices
from distsnn.core.neurons.slow_decay import SlowDecays
from distsnn.kernels.neuron import driver as drv
from distsnn.kernels.neuron.constants import row_of
from distsnn.kernels.neuron.driver import ModelKernel
from distsnn.kernels.neuron.table_driver import ROWS_PER_RECEPTOR, takes_table
from distsnn.kernels.numbers.threefry import stream_key
from distsnn.network import Network
from distsnn.network.weights.quanta import Quanta
from distsnn.neurons.model import NeuronModel, constants_of, kernel_of_model

Bound = Callable[[int], int]
SPARE = 64  # entries beyond the longest slice that a vectorised kernel may access


class BoundArrays(Protocol):
    """The arrays of a rank's neurons that its models are bound to; see ``state.NeuronState``."""

    network: Network
    layout: RingLayout
    ring: np.ndarray
    quanta: Quanta
    slices: Slices
    rows: np.ndarray
    spiked: np.ndarray
    inputs: NeuronInputs
    current: np.ndarray
    slow: SlowDecays


def bind_models(state: BoundArrays) -> list[Bound]:
    """Return one bound call (step) per kernel, in the order of the rank's slices."""
    by_kernel: dict[int, tuple[ModelKernel, list[Placed]]] = {}
    for placed in state.slices:
        model = state.network.populations[placed[0].population].model
        if not model.is_source:
            kernel = kernel_of_model(model)
            by_kernel.setdefault(id(kernel), (kernel, []))[1].append(placed)
    return [_bind(state, kernel, slices) for kernel, slices in by_kernel.values()]


def _bind(state: BoundArrays, kernel: ModelKernel, slices: Sequence[Placed]) -> Bound:
    """Return the call that advances these slices, which all use ``kernel``."""
    populations = sorted({piece.population for piece, _, _ in slices})
    models = [state.network.populations[p].model for p in populations]
    inputs = state.inputs.plain_rates()
    table, quanta = _table_of_slices(state, slices, populations, inputs)
    layout = state.layout
    entries = [layout.n_slots - 1, 1 << layout.slot_shift, layout.lane_size]
    longest = int(table[:, drv.N].max())
    n_receptors = max(len(model.receptors) for model in models)
    n_rows = n_receptors * (ROWS_PER_RECEPTOR if takes_table(kernel) else 1)
    arriving = aligned_zeros((max(1, n_rows), whole_lines(longest + SPARE)), np.float32)
    noise = np.zeros(4 * longest + SPARE, dtype=np.uint32)
    if takes_table(kernel):
        states = [state.rows, state.rows.view(np.int32)]
    else:
        dtypes = models[0].states.values()
        states = [state.rows[k].view(dtype) for k, dtype in enumerate(dtypes)]
    return kernel.bind(
        table, np.array(entries, dtype=np.int64), _constants(state, models), quanta,
        *inputs.arrays(), state.ring, state.current, arriving, noise, state.spiked, *states,
    )  # fmt: skip


def _table_of_slices(
    state: BoundArrays,
    slices: Sequence[Placed],
    populations: list[int],
    inputs: PlainRates,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the driver's table of slices, int64, and the quantum of each lane, float32."""
    max_lanes = max(state.quanta.n_lanes(p) for p in populations)
    table = np.zeros((len(slices), drv.N_SLICE_COLUMNS + max_lanes), dtype=np.int64)
    quanta = np.zeros((len(slices), max(1, max_lanes)), dtype=np.float32)
    for row, (piece, core, start) in enumerate(slices):
        model = state.network.populations[piece.population].model
        first, end = inputs.add(piece.population)
        lanes = state.quanta.lanes(piece.population)
        table[row, : drv.N_SLICE_COLUMNS] = (
            start,
            piece.size,
            state.layout.ring_start(core, piece.lid_start),
            piece.start,
            first,
            end,
            populations.index(piece.population),
            *_noise_key(state.network, piece.population),
            len(model.receptors),
            len(lanes),
        )
        for lane, (receptor, quantum) in enumerate(lanes):
            table[row, drv.N_SLICE_COLUMNS + lane] = receptor
            quanta[row, lane] = quantum
    return table, quanta


def _constants(state: BoundArrays, models: Sequence[NeuronModel]) -> np.ndarray:
    """Return the models' constants, float32 [models, constants]; shorter rows are padded with 0."""
    rows = [row_of(constants_of(model, state.network.dt_ms)) for model in models]
    table = np.zeros((len(rows), max(row.size for row in rows)), dtype=np.float32)
    for index, row in enumerate(rows):
        table[index, : row.size] = row
        state.slow.watch(models[index], table[index])
    return table


def _noise_key(network: Network, population: int) -> tuple[int, int]:
    """Return the low and high word of a population's noise key, (0, 0) if its model is not noisy."""
    if not network.populations[population].model.is_noisy:
        return 0, 0
    key = stream_key(network.seed, "neuron noise", population)
    return key & 0xFFFFFFFF, key >> 32
