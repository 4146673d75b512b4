"""The keys of a chip file, with their types and ranges."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from distsnn.checks import choice, must_be, number, whole
from distsnn.errors import ChipError
from distsnn.kernels.mesh.routing import DEFAULT_ROUTING, known_routings

MAX_SIDE = 512


@dataclass(frozen=True)
class Whole:
    """A whole number from ``low`` to ``high``."""

    low: int
    high: int
    is_required: bool = False

    def read(self, thing: str, value: Any) -> int:
        """Return the value; raise ChipError with the reason."""
        return whole(thing, value, self.low, self.high, remedy=REMEDY, error=ChipError)


@dataclass(frozen=True)
class Real:
    """A number from ``low`` to ``high``."""

    low: float
    high: float
    is_required: bool = False

    def read(self, thing: str, value: Any) -> float:
        """Return the value as float; raise ChipError with the reason."""
        remedy = REMEDY if self.is_required else f"{REMEDY} Leave the key out if it is unknown."
        return number(thing, value, self.low, self.high, remedy=remedy, error=ChipError)


@dataclass(frozen=True)
class Flag:
    """true or false."""

    is_required: bool = False

    def read(self, thing: str, value: Any) -> bool:
        """Return the value; raise ChipError with the reason."""
        if not isinstance(value, bool):
            raise ChipError(must_be(thing, "true or false", value, "Write one of them."))
        return value


@dataclass(frozen=True)
class RoutingName:
    """A routing order by name; in Python also the path of a .py file, which is executed."""

    may_be_file: bool = False
    is_required: bool = False

    def read(self, thing: str, value: Any) -> str:
        """Return the value; raise ChipError with the reason."""
        if self.may_be_file and isinstance(value, str) and value.endswith(".py"):
            return value
        return choice(thing, value, known_routings(), error=ChipError)


@dataclass(frozen=True)
class Points:
    """A list of [tiles, ns] pairs with rising numbers of tiles."""

    is_required: bool = False

    def read(self, thing: str, value: Any) -> tuple[tuple[int, float], ...]:
        """Return the points; raise ChipError with the reason."""
        is_list = isinstance(value, list) and value
        if not is_list or not all(isinstance(pair, list) and len(pair) == 2 for pair in value):
            limit, remedy = "a list of [tiles, ns] pairs", "Write such a list."
            raise ChipError(must_be(thing, limit, value, remedy))
        points = [(TILES.read(f"{thing}: tiles", pair[0]), TIME_NS.read(f"{thing}: ns", pair[1]))
                  for pair in value]  # fmt: skip
        tiles = [point[0] for point in points]
        if any(second <= first for first, second in pairwise(tiles)):
            raise ChipError(must_be(f"{thing}: tiles", "rising numbers", tiles, "Sort the pairs."))
        return tuple(points)


REMEDY = "Check the value and its unit."
Kind = Whole | Real | Flag | RoutingName | Points

# Ranges shared by several keys.
TILES = Whole(1, MAX_SIDE**2)
ENERGY_PJ = Real(0, 1e9)
TIME_NS = Real(0, 1e12)
# 2^40 bits (128 GiB) per core: a bound against typing errors, not a property of a chip.
MAX_BITS = 1 << 40

# Mesh of cores: sides in cores, rates in bytes per second of one directed link.
GRID: dict[str, Kind] = {
    "width": Whole(1, MAX_SIDE, is_required=True),
    "height": Whole(1, MAX_SIDE, is_required=True),
    "tile_width": Whole(1, MAX_SIDE),
    "tile_height": Whole(1, MAX_SIDE),
    "wrap": Flag(),
    "routing": RoutingName(),
    "n_fabrics": Whole(1, 16),
    "packet_bits": Whole(1, 65536),
    "link_bytes_per_s": Real(1, 1e18),
}
# Capacities of one core, as counts; delays in time steps.
LIMITS: dict[str, Kind] = {
    "neurons_per_core": Whole(1, 65536, is_required=True),
    "axons_in_per_core": Whole(1, MAX_BITS),
    "axons_out_per_core": Whole(1, MAX_BITS),
    "synapse_bits_per_core": Whole(1, MAX_BITS),
    "delay_steps": Whole(1, 1 << 20),
    "delay_steps_full_core": Whole(1, 1 << 20),
}
# Synaptic memory: widths of the fields of an entry and of a memory word, in bits.
SYNAPSE: dict[str, Kind] = {
    "weight_bits": Whole(1, 64, is_required=True),
    "block_synapses": Whole(1, 1 << 20, is_required=True),
    "block_overhead_bits": Whole(0, 1 << 20, is_required=True),
    "word_bits": Whole(1, 1 << 20, is_required=True),
    "index_bits": Whole(0, 64),
    "delay_bits": Whole(0, 64),
    "tag_bits": Whole(0, 64),
    "shares_kernels": Flag(),
}
# Energy per event in pJ, static power in W.
ENERGY: dict[str, Kind] = {
    "synaptic_event_pj": ENERGY_PJ,
    "neuron_update_active_pj": ENERGY_PJ,
    "neuron_update_inactive_pj": ENERGY_PJ,
    "spike_pj": ENERGY_PJ,
    "packet_sent_pj": ENERGY_PJ,
    "packet_received_pj": ENERGY_PJ,
    "within_tile_pj": ENERGY_PJ,
    "hop_east_west_pj": ENERGY_PJ,
    "hop_north_south_pj": ENERGY_PJ,
    "learning_update_pj": ENERGY_PJ,
    "static_w": Real(0, 1e6),
}
# Time per event in ns; barrier_ns is a curve over the number of tiles.
TIME: dict[str, Kind] = {
    "synaptic_event_ns": TIME_NS,
    "neuron_update_active_ns": TIME_NS,
    "neuron_update_inactive_ns": TIME_NS,
    "spike_ns": TIME_NS,
    "packet_sent_ns": TIME_NS,
    "packet_received_ns": TIME_NS,
    "within_tile_ns": TIME_NS,
    "hop_east_west_ns": TIME_NS,
    "hop_north_south_ns": TIME_NS,
    "learning_update_ns": TIME_NS,
    "barrier_ns": Points(),
    "fixed_step_ns": TIME_NS,
}
TABLES: dict[str, dict[str, Kind]] = {
    "grid": GRID,
    "limits": LIMITS,
    "synapse": SYNAPSE,
    "energy": ENERGY,
    "time": TIME,
}
REQUIRED_TABLES = ("grid", "limits")
# Values of keys that a file leaves out.
GRID_DEFAULTS: dict[str, Any] = {
    "tile_width": 1,
    "tile_height": 1,
    "wrap": False,
    "routing": DEFAULT_ROUTING,
    "n_fabrics": 1,
    "packet_bits": 32,
    "link_bytes_per_s": None,
}
