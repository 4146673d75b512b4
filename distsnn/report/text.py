"""The report for people: tables on a terminal, the same in plain text elsewhere."""

from __future__ import annotations

from typing import Any

from distsnn.report.tables import print_table


def print_report(report: dict[str, Any]) -> None:
    """Print the report of a run."""
    print()
    print_table(
        f"{report['network']}: {report['duration_ms']:g} ms in steps of {report['dt_ms']:g} ms",
        ("population", "neurons", "rate Hz", "CV of ISI", "synchrony"),
        [
            (one["name"], f"{one['n']:,}", f"{one['rate_hz']:.3f}", _or_dash(one["cv_isi"], ".2f"),
             _or_dash(one["synchrony"], ".1f"))
            for one in report["populations"]
        ],
    )  # fmt: skip
    print_table("mesh traffic", ("", "", ""), traffic_rows(report))
    print_table(
        f"energy and time on the chip: {report['chip']['title']}", ("", ""), energy_rows(report)
    )
    print_table("use of cores", ("per core", "most", "mean", "limit", ""), limit_rows(report))
    print_table("this run", ("", ""), run_rows(report))


def traffic_rows(report: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return the rows about packets, hops and links."""
    traffic = report["traffic"]
    n_steps = max(1, traffic["n_steps"])
    rows = [
        ("packets", f"{traffic['packets']:,}", f"{traffic['packets'] / n_steps:,.1f} per step"),
        ("within a tile", f"{traffic['packets_in_tile']:,}",
         f"{traffic['packets_between_tiles']:,} between tiles"),
        ("link traversals", f"{traffic['traversals']:,}",
         f"{traffic['mean_hops']:.2f} hops per packet, core to core"),
    ]  # fmt: skip
    if "tiles" in traffic:
        tiles = traffic["tiles"]
        rows.append(
            ("tile traversals", f"{tiles['traversals']:,}", f"{tiles['mean_hops']:.2f} per packet")
        )
        rows.append(("busiest tile link", *_busiest(tiles["busiest_link"])))
    rows.append(("busiest core link", *_busiest(traffic["busiest_link"])))
    rows += [
        (f"fabric {one['fabric']}", f"{one['traversals']:,}", "traversals")
        for one in traffic["per_fabric"]
    ]
    return rows


def _busiest(link: dict[str, Any] | None) -> tuple[str, str]:
    if link is None:
        return "0", "idle"
    share = link.get("share_of_rate")
    ends = f"{tuple(link['from'])} -> {tuple(link['to'])}"
    return f"{link['packets']:,}", ends + ("" if share is None else f", {share:.3%} of its rate")


def energy_rows(report: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the rows about energy by part and the predicted step of the chip."""
    rows = [
        (name.replace("_", " "), "not published" if joule is None else f"{joule * 1e3:.4g} mJ")
        for name, joule in report["energy_j"].items()
    ]
    step = report["traffic"]["chip_step"]
    if step["mean_s"] is not None:
        rows.append(
            ("predicted step",
             f"{step['mean_s'] * 1e6:.3g} us mean, {step['longest_s'] * 1e6:.3g} us longest, "
             f"bound by {step['bound_by']}")
        )  # fmt: skip
    rows.append(("figures from", ", ".join(report["chip"]["sources"])))
    return rows


def limit_rows(report: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the rows about limits; what is exceeded is marked."""
    return [
        (one["name"], f"{one['most']:,}", f"{one['mean']:,.1f}",
         "-" if one["limit"] is None else f"{one['limit']:,}",
         "exceeded" if one["exceeded"] else "")
        for one in report["limits"]
    ]  # fmt: skip


def run_rows(report: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the rows about the run itself."""
    seconds = report["seconds"]
    parts = ", ".join(
        f"{name} {seconds[name]:.2f}"
        for name in ("deliver", "update", "send", "exchange", "wait")
        if name in seconds
    )
    ranks = f"{report['n_ranks']} rank{'s' if report['n_ranks'] > 1 else ''}"
    return [
        ("ranks", f"{ranks}, fabric {report['fabric']}, placement {report['placement']}, "
                  f"exchange every {report['steps_per_exchange']} steps"),
        ("build", f"{report['build_s']:.2f} s"),
        ("simulate", f"{report['simulate_s']:.2f} s ({parts})"),
        ("imbalance", f"{seconds.get('imbalance', 1.0):.2f} (slowest rank over mean)"),
        ("real-time factor", f"{report['real_time_factor']:.3g}"),
        ("synaptic events", f"{report['synaptic_events']:,}, "
                            f"{report['synaptic_events_per_s'] / 1e6:.1f} million per second"),
        ("memory", f"{report['memory_bytes'] / 1e9:.2f} GB in all, fullest rank "
                   f"{report['memory_bytes_of_fullest_rank'] / 1e9:.2f} GB"),
        ("digest", report["digest"]),
        ("traffic digest", report["traffic_digest"]),
    ]  # fmt: skip


def _or_dash(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
