"""Energy of a run on a chip: static power times its duration, plus the energy of each event."""

from __future__ import annotations

from dataclasses import dataclass

from distsnn.chip import Chip

ENERGY_PARTS = (
    "synaptic_events",
    "neuron_updates",
    "spikes",
    "packets",
    "within_tile",
    "hops",
    "learning",
    "static",
)


@dataclass(frozen=True)
class Activity:
    """Events of a whole chip, of a run or per second; ``None`` is not known.

    packets stay within their tile or pay for hops between tiles. neuron_updates: neurons times
    steps; active_updates of them count as active, all if ``None``.
    """

    packets: float
    in_tile_packets: float
    hops_east_west: float
    hops_north_south: float
    synaptic_events: float | None = None
    neuron_updates: float | None = None
    active_updates: float | None = None
    spikes: float | None = None
    learning_updates: float = 0.0


def energy_of(chip: Chip, activity: Activity, seconds: float | None) -> dict[str, float | None]:
    """Return the energy in joule by part, and their ``total``.

    seconds: how long the chip was on. A part is ``None`` if the number of events or the energy
    of one is not known; the total is over the parts that are.
    """
    energy = chip.energy
    # E = sum over kinds of events of (events) x (energy per event) + static power x time
    parts: dict[str, float | None] = {
        "synaptic_events": _joule(activity.synaptic_events, energy.synaptic_event_pj),
        "neuron_updates": _update_joule(chip, activity),
        "spikes": _joule(activity.spikes, energy.spike_pj),
        # Each packet is sent once and received once.
        "packets": _sum(
            _joule(activity.packets, energy.packet_sent_pj),
            _joule(activity.packets, energy.packet_received_pj),
        ),
        "within_tile": _joule(activity.in_tile_packets, energy.within_tile_pj),
        "hops": hop_joule(chip, activity.hops_east_west, activity.hops_north_south),
        "learning": _joule(activity.learning_updates, energy.learning_update_pj),
        "static": None,
    }
    if seconds is not None and energy.static_w is not None:
        parts["static"] = seconds * energy.static_w
    parts["total"] = sum(part for part in parts.values() if part is not None)
    return parts


def hop_joule(chip: Chip, east_west: float, north_south: float) -> float | None:
    """Return the energy of hops in joule."""
    # E_hops = hops_ew e_ew + hops_ns e_ns
    return _sum(
        _joule(east_west, chip.energy.hop_east_west_pj),
        _joule(north_south, chip.energy.hop_north_south_pj),
    )


def least_update_joule(chip: Chip, activity: Activity) -> float | None:
    """Return the energy of the neuron updates if none of them were active."""
    return _joule(activity.neuron_updates, chip.energy.neuron_update_inactive_pj)


def _update_joule(chip: Chip, activity: Activity) -> float | None:
    updates, energy = activity.neuron_updates, chip.energy
    # E_updates = active e_active + (updates - active) e_inactive
    if updates is None or activity.active_updates is None:
        return _joule(updates, energy.neuron_update_active_pj)
    return _sum(
        _joule(activity.active_updates, energy.neuron_update_active_pj),
        _joule(updates - activity.active_updates, energy.neuron_update_inactive_pj),
    )


def _joule(n_events: float | None, picojoule: float | None) -> float | None:
    if n_events == 0:
        return 0.0
    if n_events is None or picojoule is None:
        return None
    # pJ to J
    return n_events * picojoule * 1e-12


def _sum(*parts: float | None) -> float | None:
    return None if any(part is None for part in parts) else sum(part or 0.0 for part in parts)
