"""How much of the chip's limits each core uses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.checks import must_be
from distsnn.chip import Chip
from distsnn.comm import Comm
from distsnn.core.rank import Rank
from distsnn.core.shared_weights import sharing_synapses
from distsnn.errors import CapacityError
from distsnn.mapping.cut import slots_per_neuron


@dataclass(frozen=True)
class Utilization:
    """Utilization of one resource on every occupied core.

    used: amount in use on each core, int64 [occupied cores]. limit: amount that a core has, None if the
    chip sets no limit.
    """

    name: str
    used: np.ndarray
    limit: int | None

    @property
    def most(self) -> int:
        """Amount in use on the fullest core."""
        return int(self.used.max()) if self.used.size else 0

    @property
    def cores_exceeded(self) -> int:
        """Number of cores that exceed the limit."""
        return 0 if self.limit is None else int((self.used > self.limit).sum())

    @property
    def is_exceeded(self) -> bool:
        """Whether any core exceeds the limit."""
        return self.limit is not None and self.most > self.limit


@dataclass(frozen=True)
class Excess:
    """A limit that one core exceeds."""

    core_id: int
    name: str
    used: int
    limit: int


@dataclass(frozen=True)
class CoreUtilization:
    """Utilization of every resource on every occupied core.

    core_ids: ids of the occupied cores, ascending, int64 [occupied cores].
    """

    core_ids: np.ndarray
    limits: tuple[Utilization, ...]

    @property
    def exceeded(self) -> tuple[Utilization, ...]:
        """The resources whose limit is exceeded on at least one core."""
        return tuple(utilization for utilization in self.limits if utilization.is_exceeded)

    @property
    def excesses(self) -> tuple[Excess, ...]:
        """Every limit that a core exceeds, core by core. ``cut="limits"`` avoids all but delays."""
        return tuple(
            Excess(int(core), kind.name, int(kind.used[k]), kind.limit)
            for k, core in enumerate(self.core_ids)
            for kind in self.limits
            if kind.limit is not None and kind.used[k] > kind.limit
        )


def gather_utilization(rank: Rank, chip: Chip, comm: Comm) -> CoreUtilization | None:
    """Return the utilization of all cores on rank 0, None on other ranks. Collective."""
    # name: (amount used on each core of this rank, limit)
    columns = {
        "neurons": (_neurons(rank), chip.limits.neurons_per_core),
        "axons in": (_axons_in(rank), chip.limits.axons_in_per_core),
        "axons out": (_axons_out(rank), chip.limits.axons_out_per_core),
        "synapses": (_synapses(rank), None),
        "synapse bits": (_synapse_bits(rank, chip), chip.limits.synapse_bits_per_core),
        "delay steps": (_longest_delay(rank), chip.limits.delay_steps),
    }
    core_ids = comm.gather_arrays(rank.core_ids.astype(np.int64))
    gathered = {
        name: (comm.gather_arrays(used.astype(np.int64)), limit)
        for name, (used, limit) in columns.items()
    }
    if comm.rank != 0:
        return None
    # Ranks own rectangles of cores, so their ids have to be merged.
    ids = np.concatenate(core_ids)
    order = np.argsort(ids)
    return CoreUtilization(
        ids[order],
        tuple(
            Utilization(name, np.concatenate(parts)[order], limit)
            for name, (parts, limit) in gathered.items()
        ),
    )


def require_within_limits(
    utilization: CoreUtilization | None, chip: Chip, is_strict: bool, comm: Comm
) -> None:
    """Raise CapacityError on all ranks if ``is_strict`` and a limit is exceeded. Collective."""
    if not is_strict:
        return
    error = None
    if utilization is not None and utilization.exceeded:
        # The limit that is exceeded by the largest factor, on the core that exceeds it most.
        worst = max(utilization.exceeded, key=lambda limit: limit.most / (limit.limit or 1))
        core = int(utilization.core_ids[np.argmax(worst.used)])
        where = f"core {core % chip.width},{core // chip.width} of chip {chip.name}"
        remedy = "Use --cut limits, make the network smaller, or leave out --strict."
        limit = f"at most {worst.limit}"
        error = CapacityError(must_be(f"{where}: {worst.name}", limit, worst.most, remedy))
    comm.agree(error)


def _neurons(rank: Rank) -> np.ndarray:
    """Return the number of neurons on each core, int64 [cores]; every compartment counts as one.

    Input lines do not count, since their spikes come from outside the chip.
    """
    used = np.zeros(rank.core_ids.size, dtype=np.int64)
    for piece, core, _ in rank.state.slices:
        population = rank.network.populations[piece.population]
        if not population.model.is_source:
            used[core] += piece.size * slots_per_neuron(population)
    return used


def _axons_in(rank: Rank) -> np.ndarray:
    return np.bincount(rank.table.core, minlength=rank.core_ids.size)


def _synapses(rank: Rank) -> np.ndarray:
    # bincount adds up doubles, which are exact up to 2^53 synapses.
    n_each = rank.table.n_onto_core.astype(np.float64)
    return np.bincount(rank.table.core, n_each, rank.core_ids.size).astype(np.int64)


def _axons_out(rank: Rank) -> np.ndarray:
    # An axon out is one node of a neuron's fan; slot = [local core | lid].
    per_neuron = np.diff(rank.axons_out.fan_start).astype(np.int64)
    n_cores = rank.core_ids.size
    slots = 1 << rank.plan.lid_bits
    return per_neuron[: n_cores * slots].reshape(n_cores, slots).sum(axis=1)


def _synapse_bits(rank: Rank, chip: Chip) -> np.ndarray:
    n_cores = rank.core_ids.size
    if chip.synapse is None:
        return np.zeros(n_cores, dtype=np.int64)
    # Each pair of an axon and a core takes bits of its own, which also depend on the core's neurons.
    targets = {
        population.index
        for population in rank.network.populations
        if not population.model.is_source
    }
    neurons = rank.plan.neurons_of_core(targets)[rank.core_ids]
    has_delays = any(p.delay_steps[1] > 1 for p in rank.network.projections)
    table = rank.table
    n_each, n_weights = table.n_onto_core, np.zeros(n_cores, dtype=np.int64)
    if chip.synapse.shares_kernels:
        n_sharing, n_weights = sharing_synapses(rank)
        n_each = n_each - n_sharing
    bits = chip.synapse.bits(n_each, neurons[table.core], has_delays=has_delays)
    # One row of each core has the weights that synapses share.
    shared = chip.synapse.bits(n_weights, n_weights, has_delays=has_delays)
    return np.bincount(table.core, bits.astype(np.float64), n_cores).astype(np.int64) + shared


def _longest_delay(rank: Rank) -> np.ndarray:
    """Return the longest possible delay of the projections onto each core, in steps, int64 [cores]."""
    longest = np.zeros(rank.core_ids.size, dtype=np.int64)
    onto: dict[int, int] = {}
    for projection in rank.network.projections:
        index = projection.target.index
        onto[index] = max(onto.get(index, 0), projection.delay_steps[1])
    for piece, core, _ in rank.state.slices:
        longest[core] = max(longest[core], onto.get(piece.population, 0))
    return longest
