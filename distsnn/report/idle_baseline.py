"""Traffic and energy of a recording, compared with the same chip without any spike."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from distsnn.report.document import mesh_traffic
from distsnn.simulation import Result
from distsnn.traffic import MeshTraffic


def beside_silent_chip(result: Result, n_events: int) -> dict[str, Any]:
    """Return packets, hops and energy of a run, and the energy of the idle chip. Rank 0 only."""
    traffic = mesh_traffic(result)
    counters = traffic.counters
    # An idle chip counts nothing but its neurons, whose updates it pays for.
    zero: dict[str, Any] = {
        name: np.zeros_like(value)
        for name, value in vars(counters).items()
        if isinstance(value, np.ndarray) and name not in ("neurons", "input_lines")
    }
    idle_counters = replace(counters, **zero, in_tile_packets=0, learning_updates=0)
    idle = MeshTraffic(traffic.chip, idle_counters, traffic.step_s)
    n_spikes = int(counters.spikes.sum()) if counters.spikes is not None else 0
    return {
        "events": n_events,
        "spikes": n_spikes,
        "rate_hz": n_spikes / result.network.n_neurons / (result.duration_ms * 1e-3),
        "packets": traffic.packets,
        "traversals": traffic.traversals,
        "packets_per_step": traffic.packets / max(1, counters.n_steps),
        "energy_j": traffic.energy_j["total"],
        "silent_energy_j": idle.energy_j["total"],
    }


def print_beside_silent_chip(comparison: dict[str, Any]) -> None:
    """Print the two in adjacent columns."""
    from distsnn.report.tables import print_table

    def joule(value: float | None) -> str:
        return "not known" if value is None else f"{value * 1e3:.4g} mJ"

    rows = [
        ("camera events", f"{comparison['events']:,}", "0"),
        ("spikes", f"{comparison['spikes']:,} ({comparison['rate_hz']:.3f} Hz)", "0"),
        ("packets", f"{comparison['packets']:,}", "0"),
        ("packets per step", f"{comparison['packets_per_step']:,.2f}", "0"),
        ("link traversals", f"{comparison['traversals']:,}", "0"),
        ("energy on the chip", joule(comparison["energy_j"]), joule(comparison["silent_energy_j"])),
    ]
    print_table("the recording compared with the idle chip", ("", "recording", "idle"), rows)
