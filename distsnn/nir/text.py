"""The report on a NIR graph as tables."""

from __future__ import annotations

from typing import Any

from distsnn.report.tables import print_table

Report = dict[str, Any]


def print_report(report: Report) -> None:
    """Print what ``evaluate`` returned on rank 0."""
    _print_accuracy(report)
    _print_layers(report["layers"])
    if report["weights"]:
        _print_weights(report["weights"], report["weight_bits"])
    _print_inference(report)
    _print_limits(report["limits"])


def _print_accuracy(report: Report) -> None:
    accuracy, bits = report["accuracy"], report["weight_bits"]
    weights = f"{bits}-bit weights" if bits else "the file's weights"
    rows = [
        ("recordings", f"{report['n_recordings']:,} of {report['mean_steps']:,.0f} steps"),
        ("cores", f"{report['n_cores']:,} of {report['n_cores_of_chip']:,}"),
        ("neurons, synapses", f"{report['n_neurons']:,}, {report['n_synapses']:,}"),
        ("accuracy, ideal", f"{accuracy['ideal']:.2%}"),
        (f"accuracy, {report['chip']} with {weights}", f"{accuracy['chip']:.2%}"),
        ("same decision", f"{accuracy['same_decision']:.2%}"),
    ]
    print_table(f"{report['graph']} on {report['chip']}", ("", ""), rows)


def _print_layers(layers: list[Report]) -> None:
    rows = [
        (
            layer["name"], layer["kind"], f"{layer['n_neurons']:,}",
            f"{layer['ideal_spikes']:,.1f}", f"{layer['chip_spikes']:,.1f}",
            "" if layer["deviation"] is None else f"{layer['deviation']:+.2%}",
        )
        for layer in layers
    ]  # fmt: skip
    columns = ("layer", "node", "neurons", "ideal spikes", "on the chip", "deviation")
    print_table("Spikes for each recording", columns, rows)


def _print_weights(weights: list[Report], bits: int) -> None:
    rows = [
        (
            f"{link['source']} -> {link['target']}", f"{link['n_synapses']:,}",
            f"{link['step']:.3g}",
            "exact" if link["snr_db"] is None else f"{link['snr_db']:.1f} dB",
            f"{link['n_zeroed']:,}",
        )
        for link in weights
    ]  # fmt: skip
    columns = ("synapses", "number", "step", "signal to noise", "rounded to 0")
    print_table(f"Weights of {bits} bits", columns, rows)


def _print_inference(report: Report) -> None:
    inference, traffic = report["inference"], report["traffic"]
    energy, seconds = inference["energy_j"]["total"], inference["time_s"]
    link = traffic["busiest_link"]
    busiest = "none" if link is None else (
        f"{link['packets'] / report['n_recordings']:,.0f} packets, "
        f"{tuple(link['from'])} -> {tuple(link['to'])}"
    )  # fmt: skip
    # Parts of the energy that the source of the chip does not give.
    missing = ", ".join(part.replace("_", " ") for part in report["energy_not_known"])
    rows = [
        ("energy", f"{energy * 1e6:,.1f} uJ" + (f" without {missing}" if missing else "")),
        ("time", "not known" if seconds is None else f"{seconds * 1e3:,.3f} ms"),
        ("synaptic events", f"{inference['synaptic_events']:,.0f}"),
        ("packets", f"{inference['packets']:,.0f}"),
        ("busiest link", busiest),
    ]
    print_table("One inference on the chip", ("", ""), rows)


def _print_limits(limits: list[Report]) -> None:
    rows = [
        (
            usage["name"].replace("_", " "), f"{usage['most']:,}",
            "" if usage["limit"] is None else f"{usage['limit']:,}",
            "exceeded" if usage["exceeded"] else "",
        )
        for usage in limits
    ]  # fmt: skip
    if rows:
        print_table("Fullest core", ("", "used", "limit", ""), rows)
