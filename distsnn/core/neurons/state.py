"""The neurons of one rank: state arrays, input tables, and one bound call per model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from distsnn.core.delivery.layout import RingLayout
from distsnn.core.neurons.aligned import aligned_zeros, whole_lines
from distsnn.core.neurons.slow_decay import SlowDecays
from distsnn.kernels import Kernel
from distsnn.kernels.compile.of_class import kernel_of_class
from distsnn.kernels.neuron import driver as drv
from distsnn.kernels.neuron.table_driver import ROWS_PER_RECEPTOR, takes_table
from distsnn.kernels.numbers.threefry import stream_key
from distsnn.mapping.plan import Slice
from distsnn.network import Network, Population, Shared
from distsnn.network.draw import draw_uniform
from distsnn.network.weights.quanta import Quanta
from distsnn.neurons.registry import require_complete
from distsnn.stimuli import Current, Poisson, SpikeSource, poisson_thresholds
from distsnn.stimuli.current import total_changes


def kernel_of_model(model: Any) -> Kernel:
    """Return the ``advance`` kernel of a model's class, or of the file or cell that defines it."""
    require_complete(type(model))  # a script's own class has not been loaded by its path
    remedy = "End the file with advance = driver(step, states, n_receptors)."
    return kernel_of_class(type(model), "advance", "model", "states", remedy)


class NeuronState:
    """State of all neuron slots of a rank.

    rows: float32 [state variables, slots]; a model reads its k-th state from row k, in its own
    dtype. spiked: uint8 [slots]. current: float32 [slots], pA, from Current stimuli.
    """

    def __init__(
        self,
        network: Network,
        cores: Sequence[Sequence[Slice]],
        layout: RingLayout,
        quanta: Quanta,
        ring: np.ndarray,
    ) -> None:
        self.network = network
        self.layout = layout
        self.n_flat = max(8, len(cores) << layout.lid_bits)
        self.slices = [
            (piece, core, (core << layout.lid_bits) + piece.lid_start)
            for core, pieces in enumerate(cores)
            for piece in pieces
        ]
        models = [population.model for population in network.populations]
        n_rows = max((len(model.states) for model in models), default=0)
        self.rows = aligned_zeros((max(1, n_rows), self.n_flat), np.float32)
        self.spiked = aligned_zeros(self.n_flat, np.uint8)
        self.current = aligned_zeros(self.n_flat, np.float32)
        self._quanta = quanta
        self._ring = ring
        self._set_initial()
        self.slow = SlowDecays(models, network.dt_ms)
        self.advance: list[Callable[[int], int]] = self._bind_models()
        self.current_changes = self._current_changes()

    def _set_initial(self) -> None:
        for piece, _, start in self.slices:
            population = self.network.populations[piece.population]
            for name in population.model.states:
                self.values(population, name)[start : start + piece.size] = self._initial_values(
                    population, name, piece
                )

    def _initial_values(self, population: Population, name: str, piece: Slice) -> np.ndarray:
        model = population.model
        chosen = population.initial.get(name, model.initial().get(name, 0.0))
        if isinstance(chosen, Shared):
            key = stream_key(self.network.seed, f"initial {chosen.draw}", population.index)
            chosen = chosen.of(draw_uniform(key, piece.start, piece.stop))
        elif hasattr(chosen, "quantiles"):
            state_index = list(model.states).index(name)
            key = stream_key(self.network.seed, "initial", population.index, state_index)
            chosen = chosen.quantiles(draw_uniform(key, piece.start, piece.stop))
        values = np.asarray(chosen, dtype=np.float64) - model.offsets.get(name, 0.0)
        return np.floor(values + 0.5) if model.states[name] == "i4" else values

    def values(self, population: Population, name: str) -> np.ndarray:
        """Return the array of a state variable over all slots of the rank, as the model sees it."""
        names = list(population.model.states)
        return self.rows[names.index(name)].view(population.model.states[name])

    def flat_of(self, population: int, start: int, stop: int) -> np.ndarray:
        """Return the flat indices of those neurons start..stop-1 of a population that are here."""
        parts = [
            np.arange(max(piece.start, start), min(piece.stop, stop)) - piece.start + flat
            for piece, _, flat in self.slices
            if piece.population == population and piece.start < stop and piece.stop > start
        ]
        return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)

    def flat_of_gid(self, gids: np.ndarray) -> np.ndarray:
        """Return the flat index of neurons of this rank, int64."""
        if not self.slices:
            return np.empty(0, dtype=np.int64)
        first = [
            (self.network.populations[piece.population].gid_start + piece.start, flat)
            for piece, _, flat in self.slices
        ]
        starts, flats = np.array(sorted(first), dtype=np.int64).T
        at = np.searchsorted(starts, gids, side="right") - 1
        return flats[at] + (gids - starts[at])

    def _bind_models(self) -> list[Callable[[int], int]]:
        bound = []
        by_kernel: dict[int, tuple[Kernel, list[tuple[Slice, int, int]]]] = {}
        for item in self.slices:
            model = self.network.populations[item[0].population].model
            if isinstance(model, SpikeSource):
                continue
            kernel = kernel_of_model(model)
            by_kernel.setdefault(id(kernel), (kernel, []))[1].append(item)
        for kernel, items in by_kernel.values():
            bound.append(self._bind(kernel, items))
        return bound

    def _bind(self, kernel: Kernel, items: list[tuple[Slice, int, int]]) -> Callable[[int], int]:
        stimuli = _StimulusTable(self.network)
        populations = sorted({piece.population for piece, _, _ in items})
        models = [self.network.populations[p].model for p in populations]
        n_receptors = max(len(model.receptors) for model in models)
        constants = self._constants(models)
        most_lanes = max(self._quanta.n_lanes(p) for p in populations)
        table = np.zeros((len(items), drv.N_SLICE_COLUMNS + most_lanes), dtype=np.int64)
        quanta = np.zeros((len(items), max(1, most_lanes)), dtype=np.float32)
        for row, (piece, core, start) in enumerate(items):
            first, end = stimuli.add(piece.population)
            lanes = self._quanta.lanes(piece.population)
            table[row, : drv.N_SLICE_COLUMNS] = (
                start,
                piece.size,
                self.layout.ring_start(core, piece.lid_start),
                piece.start,
                first,
                end,
                populations.index(piece.population),
                *self._noise_key(piece.population),
                len(self.network.populations[piece.population].model.receptors),
                len(lanes),
            )
            for lane, (receptor, quantum) in enumerate(lanes):
                table[row, drv.N_SLICE_COLUMNS + lane] = receptor
                quanta[row, lane] = quantum
        layout = np.array(
            [self.layout.n_slots - 1, 1 << self.layout.slot_shift, self.layout.lane_size],
            dtype=np.int64,
        )
        longest = int(table[:, drv.N].max())
        n_rows = n_receptors * (ROWS_PER_RECEPTOR if takes_table(kernel) else 1)
        inputs = aligned_zeros((max(1, n_rows), whole_lines(longest + 64)), np.float32)
        noise = np.zeros(4 * longest + 64, dtype=np.uint32)
        if takes_table(kernel):
            states = [self.rows, self.rows.view(np.int32)]
        else:
            dtypes = models[0].states.values()
            states = [self.rows[k].view(dtype) for k, dtype in enumerate(dtypes)]
        return kernel.bind(
            table, layout, constants, quanta, *stimuli.arrays(), self._ring, self.current,
            inputs, noise, self.spiked, *states,
        )  # fmt: skip

    def _constants(self, models: Sequence[Any]) -> np.ndarray:
        """Return the models' constants, float32 [models, constants], shorter rows filled with 0."""
        rows = [model.constants(self.network.dt_ms) for model in models]
        table = np.zeros((len(rows), max(len(row) for row in rows)), dtype=np.float32)
        for place, row in enumerate(rows):
            table[place, : len(row)] = row
            self.slow.watch(models[place], table[place])
        return table

    def _noise_key(self, population: int) -> tuple[int, int]:
        """Return the two words of the key of a population's own noise, 0 if it has none."""
        if not getattr(self.network.populations[population].model, "is_noisy", False):
            return 0, 0
        key = stream_key(self.network.seed, "neuron noise", population)
        return key & 0xFFFFFFFF, key >> 32

    def _current_changes(self) -> dict[int, list[tuple[np.ndarray, float]]]:
        """Return, by step, the slots whose direct current changes and its total in pA from then on."""
        onto: dict[int, list[dict[int, float]]] = {}
        for stimulus in self.network.stimuli:
            if isinstance(stimulus.what, Current):
                changes = stimulus.what.changes(self.network.dt_ms)
                onto.setdefault(stimulus.target.index, []).append(changes)
        found: dict[int, list[tuple[np.ndarray, float]]] = {}
        for population, currents in onto.items():
            slots = self.flat_of(population, 0, self.network.populations[population].size)
            for step, total_pa in total_changes(currents).items():
                found.setdefault(step, []).append((slots, total_pa))
        return found


