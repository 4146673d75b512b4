"""A dry run: one rank of many, built and run alone, with the expected traffic of the other ranks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from distsnn.comm import Fabric
from distsnn.comm.fabrics.kinds.serial import SerialTransport
from distsnn.comm.serial import SerialComm
from distsnn.core.delivery.axon_lists import starts_of
from distsnn.core.delivery.axons import AxonsOut
from distsnn.core.neurons.source_spikes import SourceSpikes
from distsnn.core.partition import Partition
from distsnn.core.rank import Rank
from distsnn.kernels.formats import AXON_MASK, STEP_SHIFT
from distsnn.kernels.loop.send import SELF
from distsnn.kernels.loop.steps import replace_by_given
from distsnn.mapping.expected_traffic import ExpectedTraffic
from distsnn.mapping.plan import NeuronPlaces


class DryRunComm(SerialComm):
    """The communicator of a single process that acts as rank ``rank`` of ``n_ranks``."""

    def __init__(self, rank: int, n_ranks: int) -> None:
        super().__init__()
        self.rank, self.n_ranks = rank, n_ranks

    def alltoallv(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Return the array that this rank sends to itself, and empty arrays from other ranks."""
        return [a if r == self.rank else a[:0] for r, a in enumerate(arrays)]


class RandomSpikes(SourceSpikes):
    """Random spikes that replace those of a rank's neurons.

    Without the input from other ranks, a part of a balanced network would not fire at its usual rate.
    """

    is_empty = False

    def __init__(self, rank: Rank, rate_hz: float) -> None:
        flat = np.concatenate(
            [np.empty(0, np.int64)]
            + [np.arange(start, start + piece.size) for piece, _, start in rank.state.slices]
        )
        rng = np.random.Generator(np.random.PCG64([rank.network.seed, 1]))
        mean = flat.size * rate_hz * rank.network.dt_ms * 1e-3
        drawn = [np.unique(rng.integers(0, flat.size, n)) for n in rng.poisson(mean, rank.n_steps)]
        indices = np.concatenate([np.empty(0, np.int64), *drawn])
        self.slots = np.sort(flat)[indices].astype(np.uint32)
        self.start = np.cumsum([0, *(slots.size for slots in drawn)]).astype(np.int64)

    def bind(self, spikes: np.ndarray) -> Callable[..., int]:
        """Return the kernel that replaces spikes[:n] by the random spikes."""
        return replace_by_given.bind(self.start, self.slots, spikes)


class DryRunRank(Rank):
    """A rank whose own spikes and received packets are drawn at random, at a given rate.

    rate_hz: mean rate of the neurons.
    """

    def __init__(
        self, partition: Partition, comm: DryRunComm, n_steps: int, rate_hz: float
    ) -> None:
        self.rate_hz = rate_hz
        super().__init__(partition, comm, "mesh", n_steps)
        self.play(RandomSpikes(self, rate_hz))

    def _exchange_axons(self) -> AxonsOut:
        """Connect each neuron to other ranks with the probability that the connection rules give."""
        rank_of_core = self.partition.rank_of_core
        network, plan = self.network, self.plan
        gid_starts = [population.gid_start for population in network.populations]
        cores = NeuronPlaces(plan, gid_starts).core_of(self.table.axon_gids)
        self.is_remote = rank_of_core[cores] != self.comm.rank
        own = {int(g): k for k, g in enumerate(self.table.axon_gids) if not self.is_remote[k]}
        rng = np.random.Generator(np.random.PCG64([network.seed, self.comm.rank]))
        traffic = ExpectedTraffic(network, plan.slices, plan.n_blocks)
        lists = _Lists(self.state.n_flat)
        for piece, _, flat in self.state.slices:
            reach = traffic.reach(piece)
            blocks = np.flatnonzero(reach > 0)
            core_ids = plan.core_of_block[blocks]
            order = np.argsort(core_ids)
            core_ids, reach = core_ids[order], reach[blocks[order]]
            ranks, nodes = rank_of_core[core_ids], self.box.number_of(core_ids)
            first = gid_starts[piece.population] + piece.start
            for k in range(piece.size):
                hit = rng.random(reach.size) < reach
                axon = own.get(first + k)
                lists.add(flat + k, nodes[hit], ranks[hit], self.comm.rank, axon)
        return lists.finish(self.comm.rank)

    def _open_fabric(self, name: str) -> Fabric:
        self.random_fabric = RandomFabric(self)
        return self.random_fabric


class _Lists:
    """Collects the destinations of each neuron's packets."""

    def __init__(self, n_flat: int) -> None:
        self.fans: list[np.ndarray] = [np.empty(0, np.uint32)] * n_flat
        self.targets: list[list[tuple[int, int, int]]] = [[] for _ in range(n_flat)]

    def add(
        self, flat: int, nodes: np.ndarray, ranks: np.ndarray, own_rank: int, axon: int | None
    ) -> None:
        """Add a neuron: the nodes that it reaches, and its axon on this rank, if any."""
        self.fans[flat] = nodes.astype(np.uint32)
        others, index = np.unique(ranks, return_index=True)
        self.targets[flat] = [
            (int(rank), 0, int(at))
            for rank, at in zip(others, index, strict=True)
            if rank != own_rank
        ]
        if axon is not None:
            self.targets[flat].append((own_rank, axon, 0))

    def finish(self, own_rank: int) -> AxonsOut:
        """Return the lists as arrays."""
        entries = [entry for of_neuron in self.targets for entry in of_neuron]
        table = np.array(entries, dtype=np.int64).reshape(-1, 3)
        ranks = np.unique(table[:, 0][table[:, 0] != own_rank])
        slot = np.searchsorted(ranks, table[:, 0])
        slot[table[:, 0] == own_rank] = SELF
        return AxonsOut(
            starts_of(np.array([len(of_neuron) for of_neuron in self.targets])),
            slot.astype(np.int32),
            table[:, 1].astype(np.uint32),
            table[:, 2].astype(np.uint16),
            starts_of(np.array([fan.size for fan in self.fans])),
            np.concatenate([np.empty(0, np.uint32), *self.fans]),
            ranks.astype(np.int32),
        )


class RandomFabric(Fabric):
    """Discards sent packets and receives random packets for the rank's remote axons."""

    def __init__(self, rank: DryRunRank) -> None:
        super().__init__("serial", SerialTransport(rank.outbox))
        self._in_program = None
        self._rank = rank
        self._axons = np.flatnonzero(rank.is_remote).astype(np.uint32)
        self._rng = np.random.Generator(np.random.PCG64(rank.network.seed))
        seconds = rank.network.dt_ms * 1e-3 * rank.batch
        self._mean = self._axons.size * rank.rate_hz * seconds
        self.inbox = np.empty(int(self._mean * 4 + 1000), dtype=np.uint32)
        self.n_sent = 0

    def exchange(self) -> int:
        """Return a batch of random packets."""
        self.n_sent += int(self._rank.outbox.counts.sum())
        self._rank.outbox.counts[:] = 0
        n = min(self.inbox.size, int(self._rng.poisson(self._mean)))
        if not self._axons.size:
            return 0
        axons = self._axons[self._rng.integers(0, self._axons.size, n)] & np.uint32(AXON_MASK)
        step = self._rng.integers(0, self._rank.batch, n).astype(np.uint32)
        self.inbox[:n] = axons | (step << np.uint32(STEP_SHIFT))
        return n
