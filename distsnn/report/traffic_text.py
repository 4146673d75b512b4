"""Tables of traffic accounts for a terminal."""

from __future__ import annotations

from typing import Any

from distsnn.report.tables import print_table
from distsnn.report.units import joules, scaled, seconds
from distsnn.running.display.terminal import say

MAX_LINKS = 10


def print_matrix(report: dict[str, Any]) -> None:
    """Print the account of a traffic matrix: sums, and the links with most packets."""
    rows = [
        ("chip", report["chip"]["title"]),
        ("packets", f"{report['packets']:,}"),
        ("link traversals", f"{report['traversals']:,}, {report['mean_hops']:.3f} per packet"),
    ]
    if "tiles" in report:
        tiles = report["tiles"]
        rows.append(
            ("tile traversals", f"{tiles['traversals']:,}, {tiles['mean_hops']:.3f} per packet")
        )
        rows.append(("within a tile", f"{report['packets_in_tile']:,} packets"))
    step_s = report["chip_step"]["mean_s"]
    if step_s is not None:
        bound = report["chip_step"]["bound_by"]
        rows.append(("predicted time", f"{seconds(step_s)}, bound by {bound}"))
    rows += [
        (f"energy, {name.replace('_', ' ')}", "not known" if joule is None else joules(joule))
        for name, joule in report["energy_j"].items()
    ]
    print_table("traffic", ("", ""), rows)
    links = sorted(report["links"], key=lambda link: -link["packets"])[:MAX_LINKS]
    print_table(
        f"busiest of {len(report['links']):,} links in use",
        ("from", "to", "packets"),
        [(str(tuple(k["from"])), str(tuple(k["to"])), f"{k['packets']:,}") for k in links],
    )


def print_sweep(report: dict[str, Any]) -> None:
    """Print the counted traffic at each rate, and its ratio to the expected traffic."""
    rows = [
        _sweep_row(counted, theory)
        for counted, theory in zip(report["measured"], report["expected"], strict=True)
    ]
    columns = (
        "rate Hz", "packets/s", "of theory", "bytes/s", "hops", "busiest link/s", "of theory",
        "chip step", "power",
    )  # fmt: skip
    title = f"{report['network']} on {report['chip_title']}: traffic by firing rate"
    print_table(title, columns, rows)
    if report.get("real_time_up_to_hz") is not None:
        limit, term = report["real_time_up_to_hz"], report["real_time_bound_by"]
        say(f"The chip keeps real time up to {limit:,.4g} Hz by the closed form, bound by {term}.")


def _sweep_row(counted: dict[str, Any], theory: dict[str, Any]) -> tuple[str, ...]:
    busiest = "busiest_link_packets_per_s"
    step, watt = counted["chip_step_s"], counted["energy_j_per_s"]["total"]
    return (
        f"{theory['rate_hz']:g}",
        f"{counted['packets_per_s']:,.0f}",
        _ratio(counted["packets_per_s"], theory["packets_per_s"]),
        f"{counted['bytes_per_s']:,.0f}",
        f"{counted['mean_hops']:.3f}",
        f"{counted[busiest]:,.1f}",
        _ratio(counted[busiest], theory[busiest]),
        "-" if step is None else seconds(step),
        "-" if watt is None else f"{scaled(watt)}W",
    )


def _ratio(counted: float, theory: float) -> str:
    return f"{counted / theory:.4f}" if theory else "-"
