"""Counters of the mesh in whole numbers, from which all results about traffic are derived."""

from __future__ import annotations

import hashlib
import operator
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from distsnn.checks import must_be
from distsnn.chip import Chip
from distsnn.errors import UsageError
from distsnn.kernels.mesh.counters import ALL_COUNTERS, COUNTERS

# Fields that are known without counting: of the plan, and of the spikes that were recorded.
OF_PLAN = ("neurons", "input_lines")
OF_SPIKES = ("spikes", "input_spikes")
PER_CORE = (*(counter.name for counter in ALL_COUNTERS), *OF_PLAN, *OF_SPIKES)
OF_STEP = (
    *(counter.of_step for counter in ALL_COUNTERS if counter.of_step),
    "busiest_link_of_step", "busiest_tile_link_of_step",
)  # fmt: skip
NOT_COUNTED = ("width", "height", *OF_PLAN)
# Input lines and their spikes are parts of neurons and spikes, which are in the digest.
NOT_IN_DIGEST = (
    "input_lines", "input_spikes",
    *(name for counter in ALL_COUNTERS if not counter.in_digest
      for name in (counter.name, counter.of_step)),
)  # fmt: skip


def _no_steps() -> np.ndarray:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, repr=False)
class MeshCounters:
    """Counters of a run or of a traffic matrix over all ranks, exact.

    width, height: the mesh of cores. link_packets: int64 [n_fabrics, 4, n_cores], packets over
    each directed link (directions and nodes as in ``distsnn.mesh``). packets_sent,
    packets_received, synaptic_events, neurons, spikes, learning_of_core (updates of plastic
    synapses): int64 [n_cores]; ``None`` is not known. learning_updates: their sum.
    in_tile_packets: packets between cores of one tile, or to the own core. input_lines,
    input_spikes: int64 [n_cores], those of neurons and spikes that are of lines that play given
    spikes into the chip; they are no neurons of it. ``None``: there are none.

    Per step, int64 [n_steps], or empty if it was not recorded: packets; packets over the busiest
    link of the step, of cores and of tiles, all fabrics together; synaptic events, packets received
    and updates of plastic synapses on the core that had the most of each.
    """

    width: int
    height: int
    n_steps: int
    link_packets: np.ndarray
    packets_sent: np.ndarray
    packets_received: np.ndarray
    in_tile_packets: int
    synaptic_events: np.ndarray | None = None
    neurons: np.ndarray | None = None
    spikes: np.ndarray | None = None
    learning_updates: int = 0
    learning_of_core: np.ndarray | None = None
    packets_of_step: np.ndarray = field(default_factory=_no_steps)
    busiest_link_of_step: np.ndarray = field(default_factory=_no_steps)
    busiest_tile_link_of_step: np.ndarray = field(default_factory=_no_steps)
    most_events_of_step: np.ndarray = field(default_factory=_no_steps)
    most_received_of_step: np.ndarray = field(default_factory=_no_steps)
    most_learning_of_step: np.ndarray = field(default_factory=_no_steps)
    input_lines: np.ndarray | None = None
    input_spikes: np.ndarray | None = None

    def __post_init__(self) -> None:
        n_cores = self.width * self.height
        for name in PER_CORE:
            self._require(name, (n_cores,))
        self._require("link_packets", (self.n_fabrics, 4, n_cores))
        for name in OF_STEP:
            if getattr(self, name).size:
                self._require(name, (self.n_steps,))

    def __repr__(self) -> str:
        return (
            f"MeshCounters({self.packets} packets in {self.n_steps} steps on {self.width} x "
            f"{self.height} cores)"
        )

    def _require(self, name: str, shape: tuple[int, ...]) -> None:
        array = getattr(self, name)
        if array is None:
            return
        if array.dtype != np.int64 or array.shape != shape:
            limit = f"an array of int64 with shape {shape}"
            raise UsageError(must_be(f"mesh counters: {name}", limit, array, "Convert it."))

    @property
    def n_fabrics(self) -> int:
        """Physical meshes that the packets were counted on."""
        return int(self.link_packets.shape[0])

    @property
    def packets(self) -> int:
        """Packets sent, which equals packets received."""
        return int(self.packets_sent.sum())

    @property
    def own_neurons(self) -> np.ndarray | None:
        """Neurons of the chip on each core, without input lines."""
        return _without(self.neurons, self.input_lines)

    @property
    def own_spikes(self) -> np.ndarray | None:
        """Spikes of the chip's neurons on each core, without those of input lines."""
        return _without(self.spikes, self.input_spikes)

    def reported_steps(self) -> list[tuple[str, np.ndarray]]:
        """Return the series that reports summarise: key and values, int64 [n_steps]."""
        keys = {counter.of_step: counter.report for counter in ALL_COUNTERS if counter.report}
        keys["busiest_link_of_step"] = "busiest_link_per_step"
        series = [(key, getattr(self, name)) for name, key in keys.items()]
        return [(key, values) for key, values in series if values.size]

    def since(self, before: MeshCounters) -> MeshCounters:
        """Return the counts after ``before``, an earlier state of the same counters."""
        return self._combined(before, operator.sub, lambda now, then: now[then.size :])

    def __add__(self, other: MeshCounters) -> MeshCounters:
        """Return the counts of a run, and of another one after it, together."""
        return self._combined(other, operator.add, lambda own, more: np.concatenate([own, more]))

    def _combined(
        self,
        other: MeshCounters,
        of_counts: Callable[[Any, Any], Any],
        of_steps: Callable[[np.ndarray, np.ndarray], np.ndarray],
    ) -> MeshCounters:
        """Return the counters of which each is that of the two; of_steps is for series of steps."""
        combined: dict[str, Any] = {}
        for entry in fields(self):
            own, its = getattr(self, entry.name), getattr(other, entry.name)
            # Geometry and neurons are not counted: they stay as they are.
            if entry.name in NOT_COUNTED or own is None:
                combined[entry.name] = own
            else:
                combined[entry.name] = (of_steps if entry.name in OF_STEP else of_counts)(own, its)
        return MeshCounters(**combined)

    def digest(self) -> str:
        """Return a digest of all counters, the same for any number of ranks and any fabric."""
        # Text hashed: for each field "\nNAME SHAPE " and its values as little-endian int64.
        digest = hashlib.sha256(b"distsnn mesh counters 1")
        for entry in fields(self):
            if entry.name in NOT_IN_DIGEST:
                continue
            value = getattr(self, entry.name)
            array = np.zeros(0, np.int64) if value is None else np.asarray(value, dtype=np.int64)
            kind = "unknown" if value is None else "x".join(str(size) for size in array.shape)
            digest.update(f"\n{entry.name} {kind} ".encode())
            digest.update(array.astype("<i8").tobytes())
        return digest.hexdigest()[:32]


def _without(counts: np.ndarray | None, part: np.ndarray | None) -> np.ndarray | None:
    return counts if counts is None or part is None else counts - part


def no_counters(chip: Chip, n_steps: int) -> MeshCounters:
    """Return counters that are all 0, for the results of ranks other than 0."""
    n_cores = chip.n_cores
    of_cores = np.zeros(n_cores, np.int64)
    links = np.zeros((chip.n_fabrics, 4, n_cores), np.int64)
    # Every counter and every series over steps has an array, as on rank 0.
    counted: dict[str, Any] = {counter.name: of_cores for counter in COUNTERS}
    counted.update({name: np.zeros(n_steps, np.int64) for name in OF_STEP})
    return MeshCounters(
        width=chip.width, height=chip.height, n_steps=n_steps, link_packets=links,
        in_tile_packets=0, neurons=of_cores, spikes=of_cores, **counted,
    )  # fmt: skip
