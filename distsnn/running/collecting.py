"""Collects what all ranks have recorded and measured in the result on rank 0."""

from __future__ import annotations

import warnings

import numpy as np

from distsnn.comm import Comm
from distsnn.core.rank import Rank
from distsnn.core.recording.collect import (
    Spikes,
    gather_saturations,
    gather_spikes,
    gather_traces,
    gather_unrecorded,
    network_digest,
    peak_memory_bytes,
)
from distsnn.core.step_program import PHASES
from distsnn.core.utilization import CoreUtilization
from distsnn.network import Network
from distsnn.network.weights.quanta import Quanta
from distsnn.running.counters import footprint, packets_between
from distsnn.running.result import Result
from distsnn.traffic.counters import no_counters


def collect(rank: Rank, result: Result, utilization: CoreUtilization | None, comm: Comm) -> Spikes:
    """Fill in all but the mesh counters of the result on rank 0; return the spikes. Collective."""
    result.digest = network_digest(rank, comm)
    result.spikes_all = spikes = gather_spikes(rank, comm)
    result.unrecorded = gather_unrecorded(rank, comm)
    result.traces = gather_traces(rank, comm)
    result.weight_tables = rank.plastic.recorder.gather(comm)
    result.saturations = gather_saturations(rank, comm)
    result.footprint = footprint(rank, comm)
    result.packets = packets_between(rank, comm)
    result.n_synapses = comm.sum(rank.table.n_synapses)
    result.usage = utilization
    memory = comm.gather_arrays(np.array([peak_memory_bytes()], dtype=np.int64))
    seconds = comm.reduce_sum(np.array([rank.seconds[name] for name in PHASES]))
    # Work of a rank: without exchanges and waiting, which depend on other ranks.
    work = rank.seconds["deliver"] + rank.seconds["update"] + rank.seconds["send"]
    longest = comm.max(int(work * 1e9)) * 1e-9
    if comm.rank == 0:
        result.memory_of_rank = np.concatenate(memory)
        result.memory_bytes = int(result.memory_of_rank.sum())
        mean = seconds / comm.n_ranks
        result.seconds = dict(zip(PHASES, mean.tolist(), strict=True))
        # imbalance = largest work of a rank / mean work; PHASES begins with the phases of work
        mean_work = float(mean[:3].sum())
        result.seconds["imbalance"] = longest / mean_work if mean_work > 0 else 1.0
    else:
        # Every field exists on other ranks, too, but is empty.
        result.spikes_all, result.counters = None, no_counters(result.chip, result.n_steps)
        result.usage, result.n_synapses = CoreUtilization(np.empty(0, np.int64), ()), 0
    return spikes


def warn_of_weight_errors(network: Network, quanta: Quanta) -> None:
    """Warn of weights that change when they are rounded to the integers of a chip."""
    for projection in network.projections:
        # Only models of a chip prescribe the quantum; otherwise it is chosen to suit the weights.
        if projection.target.model.weight_quanta:
            changes = quanta.error(projection).changes()
            if changes:
                kind = type(projection.target.model).__name__
                warnings.warn(
                    f"{projection.name}: weights are whole for a {kind}, which changes {changes}. "
                    "Scale them, or round them yourself.",
                    stacklevel=4,
                )
