"""What a run on N ranks will need, found by building and timing one of its ranks here.

The fullest rank is built with its real synapses, and run for some steps with random spikes in place
of its own and the other ranks'. Communication is added from a latency and a bandwidth.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

import numpy as np

from distsnn.checks import MAX_FLOAT32, number, whole
from distsnn.chip import Chip
from distsnn.comm import fitting_batch, rank_grid
from distsnn.core.utilization import CoreUsage, gather_usage
from distsnn.errors import UsageError
from distsnn.forecast.pretend import DryRunRank, PretendComm, RandomSpikes
from distsnn.mapping import make_plan
from distsnn.mapping.batch import most_spikes, steps_per_exchange
from distsnn.mapping.expected_traffic import ExpectedTraffic
from distsnn.mapping.partition import rank_of_core
from distsnn.mapping.work import expected_work
from distsnn.network import Network
from distsnn.simulation import compile_kernels

MAX_RANKS = 100_000
# Measured beside the tables of a rank: an interpreter with numpy, what all ranks of a machine share of
# it and of MPI, and what building takes beyond the tables.
OWN_BYTES, SHARED_BYTES, SHARED_MPI_BYTES = 35_000_000, 60_000_000, 18_000_000
BUILD_FACTOR = 1.08
RANKS_PER_MACHINE = 32
MAX_STEPS, MIN_STEPS, ENOUGH_S = 3000, 300, 0.5  # of timing


@dataclass(frozen=True)
class Machine:
    """The cluster that is planned for: one message costs latency + bytes / bandwidth."""

    latency_us: float = 2.0
    bandwidth_gb_s: float = 10.0

    def __post_init__(self) -> None:
        number("machine: latency_us", self.latency_us, 0.0, MAX_FLOAT32, error=UsageError)
        number("machine: bandwidth_gb_s", self.bandwidth_gb_s, above=0.0, error=UsageError)


@dataclass(frozen=True)
class Forecast:
    """What one rank of many will need; see the field names for units.

    balance: mean work of the ranks over the work of the fullest. compute_us, exchange_us: per step.
    packets_sent, packets_received, bytes_sent: of this rank per step. partners: ranks it sends to.
    mesh_packets: packets that all cores of the network send per step.
    """

    n_ranks: int
    rank: int
    grid: tuple[int, int]
    n_cores: int
    n_neurons: int
    n_synapses: int
    memory_bytes: int
    table_bytes: int
    balance: float
    steps_per_exchange: int
    compute_us: float
    deliver_us: float
    update_us: float
    send_us: float
    exchange_us: float
    step_us: float
    real_time_factor: float
    packets_sent: float
    packets_received: float
    bytes_sent: float
    partners: int
    messages_per_exchange: int
    mesh_packets: float
    build_s: float
    usage: CoreUsage | None

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as plain data, use of the fullest core included."""
        plain = {key: value for key, value in asdict(self).items() if key != "usage"}
        plain["grid"] = list(self.grid)
        limits = self.usage.limits if self.usage else ()
        plain["limits"] = {one.name: {"used": one.most, "limit": one.limit} for one in limits}
        return plain


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
) -> Forecast:
    """Build one rank of ``n_ranks``, time it, and return what to expect.

    rank: None takes the fullest. rate_hz: mean rate of the neurons, a spike in each step at most.
    n_steps: the most that are timed. Raises UsageError and CapacityError as a run would.
    """
    _check(n_ranks, rank, chip)
    most_hz, remedy = 1e3 / network.dt_ms, "Neurons spike once in a step at most."
    number("forecast: rate_hz", rate_hz, 0.0, most_hz, remedy=remedy, error=UsageError)
    whole("forecast: n_steps", n_steps, 3, MAX_STEPS, error=UsageError)
    compile_kernels(network)
    began = perf_counter()
    plan = make_plan(network, chip, placement, neurons_per_core)
    grid = rank_grid(n_ranks, chip.width, chip.height)
    work = expected_work(network, plan)
    ranks = rank_of_core(work, chip.width, chip.height, grid)
    work_of_rank = np.bincount(ranks, work, n_ranks)
    chosen = int(np.argmax(work_of_rank)) if rank is None else rank
    batch = fitting_batch(
        steps_per_exchange(network, plan), most_spikes(network, plan, ranks), n_ranks
    )
    DryRunRank.rate_hz = rate_hz
    pretended = DryRunRank(
        network, plan, ranks, grid, PretendComm(chosen, n_ranks), "mesh", chip, n_steps, batch
    )
    pretended.play(RandomSpikes(pretended, rate_hz))
    built = perf_counter()
    usage = gather_usage(pretended, chip, SerialView(pretended))
    per_step = _time_steps(pretended)
    table_bytes = _table_bytes(pretended)
    messages = _messages(pretended, grid)
    sent = pretended.random_fabric.n_sent / pretended.t
    exchange_us = _exchange_us(messages, sent * batch * 4, machine or Machine()) / batch
    compute_us = sum(per_step.values())
    step_us = compute_us + exchange_us
    busiest = float(work_of_rank.max())
    return Forecast(
        n_ranks=n_ranks,
        rank=chosen,
        grid=grid,
        n_cores=int(pretended.core_ids.size),
        n_neurons=sum(piece.size for piece, _, _ in pretended.state.slices),
        n_synapses=pretended.table.n_synapses,
        memory_bytes=_memory_bytes(table_bytes, n_ranks),
        table_bytes=table_bytes,
        balance=float(work_of_rank.mean()) / busiest if busiest else 1.0,
        steps_per_exchange=batch,
        compute_us=compute_us,
        deliver_us=per_step["deliver"],
        update_us=per_step["update"],
        send_us=per_step["send"],
        exchange_us=exchange_us,
        step_us=step_us,
        real_time_factor=step_us * 1e-3 / network.dt_ms,
        packets_sent=sent,
        packets_received=float(pretended.is_remote.sum()) * rate_hz * network.dt_ms * 1e-3,
        bytes_sent=sent * 4,
        partners=int(pretended.axons_out.ranks.size),
        messages_per_exchange=messages,
        mesh_packets=_mesh_packets(network, plan, rate_hz),
        build_s=built - began,
        usage=usage,
    )


