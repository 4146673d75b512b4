"""A chip as data: its grid, the capacity of a core, and energy and time per event.

``None`` means that the figure is not published; it is never silently taken for zero.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from distsnn.checks import must_be, text
from distsnn.chip.checks import check_instance, check_table
from distsnn.chip.schema import RoutingName, Whole
from distsnn.errors import ChipError

SIDE = Whole(1, 1 << 20, is_required=True)  # of a whole array of chips, seen as one
ROUTING = RoutingName(may_be_file=True)


@dataclass(frozen=True)
class Limits:
    """Capacity of one core. Counts; ``None``: no limit known.

    axons_in: incoming axons (lists of synapses) per core. axons_out: pairs of a neuron and a
    destination core. delay_steps: longest delay; delay_steps_full_core: longest delay when all
    neurons of a core are in use.
    """

    neurons_per_core: int
    axons_in_per_core: int | None = None
    axons_out_per_core: int | None = None
    synapse_bits_per_core: int | None = None
    delay_steps: int | None = None
    delay_steps_full_core: int | None = None

    def __post_init__(self) -> None:
        check_table(self, "limits")


@dataclass(frozen=True)
class SynapseFormat:
    """How many bits of synaptic memory the synapses of one axon take.

    Synapses are stored in blocks of ``block_synapses``; a block takes ``block_overhead_bits`` more and
    is rounded up to memory words of ``word_bits``. A list of single synapses holds ``index_bits`` per
    synapse for its target (``None``: the chip has no such lists); a dense row holds one entry per
    neuron of the core. shares_kernels: a core stores the kernel of a convolution once, in one row, for
    all its axons; otherwise each synapse has an entry.
    """

    weight_bits: int
    block_synapses: int
    block_overhead_bits: int
    word_bits: int
    index_bits: int | None = None
    delay_bits: int = 0
    tag_bits: int = 0
    shares_kernels: bool = False

    def __post_init__(self) -> None:
        check_table(self, "synapse")

    def bits(
        # The mesh grows in both directions; tiles and limits of a core are unchanged.
        self,
        n_synapses: np.ndarray | int,
        n_neurons: np.ndarray | int,
        *,
        has_delays: bool = False,
        is_plastic: bool = False,
    ) -> np.ndarray:
        """Return the bits that axons take in the cheaper of the two formats, int64.

        n_synapses: synapses of each axon on the core; n_neurons: neurons of the core, the length
        of a dense row. Delay bits are charged with ``has_delays``, tag bits with ``is_plastic``.
        """
        entry = self.weight_bits + self.delay_bits * has_delays + self.tag_bits * is_plastic
        synapses = np.asarray(n_synapses, dtype=np.int64)
        # All entries are alike, so that the weights of a shared kernel may be one row too.
        # Dense row: one entry per neuron of the core; an axon without synapses takes nothing.
        length = np.where(synapses > 0, np.asarray(n_neurons, dtype=np.int64), 0)
        dense = self._blocks(np.maximum(length, synapses), entry)
        if self.index_bits is None:
            return dense
        # List of single synapses: each entry also has the index of its target.
        return np.minimum(dense, self._blocks(synapses, entry + self.index_bits))

    def _blocks(self, n_entries: np.ndarray, entry_bits: int) -> np.ndarray:
        # bits = full ceil(B e + overhead) + ceil(rest e + overhead), B entries of e bits a block,
        # each block rounded up to whole words.
        full, rest = np.divmod(n_entries, self.block_synapses)
        block = self._words(self.block_synapses * entry_bits + self.block_overhead_bits)
        last = self._words(rest * entry_bits + self.block_overhead_bits)
        return np.asarray(full * block + np.where(rest > 0, last, 0), dtype=np.int64)

    def _words(self, bits: np.ndarray | int) -> np.ndarray | int:
        return -(-bits // self.word_bits) * self.word_bits


@dataclass(frozen=True)
class EventEnergy:
    """Energy per event in picojoule, and static power in watt for the whole chip.

    neuron_update_active_pj and neuron_update_inactive_pj are one quantity at two levels of
    activity: an update costs the one or the other. spike_pj comes on top for a neuron that spikes,
    packet_sent_pj and packet_received_pj for a core that sends or receives a packet.
    within_tile_pj is paid by a packet that stays in its tile, the hops by one that leaves it.
    """

    synaptic_event_pj: float | None = None
    neuron_update_active_pj: float | None = None
    neuron_update_inactive_pj: float | None = None
    spike_pj: float | None = None
    packet_sent_pj: float | None = None
    packet_received_pj: float | None = None
    within_tile_pj: float | None = None
    hop_east_west_pj: float | None = None
    hop_north_south_pj: float | None = None
    learning_update_pj: float | None = None
    static_w: float | None = None

    def __post_init__(self) -> None:
        check_table(self, "energy")


@dataclass(frozen=True)
class EventTime:
    """Time per event in nanosecond; events of one core follow one another.

    barrier_ns: time of the barrier that ends a step, as (tiles, ns) points with rising tiles,
    linear in between and beyond. fixed_step_ns: length of a step on a chip that a clock drives.
    """

    synaptic_event_ns: float | None = None
    neuron_update_active_ns: float | None = None
    neuron_update_inactive_ns: float | None = None
    spike_ns: float | None = None
    packet_sent_ns: float | None = None
    packet_received_ns: float | None = None
    within_tile_ns: float | None = None
    hop_east_west_ns: float | None = None
    hop_north_south_ns: float | None = None
    learning_update_ns: float | None = None
    barrier_ns: tuple[tuple[int, float], ...] | None = None
    fixed_step_ns: float | None = None

    def __post_init__(self) -> None:
        check_table(self, "time")

    def barrier_of(self, n_tiles: int) -> float | None:
        """Return the time of the barrier over ``n_tiles`` tiles in ns."""
        if self.barrier_ns is None:
            return None
        points = self.barrier_ns
        if len(points) == 1:
            return points[0][1]
        # Segment of the piecewise linear curve; the first and the last one are extended.
        inner = max(1, sum(tiles < n_tiles for tiles, _ in points[:-1]))
        (tiles_0, ns_0), (tiles_1, ns_1) = points[inner - 1], points[inner]
        # ns(n) = ns_0 + (n - tiles_0) (ns_1 - ns_0) / (tiles_1 - tiles_0)
        share = (n_tiles - tiles_0) / (tiles_1 - tiles_0)
        return max(0.0, ns_0 + share * (ns_1 - ns_0))


@dataclass(frozen=True)
class Chip:
    """A chip: ``width`` x ``height`` cores, ``tile_width`` x ``tile_height`` cores per router.

    Cores are numbered row by row, core_id = y * width + x, row 0 at the top. wrap: the mesh is a
    torus. routing: the order by which packets are routed, "xy" (X first, then Y) or the path of a .py
    file with one (see ``distsnn.kernels.mesh.routing``), which is executed. n_fabrics: physical meshes
    that the packets of a core take in rotation. link_bytes_per_s: one directed link, all fabrics
    together. sources: short name of a citation -> citation. source_of: name of a number
    (``energy.static_w``) -> its source.
    """

    name: str
    title: str
    width: int
    height: int
    tile_width: int
    tile_height: int
    wrap: bool
    routing: str
    n_fabrics: int
    packet_bits: int
    link_bytes_per_s: float | None
    limits: Limits
    synapse: SynapseFormat | None
    energy: EventEnergy
    time: EventTime
    note: str = ""
    sources: dict[str, str] = field(default_factory=dict)
    source_of: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_table(self, "grid", {"width": SIDE, "height": SIDE, "routing": ROUTING})
        for name in ("name", "title"):
            text(f"Chip.{name}", getattr(self, name), error=ChipError)
        check_instance("Chip.note", self.note, str)
        check_instance("Chip.limits", self.limits, Limits)
        check_instance("Chip.energy", self.energy, EventEnergy)
        check_instance("Chip.time", self.time, EventTime)
        if self.synapse is not None:
            check_instance("Chip.synapse", self.synapse, SynapseFormat)
        check_instance("Chip.sources", self.sources, dict)
        check_instance("Chip.source_of", self.source_of, dict)
        for side in ("width", "height"):
            whole, tile = getattr(self, side), getattr(self, f"tile_{side}")
            if whole % tile:
                limit = f"a divisor of {side}, {whole}"
                raise ChipError(must_be(f"Chip.tile_{side}", limit, tile, "Choose one."))

    def array(self, n_x: int, n_y: int) -> Chip:
        """Return one mesh of ``n_x`` x ``n_y`` of these chips, which all take their static power."""
        if (n_x, n_y) == (1, 1):
            return self
        # Static power is of a whole chip; all other figures are per event and stay.
        watt = self.energy.static_w
        energy = replace(self.energy, static_w=None if watt is None else watt * n_x * n_y)
        return replace(
            self,
            name=f"{self.name} {n_x}x{n_y}",
            width=self.width * n_x,
            height=self.height * n_y,
            energy=energy,
        )

    @property
    def n_cores(self) -> int:
        """Cores of the chip."""
        return self.width * self.height

    @property
    def tiles_x(self) -> int:
        """Tiles in a row."""
        return self.width // self.tile_width

    @property
    def tiles_y(self) -> int:
        """Tiles in a column."""
        return self.height // self.tile_height

    @property
    def n_tiles(self) -> int:
        """Tiles of the chip."""
        return self.tiles_x * self.tiles_y

    @property
    def is_tiled(self) -> bool:
        """Whether a router serves more than one core."""
        return self.tile_width * self.tile_height > 1

    @property
    def packet_bytes(self) -> float:
        """Bytes of a packet."""
        return self.packet_bits / 8

    @property
    def neurons_per_core(self) -> int:
        """Neurons that a core holds."""
        return self.limits.neurons_per_core
