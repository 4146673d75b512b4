"""How long a chip needs for a step: a maximum over what has to be done, and the barrier.

    step = barrier(tiles) + max(busiest core, busiest link, route)

    busiest core  synaptic events, neuron updates, spikes, packets sent and received, updates of
                  plastic synapses, one after the other, on the core where they take longest
    busiest link  packets over the busiest directed link between tiles, all fabrics together, times
                  the size of a packet over the rate of the link
    route         mean time that a packet is on its way

after the runtime model of Timcheck, Pierro, Shrestha (arXiv:2601.10035, 2026), which takes the
largest of several such terms, and the barrier of Davies et al. (IEEE Micro 2018). The model
predicts; nothing here was measured on a chip. A term that lacks its figure drops out. A chip that a
clock drives takes its fixed step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from distsnn.chip import Chip


@dataclass(frozen=True)
class StepTime:
    """Terms of the step time in seconds, float64 [n] for n steps (or for n operating points).

    ``None``: a figure is missing. total_s is ``None`` only if every figure is missing.
    """

    core_s: np.ndarray | None
    link_s: np.ndarray | None
    route_s: np.ndarray | None
    barrier_s: float | None
    total_s: np.ndarray | None
    is_clocked: bool = False

    @property
    def terms(self) -> dict[str, np.ndarray | None]:
        """The terms of which the largest counts, by name."""
        return {"core": self.core_s, "link": self.link_s, "route": self.route_s}

    @property
    def bound_by(self) -> str:
        """Return which term is the largest on average: core, link, route, clock, or nothing."""
        if self.is_clocked:
            return "clock"
        means = {
            term: float(value.mean()) for term, value in self.terms.items() if value is not None
        }
        return max(means, key=lambda term: means[term]) if means else "nothing"


def step_time(
    chip: Chip,
    core_ns: np.ndarray | None,
    link_packets: np.ndarray,
    route_ns: np.ndarray | None,
    n_tiles: int,
) -> StepTime:
    """Return the times of steps.

    core_ns: work of the busiest core in each step. link_packets: packets over the busiest link
    between tiles in each step. n_tiles: tiles that the barrier goes over.
    """
    core_s = None if core_ns is None else core_ns * 1e-9
    route_s = None if route_ns is None else route_ns * 1e-9
    link_s = None
    if chip.link_bytes_per_s is not None:
        link_s = link_packets * (chip.packet_bytes / chip.link_bytes_per_s)
    barrier_ns = chip.time.barrier_of(n_tiles)
    barrier_s = None if barrier_ns is None else barrier_ns * 1e-9
    known = [term for term in (core_s, link_s, route_s) if term is not None]
    shape = np.broadcast_shapes(np.shape(link_packets), *(term.shape for term in known))
    if chip.time.fixed_step_ns is not None:
        fixed = np.full(shape, chip.time.fixed_step_ns * 1e-9)
        return StepTime(core_s, link_s, route_s, barrier_s, fixed, is_clocked=True)
    if not known and barrier_s is None:
        return StepTime(None, None, None, None, None)
    # step = barrier + max(core, link, route)
    total_s = np.full(shape, barrier_s or 0.0)
    if known:
        total_s = total_s + np.max(np.broadcast_arrays(*known), axis=0)
    return StepTime(core_s, link_s, route_s, barrier_s, total_s)


def core_ns(
    chip: Chip,
    *,
    synaptic_events: Any = 0.0,
    neuron_updates: Any = 0.0,
    spikes: Any = 0.0,
    packets_sent: Any = 0.0,
    packets_received: Any = 0.0,
    learning_updates: Any = 0.0,
) -> np.ndarray | None:
    """Return the time that events on a core take in ns; arrays broadcast. All updates are active.

    ``None`` if the chip has a figure for none of them.
    """
    time = chip.time
    # Terms whose figure is not published drop out.
    terms = [
        np.asarray(count, dtype=np.float64) * ns
        for count, ns in (
            (synaptic_events, time.synaptic_event_ns),
            (neuron_updates, time.neuron_update_active_ns),
            (spikes, time.spike_ns),
            (packets_sent, time.packet_sent_ns),
            (packets_received, time.packet_received_ns),
            (learning_updates, time.learning_update_ns),
        )
        if ns is not None
    ]
    return np.asarray(sum(terms)) if terms else None


def route_ns(chip: Chip, packets: Any, in_tile: Any, east_west: Any, north_south: Any) -> Any:
    """Return the mean time that a packet is on its way in ns, ``None`` without any figure."""
    time = chip.time
    terms = [
        np.asarray(count, dtype=np.float64) * ns
        for count, ns in (
            (in_tile, time.within_tile_ns),
            (east_west, time.hop_east_west_ns),
            (north_south, time.hop_north_south_ns),
        )
        if ns is not None
    ]
    if not terms:
        return None
    # mean = (sum over kinds of hops of hops x ns) / packets; 1e-300: no packets, no time
    return sum(terms) / np.maximum(np.asarray(packets, dtype=np.float64), 1e-300)
