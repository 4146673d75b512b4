"""Accounts as dictionaries for JSON, and as lines of text for a terminal."""

from __future__ import annotations

from typing import Any

import numpy as np

from distsnn.mesh import EAST, NORTH, SOUTH, WEST, Mesh
from distsnn.traffic.account import MeshTraffic
from distsnn.traffic.energy import ENERGY_PARTS, hop_joule, least_update_joule
from distsnn.traffic.links import busiest_link_of, links_of


def matrix_report(traffic: MeshTraffic) -> dict[str, Any]:
    """Return the account of a traffic matrix: every directed link that carried packets, hops,
    energy and time; for a tiled chip the same between tiles under ``tiles``.
    """
    report = traffic_report(traffic, with_links=True)
    energy = energy_report(traffic)
    if "tiles" in report:
        report["tiles"]["energy_j"] = energy["energy_j"]
    return {"chip": chip_report(traffic), **report, **energy}


def traffic_report(traffic: MeshTraffic, *, with_links: bool = False) -> dict[str, Any]:
    """Return what the mesh carried (the part ``traffic`` of a run)."""
    counters, chip = traffic.counters, traffic.chip
    report = {
        "n_steps": counters.n_steps,
        **_of_mesh(traffic, traffic.mesh, traffic.loads, with_links),
        "bytes": traffic.packets * chip.packet_bytes,
        "packets_in_tile": counters.in_tile_packets,
        "packets_between_tiles": traffic.packets - counters.in_tile_packets,
    }
    for key, values in counters.reported_steps():
        report[key] = _mean_and_most(values)
    report["per_fabric"] = [
        {"fabric": fabric, **_loads_of(traffic.mesh, loads)}
        for fabric, loads in enumerate(counters.link_packets)
    ]
    if chip.is_tiled:
        tiles = traffic.tiling.tiles
        report["tiles"] = _of_mesh(traffic, tiles, traffic.tile_loads, with_links)
    report["chip_step"] = step_report(traffic)
    return report


def energy_report(traffic: MeshTraffic) -> dict[str, Any]:
    """Return the energy by part, what the parts rest on, and the hops charged per core instead.

    ``energy_j`` charges hops between tiles. ``core_hop_energy_j`` is what the hops would cost if
    every core had its router and each hop the same price: for comparison, it is in no total.
    """
    # Hops between cores, priced as hops of a chip with one router per core.
    loads = traffic.loads
    east_west, north_south = loads[[EAST, WEST]].sum(), loads[[NORTH, SOUTH]].sum()
    return {
        "energy_j": traffic.energy_j,
        "energy_seconds": traffic.seconds,
        "energy_not_known": [part for part in ENERGY_PARTS if traffic.energy_j[part] is None],
        "neuron_updates_least_j": least_update_joule(traffic.chip, traffic.activity),
        "core_hop_energy_j": hop_joule(traffic.chip, float(east_west), float(north_south)),
    }


def step_report(traffic: MeshTraffic) -> dict[str, Any]:
    """Return the predicted time of a step of the chip and its terms, means in seconds."""
    time = traffic.step_time
    report: dict[str, Any] = {
        "mean_s": None if time.total_s is None else float(time.total_s.mean()),
        "longest_s": None if time.total_s is None else float(time.total_s.max()),
        "bound_by": time.bound_by,
        "barrier_s": time.barrier_s,
    }
    for term, value in time.terms.items():
        report[f"{term}_s"] = None if value is None else float(value.mean())
    report["paced_s"] = traffic.step_s
    if traffic.step_s is not None and time.total_s is not None:
        # Steps that take longer than the chip's pace.
        report["late_steps"] = int((time.total_s > traffic.step_s).sum())
    return report


def chip_report(traffic: MeshTraffic) -> dict[str, Any]:
    """Return the name of the chip and the sources of its figures."""
    chip = traffic.chip
    return {
        "name": chip.name,
        "title": chip.title,
        "cores": [chip.width, chip.height],
        "tiles": [chip.tiles_x, chip.tiles_y],
        "link_bytes_per_s": chip.link_bytes_per_s,
        "note": chip.note,
        "sources": chip.sources,
    }


def _of_mesh(
    traffic: MeshTraffic, mesh: Mesh, loads: np.ndarray, with_links: bool
) -> dict[str, Any]:
    sums = _loads_of(mesh, loads)
    packets = traffic.packets
    report: dict[str, Any] = {
        "width": mesh.width,
        "height": mesh.height,
        "packets": packets,
        "traversals": sums["traversals"],
        # mean hops = link traversals / packets
        "mean_hops": sums["traversals"] / packets if packets else 0.0,
        "traversals_east_west": int(loads[[EAST, WEST]].sum()),
        "traversals_north_south": int(loads[[NORTH, SOUTH]].sum()),
        "busiest_link": sums["busiest_link"],
    }
    if sums["busiest_link"] is not None:
        # Packets over the busiest link, relative to what the link could carry.
        share = traffic.share_of_link(sums["busiest_link"]["packets"])
        report["busiest_link"]["share_of_rate"] = share
    if with_links:
        report["links"] = [
            {"from": list(link.start), "to": list(link.end), "packets": link.packets}
            for link in links_of(mesh, loads)
        ]
    return report


def _loads_of(mesh: Mesh, loads: np.ndarray) -> dict[str, Any]:
    link = busiest_link_of(mesh, loads)
    busiest = None
    if link is not None:
        busiest = {"from": list(link.start), "to": list(link.end), "packets": link.packets}
    return {"traversals": int(loads.sum()), "busiest_link": busiest}


def _mean_and_most(values: np.ndarray) -> dict[str, float]:
    return {"mean": float(values.mean()), "most": int(values.max())}
