"""The account of a mesh's traffic: loads, hops, energy and time on a chip."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from distsnn.checks import MAX_INT64, array, must_be, number, whole
from distsnn.chip import Chip, load_chip
from distsnn.errors import UsageError
from distsnn.mesh import EAST, NORTH, SOUTH, WEST, Mesh, Tiling, link_loads
from distsnn.traffic.counters import MeshCounters
from distsnn.traffic.energy import Activity, energy_of
from distsnn.traffic.matrix_file import TrafficMatrix, read_matrix_file
from distsnn.traffic.step_time import StepTime, core_ns, route_ns, step_time


@dataclass(frozen=True)
class MeshTraffic:
    """Counters evaluated on a chip. ``step_s``: length of a step if the chip waits for real time.

    Hops, energy and time are on tiles; for a chip with one core per router that is the same.
    """

    chip: Chip
    counters: MeshCounters
    step_s: float | None = None

    def __post_init__(self) -> None:
        chip, counters = self.chip, self.counters
        if (counters.width, counters.height) != (chip.width, chip.height):
            got = f"{counters.width} x {counters.height}"
            limit = f"of {chip.width} x {chip.height} cores as chip {chip.name}"
            raise UsageError(f"mesh counters: must be {limit}, got {got}. Use the same chip.")

    @property
    def mesh(self) -> Mesh:
        """The mesh of cores."""
        return Mesh.of_chip(self.chip)

    @property
    def tiling(self) -> Tiling:
        """The tiles of the chip."""
        return Tiling(self.mesh, self.chip.tile_width, self.chip.tile_height)

    @property
    def packets(self) -> int:
        """Packets sent."""
        return self.counters.packets

    @property
    def traversals(self) -> int:
        """Packets summed over all directed links of the core mesh."""
        return int(self.loads.sum())

    @cached_property
    def loads(self) -> np.ndarray:
        """Packets over each directed link of the core mesh, all fabrics, int64 [4, n_cores]."""
        return np.asarray(self.counters.link_packets.sum(axis=0))

    @cached_property
    def tile_loads(self) -> np.ndarray:
        """Packets over each directed link between tiles, int64 [4, n_tiles]."""
        return self.tiling.tile_loads(self.loads)

    @cached_property
    def activity(self) -> Activity:
        """Events of the whole chip over all steps."""
        counters, tiles = self.counters, self.tile_loads

        def total(counts: np.ndarray | None, factor: int = 1) -> float | None:
            return None if counts is None else float(counts.sum()) * factor

        # Hops are counted between tiles: cores of a tile share a router.
        return Activity(
            packets=float(self.packets),
            in_tile_packets=float(counters.in_tile_packets),
            hops_east_west=float(tiles[[EAST, WEST]].sum()),
            hops_north_south=float(tiles[[NORTH, SOUTH]].sum()),
            synaptic_events=total(counters.synaptic_events),
            neuron_updates=total(counters.own_neurons, counters.n_steps),
            spikes=total(counters.own_spikes),
            learning_updates=float(counters.learning_updates),
        )

    @cached_property
    def tiles_in_use(self) -> int:
        """Tiles with a core that holds neurons or has sent or received, at least 1."""
        counters = self.counters
        # A tile is in use if any of its cores is.
        used = (counters.packets_sent > 0) | (counters.packets_received > 0)
        if counters.own_neurons is not None:
            used |= counters.own_neurons > 0
        return max(1, np.unique(self.tiling.tile_of(np.flatnonzero(used))).size)

    @cached_property
    def step_time(self) -> StepTime:
        """Predicted time of each step if steps were recorded, otherwise of the mean step."""
        counters, n_steps = self.counters, max(1, self.counters.n_steps)
        activity = self.activity
        # Mean step: load of the busiest link over the run, divided by the steps.
        busiest_link = self.tile_loads.max() / n_steps
        # Recorded steps: the busiest link of each one, which need not be the same link.
        if counters.busiest_tile_link_of_step.size:
            busiest_link = counters.busiest_tile_link_of_step
        elif counters.busiest_link_of_step.size and not self.chip.is_tiled:
            busiest_link = counters.busiest_link_of_step
        way = route_ns(
            self.chip,
            activity.packets,
            activity.in_tile_packets,
            activity.hops_east_west,
            activity.hops_north_south,
        )
        return step_time(
            self.chip,
            self._busiest_core_ns(n_steps),
            np.atleast_1d(np.asarray(busiest_link, dtype=np.float64)),
            None if way is None else np.atleast_1d(way),
            self.tiles_in_use,
        )

    def _busiest_core_ns(self, n_steps: int) -> np.ndarray | None:
        """Work of the busiest core in each step.

        If only the largest numbers of events, packets and updates in a step are known, not their
        core, they are taken to be on one core.
        """
        counters = self.counters
        has_steps = counters.most_events_of_step.size and counters.most_received_of_step.size
        # Terms that are known per core: means over the steps.
        means: dict[str, Any] = {
            "neuron_updates": 0 if counters.own_neurons is None else counters.own_neurons,
            "spikes": 0 if counters.own_spikes is None else counters.own_spikes / n_steps,
            "packets_sent": counters.packets_sent / n_steps,
        }
        if not has_steps:
            means["packets_received"] = counters.packets_received / n_steps
            # Events that counters may lack: unknown counts as no work.
            for name, total in (
                ("synaptic_events", counters.synaptic_events),
                ("learning_updates", counters.learning_of_core),
            ):
                means[name] = 0 if total is None else total / n_steps
        # ns of each core = sum over kinds of events of (events per step) x (ns per event)
        work = core_ns(self.chip, **means)
        if work is None:
            return None
        busiest = np.atleast_1d(work.max())
        if not has_steps:
            return busiest
        # Terms that are known per step: the largest of any core. The sum of both maxima is an
        # upper bound, since they may be of different cores.
        of_step = core_ns(
            self.chip,
            synaptic_events=counters.most_events_of_step,
            packets_received=counters.most_received_of_step,
            learning_updates=counters.most_learning_of_step
            if counters.most_learning_of_step.size
            else 0.0,
        )
        return busiest if of_step is None else busiest + of_step

    @cached_property
    def seconds(self) -> float | None:
        """How long the chip is on: the steps, each waiting for its pace. ``None``: not known."""
        total = self.step_time.total_s
        if total is None:
            return None if self.step_s is None else self.counters.n_steps * self.step_s
        # A chip that waits for real time: max(step time, pace) for each step.
        paced = np.maximum(total, self.step_s or 0.0)
        return float(paced.mean()) * self.counters.n_steps

    @cached_property
    def energy_j(self) -> dict[str, float | None]:
        """Energy by part, and the total of the known parts."""
        return energy_of(self.chip, self.activity, self.seconds)

    def share_of_link(self, packets: float) -> float | None:
        """Return the share of the rate of a link that this many packets over it take up."""
        if self.chip.link_bytes_per_s is None or not self.seconds:
            return None
        # share = bytes sent / bytes that the link could carry in the time the chip is on
        return packets * self.chip.packet_bytes / (self.seconds * self.chip.link_bytes_per_s)


def account(
    chip: Chip | str,
    traffic: TrafficMatrix | np.ndarray,
    *,
    n_steps: int = 1,
    step_s: float | None = None,
    synaptic_events: np.ndarray | None = None,
    neurons: np.ndarray | None = None,
    spikes: np.ndarray | None = None,
) -> MeshTraffic:
    """Account for packets between cores on a chip.

    traffic: packets by pair of cores, as lists or int [n_cores, n_cores] (source, target), over
    ``n_steps`` steps. step_s: length of a step in real time if the chip waits for it. Events per
    core, int [n_cores], if they are known. Raises UsageError or InputFileError for cores that
    the chip does not have.
    """
    chip = load_chip(chip)
    _require_steps(n_steps, step_s)
    pairs = traffic if isinstance(traffic, TrafficMatrix) else TrafficMatrix.from_array(traffic)
    pairs.require_on(chip)
    mesh = Mesh.of_chip(chip)
    tiling = Tiling(mesh, chip.tile_width, chip.tile_height)
    # Loads of the core mesh; those between tiles follow from them.
    loads = link_loads(mesh, pairs.source, pairs.target, pairs.packets)
    # Packets within a tile pass no link between tiles.
    in_tile = tiling.tile_of(pairs.source) == tiling.tile_of(pairs.target)
    counters = MeshCounters(
        width=chip.width,
        height=chip.height,
        n_steps=n_steps,
        link_packets=loads[np.newaxis],
        packets_sent=_sum_by(pairs.source, pairs.packets, chip.n_cores),
        packets_received=_sum_by(pairs.target, pairs.packets, chip.n_cores),
        in_tile_packets=int(pairs.packets[in_tile].sum()),
        synaptic_events=_of_cores("synaptic_events", synaptic_events, chip.n_cores),
        neurons=_of_cores("neurons", neurons, chip.n_cores),
        spikes=_of_cores("spikes", spikes, chip.n_cores),
    )
    return MeshTraffic(chip, counters, step_s)


def account_matrix_file(
    path: str | os.PathLike[str],
    chip: Chip | str = "loihi",
    *,
    n_steps: int = 1,
    step_s: float | None = None,
) -> MeshTraffic:
    """Account for the packets of a CSV file, see ``read_matrix_file``."""
    chip = load_chip(chip)
    _require_steps(n_steps, step_s)
    return account(chip, read_matrix_file(path, chip.n_cores), n_steps=n_steps, step_s=step_s)


def _sum_by(cores: np.ndarray, packets: np.ndarray, n_cores: int) -> np.ndarray:
    sums = np.zeros(n_cores, dtype=np.int64)
    np.add.at(sums, cores, packets)
    return sums


def _require_steps(n_steps: int, step_s: float | None) -> None:
    whole("account: n_steps", n_steps, 1, MAX_INT64, error=UsageError)
    if step_s is not None:
        number("account: step_s", step_s, above=0.0, error=UsageError)


def _of_cores(name: str, values: np.ndarray | None, n_cores: int) -> np.ndarray | None:
    """Return int64 [n_cores], None if the values are not known."""
    if values is None:
        return None
    counts = array(f"account: {name}", values, "i", low=0, error=UsageError)
    if counts.size != n_cores:
        limit = f"of {n_cores} entries, one for each core"
        raise UsageError(must_be(f"account: {name}", limit, counts.size, "Give all cores."))
    return counts