class _StimulusTable:
    """Poisson stimuli of the populations, as the driver reads them."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.rows: list[tuple[int, ...]] = []
        self.weights: list[float] = []
        self.thresholds: list[np.ndarray] = []
        self.n_thresholds = 0
        self.places: dict[int, tuple[int, int]] = {}

    def add(self, population: int) -> tuple[int, int]:
        """Return the first row and the end of the stimuli onto a population."""
        if population not in self.places:
            first = len(self.rows)
            for stimulus in self.network.stimuli:
                what = stimulus.what
                if stimulus.target.index == population and isinstance(what, Poisson):
                    is_size = getattr(stimulus.target.model, "takes_sizes", False)
                    weight = abs(what.weight) if is_size else what.weight
                    self._append(stimulus.index, what, stimulus.receptor, weight)
            self.places[population] = (first, len(self.rows))
        return self.places[population]

    def _append(self, index: int, what: Poisson, receptor: int, weight: float) -> None:
        dt_ms = self.network.dt_ms
        key = stream_key(self.network.seed, "poisson", index)
        thresholds = poisson_thresholds(what.rate_hz * dt_ms * 1e-3)
        end = self.n_thresholds + thresholds.size
        first_step, end_step = what.first_and_end(dt_ms)
        low, high = key & 0xFFFFFFFF, key >> 32
        self.rows.append((receptor, low, high, self.n_thresholds, end, first_step, end_step))
        self.weights.append(weight)
        self.thresholds.append(thresholds)
        self.n_thresholds = end

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return rows int64 [n, 7], weights float32 [n], thresholds uint32."""
        rows = np.array(self.rows, dtype=np.int64).reshape(-1, drv.N_STIMULUS_COLUMNS)
        thresholds = np.concatenate([np.zeros(0, np.uint32), *self.thresholds])
        return rows, np.array(self.weights, dtype=np.float32), thresholds.astype(np.uint32)