class SerialView(PretendComm):
    """The pretended rank as the only one, so that it gathers its own figures."""

    def __init__(self, rank: DryRunRank) -> None:
        super().__init__(0, 1)


def _check(n_ranks: int, rank: int | None, chip: Chip) -> None:
    most = min(MAX_RANKS, chip.n_cores)
    remedy = f"{chip.name} has {chip.n_cores} cores; choose an array of chips."
    whole("forecast: n_ranks", n_ranks, 1, most, remedy=remedy, error=UsageError)
    if rank is not None:
        whole("forecast: rank", rank, 0, n_ranks - 1, error=UsageError)


def _time_steps(rank: DryRunRank) -> dict[str, float]:
    """Run steps until times are steady, all at most; return microseconds per step and phase."""
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
    return total + rank.table.n_bytes + rank.axons_out.n_bytes + rank.plastic.n_bytes


def _memory_bytes(table_bytes: int, n_ranks: int) -> int:
    """Return the peak, with shared pages by their share as a run reports it."""
    shared = SHARED_BYTES + (SHARED_MPI_BYTES if n_ranks > 1 else 0)
    return int(table_bytes * BUILD_FACTOR + OWN_BYTES + shared / min(n_ranks, RANKS_PER_MACHINE))


def _messages(rank: DryRunRank, grid: tuple[int, int]) -> int:
    """Return messages per exchange: along the row, then what others send through this rank.

    By symmetry a rank passes on as many messages along its column as its own packets need.
    """
    x, y = rank.axons_out.ranks % grid[0], rank.axons_out.ranks // grid[0]
    own_x, own_y = rank.comm.rank % grid[0], rank.comm.rank // grid[0]
    along_row = np.unique(x[x != own_x]).size
    along_column = min(grid[1] - 1, int((y != own_y).sum()))
    return int(along_row + along_column)


def _exchange_us(messages: int, n_bytes: float, machine: Machine) -> float:
    """Two phases: every packet is sent at most twice."""
    moved = 2 * n_bytes / (machine.bandwidth_gb_s * 1e3)
    return messages * machine.latency_us + moved


def _mesh_packets(network: Network, plan: Any, rate_hz: float) -> float:
    """Return packets per step of the whole network, from a sample of its blocks."""
    traffic = ExpectedTraffic(network, plan.slices, plan.n_blocks)
    n_sampled = min(plan.n_blocks, 32)
    sample = np.linspace(0, plan.n_blocks - 1, n_sampled).astype(int)
    mean = math.fsum(float(traffic.packets_from(int(block)).sum()) for block in sample) / n_sampled
    return mean * plan.n_blocks * rate_hz * network.dt_ms * 1e-3
