"""Delivery alone: the engine's kernel on the real rows of one rank of the cortical microcircuit."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from distsnn.chip import load_chip
from distsnn.comm import rank_grid
from distsnn.core.delivery.layout import RingLayout, longest_delay
from distsnn.core.delivery.synapse_table import SynapseTable, TableBuilder
from distsnn.kernels.delivery.deliver import deliver
from distsnn.mapping import make_plan
from distsnn.mapping.partition import rank_of_core
from distsnn.mapping.work import expected_work
from distsnn.network import Network
from distsnn.network.weights.quanta import Quanta
from distsnn.networks import build_network
from distsnn.running.building import compile_kernels

# Rates in Hz of a run of this network, L23E to L6I.
RATES_HZ = (0.85, 2.85, 4.19, 5.70, 7.18, 8.46, 1.04, 7.66)
N_WARM, N_STEPS = 100, 1500
LINE_WORDS = 16  # a cache line of 64 bytes


class Delivery:
    """Rows of rank 0 of ``n_ranks``, and a train of spikes for them."""

    def __init__(self, n_ranks: int, scale: float) -> None:
        network = build_network("microcircuit", {"scale": scale})
        compile_kernels(network)
        self.table, layout, n_groups = _table(network, n_ranks)
        self.n_onto = np.add.reduceat(
            self.table.n_onto_core.astype(np.int64), self.table.core_start[:-1]
        )
        self.spikes = _spikes(network, self.table.axon_gids)
        n_most = max(spikes.size for spikes in self.spikes)
        longest = max(p.delay_steps[1] for p in network.projections) + 2
        n_buckets = 1 << (longest - 1).bit_length()
        self.own = np.zeros(n_most + 8, dtype=np.uint32)
        self.slot_shift = layout.slot_shift
        self.run = deliver.bind(
            self.own, np.zeros(1, np.uint32), self.table.row_pointers, self.table.words,
            np.zeros(n_groups * layout.ring_size, np.int32),
            np.zeros((n_groups * n_buckets, 1 << 14), np.uint32),
            np.zeros((n_groups, n_buckets), np.int64),
        )  # fmt: skip
        self.t = 0

    def measure(self) -> dict[str, float]:
        """Deliver the train once; return the rate and the bytes of an event."""
        events, seconds = 0, 0.0
        for k, spikes in enumerate(self.spikes):
            self.own[: spikes.size] = spikes
            began = perf_counter()
            if self.run(self.t, 0, spikes.size, 0, self.slot_shift):
                raise RuntimeError("calendar: too small for this rate. Make it larger.")
            if k >= N_WARM:
                seconds += perf_counter() - began
                events += int(self.n_onto[spikes].sum())
            self.t += 1
        n_headers = self.table.words.size - self.table.n_synapses
        per_segment = self.table.n_synapses / n_headers
        lines = (per_segment + 1 + LINE_WORDS - 1) / LINE_WORDS
        return {
            "events_per_s": events / seconds,
            "bytes_per_event": self.table.words.nbytes / self.table.n_synapses,
            "line_bytes_per_event": 4 * LINE_WORDS * lines / per_segment,
            "synapses_per_segment": per_segment,
            "n_synapses": float(self.table.n_synapses),
        }


def _table(network: Network, n_ranks: int) -> tuple[SynapseTable, RingLayout, int]:
    """Return the synapses of rank 0 as a run would build them."""
    chip = load_chip("loihi")
    plan = make_plan(network, chip, "rows", None)
    grid = rank_grid(n_ranks, chip.width, chip.height)
    ranks = rank_of_core(expected_work(network, plan), chip.width, chip.height, grid)
    by_core = plan.slices_of_core()
    cores = [by_core[int(c)] for c in np.flatnonzero(ranks == 0) if int(c) in by_core]
    layout = RingLayout.choose(plan.lid_bits, 2, len(cores), longest_delay(network))
    table = TableBuilder(network, cores, layout, Quanta(network)).build()
    return table, layout, layout.n_groups(len(cores))


def _spikes(network: Network, axon_gids: np.ndarray) -> list[np.ndarray]:
    """Return the axons that spike in each step, at the rates of their populations."""
    rng = np.random.default_rng(1)
    starts = [population.gid_start for population in network.populations]
    population = np.searchsorted(starts, axon_gids, side="right") - 1
    rate = np.array(RATES_HZ)[population] * network.dt_ms * 1e-3
    cumulated = np.cumsum(rate)
    numbers = rng.poisson(cumulated[-1], N_WARM + N_STEPS)
    return [
        np.unique(np.searchsorted(cumulated, rng.random(n) * cumulated[-1])).astype(np.uint32)
        for n in numbers
    ]
