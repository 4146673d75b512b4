"""Forecasts a run on many ranks by building and timing one of them.

The rank with the most work is built with its actual synapses and run for some steps, with random
spikes instead of those of its own neurons and of other ranks. The time of communication is computed
from a latency and a bandwidth.
"""

from __future__ import annotations

import math
from time import perf_counter
from typing import Any

import numpy as np

from distsnn.checks import number, whole
from distsnn.chip import Chip
from distsnn.core.partition import Partition
from distsnn.core.utilization import gather_utilization
from distsnn.errors import UsageError
from distsnn.forecast.dry_run import DryRunComm, DryRunRank
from distsnn.forecast.figures import Forecast, Machine
from distsnn.mapping import make_plan
from distsnn.mapping.expected_traffic import ExpectedTraffic
from distsnn.network import Network
from distsnn.running.building import compile_kernels, divide

MAX_RANKS = 100_000
# Measured memory besides the tables of a rank: of an interpreter with numpy, of the pages of it and of
# MPI that the ranks of a machine share, and the ratio of the peak while building to the tables.
OWN_BYTES, SHARED_BYTES, SHARED_MPI_BYTES = 35_000_000, 60_000_000, 18_000_000
BUILD_FACTOR = 1.08
RANKS_PER_MACHINE = 32
MAX_STEPS, MIN_STEPS, ENOUGH_S = 3000, 300, 0.5  # of timing


def forecast(
    network: Network,
    chip: Chip,
    n_ranks: int,
    *,
    rank: int | None = None,
    rate_hz: float = 10.0,
    placement: str = "rows",
    neurons_per_core: int | None = None,
    machine: Machine | None = None,
    n_steps: int = MAX_STEPS,
    cut: str = "neurons",
) -> Forecast:
    """Build one rank of ``n_ranks``, time it, and return the forecast of a run.

    rank: None selects the rank with the most work. rate_hz: mean rate of the neurons, at most one spike
    per step. n_steps: maximum number of timed steps. Raises UsageError and CapacityError like a run.
    """
    _check(n_ranks, rank, chip)
    max_hz, remedy = 1e3 / network.dt_ms, "Neurons spike once in a step at most."
    number("forecast: rate_hz", rate_hz, 0.0, max_hz, remedy=remedy, error=UsageError)
    whole("forecast: n_steps", n_steps, 3, MAX_STEPS, error=UsageError)
    compile_kernels(network)
    began = perf_counter()
    plan = make_plan(network, chip, placement, neurons_per_core, cut)
    partition, work_of_rank = divide(network, chip, plan, n_ranks)
    chosen = int(np.argmax(work_of_rank)) if rank is None else rank
    dry = DryRunRank(partition, DryRunComm(chosen, n_ranks), n_steps, rate_hz)
    build_s = perf_counter() - began
    most_work = float(work_of_rank.max())
    return _figures(
        dry, machine or Machine(), build_s=build_s,
        balance=float(work_of_rank.mean()) / most_work if most_work else 1.0,
    )  # fmt: skip


def _figures(rank: DryRunRank, machine: Machine, *, build_s: float, balance: float) -> Forecast:
    """Time a rank and return its forecast."""
    partition, n_ranks = rank.partition, rank.comm.n_ranks
    utilization = gather_utilization(
        rank, rank.chip, DryRunComm(0, 1)
    )  # of this rank's cores alone
    step_times = _time_steps(rank)
    compute_us = sum(step_times.values())
    table_bytes, messages = _table_bytes(rank), _messages(rank, partition.grid)
    sent = rank.random_fabric.n_sent / rank.t
    exchange_us = _exchange_us(messages, sent * rank.batch * 4, machine) / rank.batch
    spikes_per_step = rank.rate_hz * rank.network.dt_ms * 1e-3
    step_us = compute_us + exchange_us
    return Forecast(
        n_ranks=n_ranks,
        rank=rank.comm.rank,
        grid=partition.grid,
        n_cores=int(rank.core_ids.size),
        n_neurons=sum(piece.size for piece, _, _ in rank.state.slices),
        n_synapses=rank.table.n_synapses,
        memory_bytes=_memory_bytes(table_bytes, n_ranks),
        table_bytes=table_bytes,
        balance=balance,
        steps_per_exchange=rank.batch,
        compute_us=compute_us,
        **{f"{phase}_us": step_times[phase] for phase in step_times},
        exchange_us=exchange_us,
        step_us=step_us,
        real_time_factor=step_us * 1e-3 / rank.network.dt_ms,
        packets_sent=sent,
        packets_received=float(rank.is_remote.sum()) * spikes_per_step,
        bytes_sent=sent * 4,
        partners=int(rank.axons_out.ranks.size),
        messages_per_exchange=messages,
        mesh_packets=_mesh_packets(partition) * spikes_per_step,
        build_s=build_s,
        usage=utilization,
    )


