"""Traffic and energy of a recording, compared with the same chip without any spike."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from distsnn.report.document import mesh_traffic
from distsnn.simulation import Result
from distsnn.traffic import MeshTraffic


def beside_silent_chip(result: Result, n_events: int) -> dict[str, Any]:
    """Return packets, hops and energy of a run and of the chip when nothing spikes. Rank 0 only."""
    traffic = mesh_traffic(result)
    counters = traffic.counters
    zero: dict[str, Any] = {
        name: np.zeros_like(value)
        for name, value in vars(counters).items()
        if isinstance(value, np.ndarray) and name not in ("neurons", "input_lines")
    }
    silent = replace(counters, **zero, in_tile_packets=0, learning_updates=0)
    quiet = MeshTraffic(traffic.chip, silent, traffic.step_s)
    n_spikes = int(counters.spikes.sum()) if counters.spikes is not None else 0
    return {
        "events": n_events,
        "spikes": n_spikes,
        "rate_hz": n_spikes / result.network.n_neurons / (result.duration_ms * 1e-3),
        "packets": traffic.packets,
        "traversals": traffic.traversals,
        "packets_per_step": traffic.packets / max(1, counters.n_steps),
        "energy_j": traffic.energy_j["total"],
        "silent_energy_j": quiet.energy_j["total"],
    }


def print_beside_silent_chip(found: dict[str, Any]) -> None:
    """Print the two in adjacent columns."""
    from distsnn.report.tables import print_table

    def joule(value: float | None) -> str:
        return "not known" if value is None else f"{value * 1e3:.4g} mJ"

    rows = [
        ("camera events", f"{found['events']:,}", "0"),
        ("spikes", f"{found['spikes']:,} ({found['rate_hz']:.3f} Hz)", "0"),
        ("packets", f"{found['packets']:,}", "0"),
        ("packets per step", f"{found['packets_per_step']:,.2f}", "0"),
        ("link traversals", f"{found['traversals']:,}", "0"),
        ("energy on the chip", joule(found["energy_j"]), joule(found["silent_energy_j"])),
    ]
    print_table("the recording beside the silent chip", ("", "recording", "silent"), rows)
