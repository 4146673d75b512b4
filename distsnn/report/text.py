"""The report of a run as tables, on a terminal or in plain text."""

from __future__ import annotations

from typing import Any

from distsnn.report.tables import print_table
from distsnn.report.units import joules, per_second, seconds
from distsnn.report.weights import weight_rows
from distsnn.running.display.terminal import say


def print_report(report: dict[str, Any]) -> None:
    """Print the report of a run."""
    say("")
    discarded = f", the first {report['discard_ms']:g} ms left out" if report["discard_ms"] else ""
    print_table(
        f"{report['network']}: {report['n_neurons']:,} neurons, {report['n_synapses']:,} synapses, "
        f"{report['duration_ms']:g} ms in steps of {report['dt_ms']:g} ms{discarded}",
        ("population", "neurons", "spikes", "rate Hz", "CV of ISI", "synchrony"),
        [
            (population["name"], f"{population['n']:,}", f"{population['n_spikes']:,}",
             f"{population['rate_hz']:.3f}",
             _or_dash(population["cv_isi"], ".2f"), _or_dash(population["synchrony"], ".1f"))
            for population in report["populations"]
        ],
    )  # fmt: skip
    chip = report["chip"]
    print_table("mesh traffic", ("", "", ""), traffic_rows(report))
    print_table(f"energy and time on the chip: {chip['title']}", ("", ""), energy_rows(report))
    print_table("use of cores", ("per core", "most", "mean", "limit", ""), limit_rows(report))
    advice = cut_advice(report)
    if advice:
        print(advice)
    print_table("this run", ("", ""), run_rows(report))


def traffic_rows(report: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return the rows about packets, hops and links."""
    traffic = report["traffic"]
    packets = traffic["packets"]
    per_step = f"{packets / max(1, traffic['n_steps']):,.1f} per step"
    if "packets_per_step" in traffic:
        per_step += f", {traffic['packets_per_step']['most']:,} at most"
    rows = [
        ("packets", f"{packets:,}", per_step),
        ("within a tile", f"{traffic['packets_in_tile']:,}",
         f"{_share(traffic['packets_in_tile'], packets)}; "
         f"{traffic['packets_between_tiles']:,} between tiles"),
        ("link traversals", f"{traffic['traversals']:,}",
         f"{traffic['mean_hops']:.2f} hops per packet, core to core"),
    ]  # fmt: skip
    rows += [
        (f"  fabric {fabric['fabric']}", f"{fabric['traversals']:,}",
         f"{_share(fabric['traversals'], traffic['traversals'])}")
        for fabric in traffic["per_fabric"]
    ]  # fmt: skip
    rate = report["chip"]["link_bytes_per_s"]
    rows.append(("busiest core link", *_busiest(traffic["busiest_link"], rate)))
    if "tiles" in traffic:
        tiles = traffic["tiles"]
        rows.append(
            ("tile traversals", f"{tiles['traversals']:,}",
             f"{tiles['mean_hops']:.2f} hops per packet, tile to tile")
        )  # fmt: skip
        rows.append(("busiest tile link", *_busiest(tiles["busiest_link"], rate)))
    return rows


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def _busiest(link: dict[str, Any] | None, rate: float | None) -> tuple[str, str]:
    if link is None:
        return "0", "idle"
    share = link.get("share_of_rate")
    ends = f"{tuple(link['from'])} -> {tuple(link['to'])}"
    if share is None or rate is None:
        return f"{link['packets']:,}", ends
    return f"{link['packets']:,}", f"{ends}, {share * 100:.2g} % of {per_second(rate)}"


def energy_rows(report: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the rows about energy by part and the predicted step of the chip."""
    energy = report["energy_j"]
    rows = [
        (name.replace("_", " "), "not published" if joule is None else joules(joule))
        for name, joule in energy.items()
    ]
    step = report["traffic"]["chip_step"]
    if step["mean_s"] is not None:
        late = step.get("late_steps", 0)
        pace = f", {late:,} steps later than real time" if late else ", in real time"
        rows.append(
            ("predicted step",
             f"{seconds(step['mean_s'])} mean, {seconds(step['longest_s'])} longest, "
             f"bound by {step['bound_by']}{pace}")
        )  # fmt: skip
    rows.append(("figures from", ", ".join(report["chip"]["sources"])))
    return rows


def limit_rows(report: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the rows about limits; exceeded ones are marked."""
    return [
        (limit["name"], f"{limit['most']:,}", f"{limit['mean']:,.1f}",
         "-" if limit["limit"] is None else f"{limit['limit']:,}",
         "exceeded" if limit["exceeded"] else "")
        for limit in report["limits"]
    ]  # fmt: skip


def cut_advice(report: dict[str, Any]) -> str:
    """Return a line on limits that another cut would keep, "" if there are none."""
    exceeded = [
        f"{limit['name']} on {limit['cores_exceeded']:,}"
        for limit in report["limits"]
        if limit["exceeded"] and limit["name"] != "delay steps"
    ]
    if not exceeded or report["cut"] != "neurons":
        return ""
    return (
        f"Limits exceeded, in cores: {', '.join(exceeded)}. --cut limits uses as many as needed.\n"
    )


def run_rows(report: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the rows about the run itself."""
    parts = report["seconds"]
    split = ", ".join(
        f"{name} {parts[name]:.2f}"
        for name in ("deliver", "update", "send", "exchange", "wait")
        if name in parts
    )
    n_ranks, every = report["n_ranks"], report["steps_per_exchange"]
    interval = "every step" if every == 1 else f"every {every} steps"
    ranks = f"{n_ranks} rank{'s' if n_ranks > 1 else ''}, exchanging {interval}"
    return [
        ("ranks", f"{ranks}, fabric {report['fabric']}, placement {report['placement']}"),
        *_compile_rows(report["compile_s"]),
        ("build", f"{report['build_s']:.2f} s"),
        ("simulate", f"{report['simulate_s']:.2f} s ({split})"),
        ("imbalance", f"{parts.get('imbalance', 1.0):.2f} (slowest rank over mean)"),
        ("real-time factor", f"{report['real_time_factor']:.3g} (seconds per second of the model)"),
        ("synaptic events", f"{report['synaptic_events']:,}, "
                            f"{report['synaptic_events_per_s'] / 1e6:.1f} million per second"),
        ("memory", f"{report['memory_bytes'] / 1e9:.2f} GB in all, fullest rank "
                   f"{report['memory_bytes_of_fullest_rank'] / 1e9:.2f} GB"),
        *weight_rows(report["weights"]),
        *_saturation_rows(report["saturations"]),
        ("digest", report["digest"]),
        ("traffic digest", report["traffic_digest"]),
    ]  # fmt: skip


def _compile_rows(seconds: float) -> list[tuple[str, str]]:
    """Return the row about compiling, which happens once per machine, if it took a second or more."""
    return [("compile", f"{seconds:.2f} s, once on this machine")] if seconds >= 1.0 else []


def _saturation_rows(saturations: dict[str, int]) -> list[tuple[str, str]]:
    if not saturations:
        return []
    counts = ", ".join(f"{name} {count:,}" for name, count in saturations.items())
    return [("saturations", f"{counts} (neurons times steps in which a number did not fit)")]


def _or_dash(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