def _check(n_ranks: int, rank: int | None, chip: Chip) -> None:
    most = min(MAX_RANKS, chip.n_cores)
    remedy = f"{chip.name} has {chip.n_cores} cores; choose an array of chips."
    whole("forecast: n_ranks", n_ranks, 1, most, remedy=remedy, error=UsageError)
    if rank is not None:
        whole("forecast: rank", rank, 0, n_ranks - 1, error=UsageError)


def _time_steps(rank: DryRunRank) -> dict[str, float]:
    """Run enough steps for a stable mean; return the time per step in us, by phase."""
    warm = min(MIN_STEPS, rank.n_steps) // 3
    rank.advance(warm)
    rank.forget_seconds()
    began = perf_counter()
    while rank.t < rank.n_steps and (rank.t < MIN_STEPS or perf_counter() - began < ENOUGH_S):
        rank.advance(min(rank.n_steps, rank.t + warm))
    n = rank.t - warm
    return {name: rank.seconds[name] / n * 1e6 for name in ("deliver", "update", "send")}


def _table_bytes(rank: DryRunRank) -> int:
    state = rank.state
    arrays: list[Any] = [rank.ring, state.rows, state.spiked, state.current, rank.mesh.loads]
    arrays += [rank.mesh.per_core, rank.mesh.differences, rank.step_spikes, rank.own_axons]
    total = sum(array.nbytes for array in arrays)
    total += rank.computed.n_bytes
    return total + rank.table.n_bytes + rank.axons_out.n_bytes + rank.plastic.n_bytes


def _memory_bytes(table_bytes: int, n_ranks: int) -> int:
    """Return the peak memory in bytes; shared pages count in proportion, as in a run."""
    shared = SHARED_BYTES + (SHARED_MPI_BYTES if n_ranks > 1 else 0)
    return int(table_bytes * BUILD_FACTOR + OWN_BYTES + shared / min(n_ranks, RANKS_PER_MACHINE))


def _messages(rank: DryRunRank, grid: tuple[int, int]) -> int:
    """Return the messages per exchange: own ones along the row and forwarded ones along the column.

    By symmetry, a rank forwards as many messages along its column as its own packets need.
    """
    x, y = rank.axons_out.ranks % grid[0], rank.axons_out.ranks // grid[0]
    own_x, own_y = rank.comm.rank % grid[0], rank.comm.rank // grid[0]
    along_row = np.unique(x[x != own_x]).size
    along_column = min(grid[1] - 1, int((y != own_y).sum()))
    return int(along_row + along_column)


def _exchange_us(messages: int, n_bytes: float, machine: Machine) -> float:
    """Return the time of an exchange in us; every packet is sent at most twice (row, column)."""
    moved = 2 * n_bytes / (machine.bandwidth_gb_s * 1e3)
    return messages * machine.latency_us + moved


def _mesh_packets(partition: Partition) -> float:
    """Return the packets on the mesh if every neuron spikes once, estimated from 32 blocks."""
    plan = partition.plan
    traffic = ExpectedTraffic(partition.network, plan.slices, plan.n_blocks)
    n_sampled = min(plan.n_blocks, 32)
    sample = np.linspace(0, plan.n_blocks - 1, n_sampled).astype(int)
    mean = math.fsum(float(traffic.packets_from(int(block)).sum()) for block in sample) / n_sampled
    return mean * plan.n_blocks
