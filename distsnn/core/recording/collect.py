"""Gathers the spikes, traces and statistics of all ranks on rank 0."""

from __future__ import annotations

import hashlib
import resource
from dataclasses import dataclass

import numpy as np

from distsnn.comm import Comm
from distsnn.core.neurons.slots import gid_of_slot
from distsnn.core.rank import Rank
from distsnn.kernels.numbers.digest import digest_spikes, digest_state


@dataclass(frozen=True)
class Spikes:
    """The recorded spikes of a run, sorted by step, then gid. step, gid: uint32 [spikes]."""

    step: np.ndarray
    gid: np.ndarray


def gather_spikes(rank: Rank, comm: Comm) -> Spikes:
    """Return the recorded spikes of all ranks on rank 0, those of this rank elsewhere. Collective."""
    step, gid = own_spikes(rank)
    steps, gids = comm.gather_arrays(step), comm.gather_arrays(gid)
    if comm.rank == 0:
        step, gid = np.concatenate(steps), np.concatenate(gids)
        order = np.lexsort((gid, step))
        step, gid = step[order], gid[order]
    return Spikes(step, gid)


def own_spikes(rank: Rank) -> tuple[np.ndarray, np.ndarray]:
    """Return step and gid of this rank's recorded spikes, uint32 [spikes] each."""
    step, flat = rank.spikes.arrays()
    return (step - rank.origin).astype(np.uint32), gid_of_slot(rank.state)[flat]


def gather_unrecorded(rank: Rank, comm: Comm) -> dict[str, int]:
    """Return the number of spikes of each population that is not recorded, by name. Collective.

    {} on ranks other than 0.
    """
    populations = rank.network.populations
    total = comm.reduce_sum(rank.unrecorded.of_populations(len(populations)))
    if comm.rank != 0:
        return {}
    return {
        population.name: int(total[population.index])
        for population in populations
        if not rank.network.records_spikes(population)
    }


def gather_traces(rank: Rank, comm: Comm) -> dict[tuple[str, str], tuple[np.ndarray, np.ndarray]]:
    """Return (population, variable) -> (neurons [n], values [samples, n]) on rank 0. Collective.

    On other ranks, the same keys map to no neurons, int64 [0], and no samples, float32 [0, n].
    """
    result = {}
    for trace, probe in zip(rank.traces.traces, rank.network.probes, strict=True):
        neurons = comm.gather_arrays(trace.neurons)
        n_samples = -(-rank.n_recorded // trace.every_steps)
        values = comm.gather_arrays(np.ascontiguousarray(trace.values[:n_samples].T).ravel())
        key = (probe.population.name, probe.variable)
        if comm.rank != 0:
            no_samples = np.empty((0, probe.neurons.size), dtype=trace.values.dtype)
            result[key] = (np.empty(0, dtype=trace.neurons.dtype), no_samples)
            continue
        order = np.argsort(np.concatenate(neurons), kind="stable")
        # Ranks send their values neuron by neuron, so that those of all ranks can be concatenated.
        samples = np.concatenate(values).reshape(order.size, n_samples)[order].T
        result[key] = (np.concatenate(neurons)[order], samples)
    return result


def gather_saturations(rank: Rank, comm: Comm) -> dict[str, int]:
    """Return the overflows of the chip's registers in neurons times steps, by population. Collective.

    Only for populations whose model counts them; {} on ranks other than 0.
    """
    populations = rank.network.populations
    counts = np.zeros(len(populations), dtype=np.int64)
    # A model that counts overflows has a state variable for them.
    counting = {p.index for p in populations if "saturations" in p.model.states}
    for piece, _, start in rank.state.slices:
        if piece.population in counting:
            values = rank.state.values(populations[piece.population], "saturations")
            counts[piece.population] += values[start : start + piece.size].sum(dtype=np.int64)
    total = comm.reduce_sum(counts)
    if comm.rank != 0:
        return {}
    return {populations[index].name: int(total[index]) for index in sorted(counting)}


def network_digest(rank: Rank, comm: Comm) -> str:
    """Return the digest of spikes, synapses, learned weights and final state. Collective.

    Each part is a sum modulo 2^64 of hashes, each of an item together with what identifies it in the
    network, so it depends on neither the number of ranks, nor the placement, nor the order. "" on
    ranks other than 0.
    """
    network = rank.network
    step, gid = own_spikes(rank)
    # [spikes, static synapses, final state, plastic synapses if there are any]
    parts = np.zeros(4 if rank.plastic.parts else 3, dtype=np.uint64)
    digest_spikes(step, gid, parts[0:1])
    parts[0:1] += rank.unrecorded.digest
    parts[1] = rank.table.digest
    parts[1:2] += np.uint64(rank.computed.digest)
    parts[3:] = rank.plastic.digest()
    for piece, _, start in rank.state.slices:
        population = network.populations[piece.population]
        for k, name in enumerate(population.model.states):
            bits = rank.state.values(population, name)[start : start + piece.size].view(np.uint32)
            digest_state(population.gid_start + piece.start, k + 1, bits, parts[2:3])
    n_spikes = comm.sum(int(step.size) + int(rank.unrecorded.counts.sum()))
    total = comm.reduce_sum(parts)
    text = f"{network.n_neurons} {n_spikes} {[int(part) for part in total]}"
    return hashlib.sha256(text.encode()).hexdigest()[:32] if comm.rank == 0 else ""


def peak_memory_bytes() -> int:
    """Return the peak memory of this process in bytes, with its proportional share of shared pages.

    A library that 128 ranks of a machine map is in memory once, not 128 times.
    """
    try:
        status = _kilobytes("/proc/self/status")
        shares = _kilobytes("/proc/self/smaps_rollup")
        # Peak of the private pages, and the present share of pages of files and shared memory.
        private = status["VmHWM"] - status["RssFile"] - status["RssShmem"]
        return 1024 * (private + shares["Pss_File"] + shares["Pss_Shmem"])
    except (OSError, KeyError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _kilobytes(path: str) -> dict[str, int]:
    """Return the numbers in the lines ``name: number kB`` of a system file, by name."""
    with open(path) as file:
        parts = (line.split() for line in file)
        return {line[0][:-1]: int(line[1]) for line in parts if len(line) == 3 and line[2] == "kB"}
