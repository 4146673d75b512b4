"""Tables of traffic accounts for a terminal."""

from __future__ import annotations

from typing import Any

from distsnn.report.tables import print_table

MOST_LINKS = 10


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
    rows += [
        (
            f"energy, {name.replace('_', ' ')}",
            "not published" if joule is None else f"{joule:.4g} J",
        )
        for name, joule in report["energy_j"].items()
    ]
    print_table("traffic", ("", ""), rows)
    links = sorted(report["links"], key=lambda link: -link["packets"])[:MOST_LINKS]
    print_table(
        f"busiest of {len(report['links']):,} links in use",
        ("from", "to", "packets"),
        [(str(tuple(k["from"])), str(tuple(k["to"])), f"{k['packets']:,}") for k in links],
    )


def print_sweep(report: dict[str, Any]) -> None:
    """Print counted traffic at each rate, and its ratio to what is expected."""
    rows = []
    busiest = "busiest_link_packets_per_s"
    for counted, theory in zip(report["measured"], report["expected"], strict=True):
        step = counted["chip_step_s"]
        joule = counted["energy_j_per_s"]["total"]
        rows.append(
            (
                f"{theory['rate_hz']:g}",
                f"{counted['packets_per_s']:.4g}",
                f"{_ratio(counted['packets_per_s'], theory['packets_per_s']):.4f}",
                f"{counted['bytes_per_s']:.4g}",
                f"{counted['mean_hops']:.3f}",
                f"{counted['busiest_link_packets_per_s']:.4g}",
                f"{_ratio(counted[busiest], theory[busiest]):.3f}",
                "-" if step is None else f"{step * 1e6:.3g}",
                "-" if joule is None else f"{joule:.4g}",
            )
        )
    columns = (
        "rate Hz", "packets/s", "of theory", "bytes/s", "hops", "busiest link/s", "of theory",
        "chip step us", "J per s",
    )  # fmt: skip
    print_table(f"{report['network']} on {report['chip']}: traffic by firing rate", columns, rows)


def _ratio(counted: float, theory: float) -> float:
    return counted / theory if theory else 1.0
