"""Terminal output of the commands."""

from __future__ import annotations

from typing import Any

from distsnn.convnet.engine.account import network_report
from distsnn.convnet.engine.network import ConvNetwork
from distsnn.convnet.images.image_set import ImageSet
from distsnn.convnet.machine import Machine
from distsnn.report.tables import print_table


def print_network(
    network: ConvNetwork, data: ImageSet, held: ImageSet | None, machine: Machine
) -> None:
    """Print the network and the data of a training."""
    n_ranks, height, width = machine.world.n_ranks, *data.images.shape[1:]
    ranks = "1 rank" if n_ranks == 1 else f"{n_ranks} ranks, {machine.replicas} replicas"
    tried = "" if held is None else f", {len(held):,} held out"
    note = f" ({data.note})" if data.note else ""
    print(
        f"{network.settings.title}: {len(data):,} images of {height}x{width} from {data.source}"
        f"{note}{tried}, {len(data.classes)} classes; seed {network.settings.seed}, {ranks}",
        flush=True,
    )
    report = network_report(network)
    layers = ", ".join(
        f"{layer['name']} {layer['height']}x{layer['width']}x{layer['maps']} on {layer['cores']}"
        for layer in report["layers"]
    )
    chips = "1 chip" if report["chips"] == 1 else f"{report['chips']} chips"
    print(
        f"{report['n_neurons']:,} neurons on {report['cores_used']} cores of {chips} "
        f"{machine.chip.name}: {layers} cores",
        flush=True,
    )


def print_training(report: dict[str, Any]) -> None:
    """Print the report of a training."""
    rows = [
        (name, f"{layer['images_shown']:,}", f"{layer['convergence']:.4f}",
         f"{layer['share_of_high_weights']:.1%}",
         f"{min(layer['wins']):,} to {max(layer['wins']):,}", str(layer["maps_without_a_win"]))
        for name, layer in report["layers"].items()
    ]  # fmt: skip
    print()
    columns = ("layer", "images", "C", "weights above 1/2", "wins per map", "maps without")
    print_table("learned without labels", columns, rows)
    results = [
        (name, " ".join(readout["blocks"]), f"{readout['training']:.2f} %",
         f"{readout['held_out']['accuracy']:.2f} %" if "held_out" in readout else "-")
        for name, readout in report["readouts"].items()
    ]  # fmt: skip
    print_table("linear classifiers", ("read-out", "", "training", "held out"), results)
    print_table("per image", ("", ""), _cost_rows(report["features"], report["links"]))
    seconds = report["seconds"]
    parts = ", ".join(f"{name} {value:.1f}" for name, value in seconds.items() if name != "total")
    print_table(
        "this run", ("", ""),
        [("seconds", f"{seconds['total']:.1f} ({parts})"), ("digest", report["digest"]),
         ("traffic digest", report["features"]["traffic_digest"])],
    )  # fmt: skip


def print_evaluation(report: dict[str, Any]) -> None:
    """Print the report of an evaluation."""
    print()
    readouts = report["readouts"].items()
    rows = [(name, f"{readout['accuracy']:.2f} %") for name, readout in readouts]
    print_table(f"accuracy on {report['n_test']:,} images", ("read-out", ""), rows)
    names = [name[:9] for name in report["classes"]]
    if len(names) <= 12:
        table = [
            (name, *(str(n) if n else "." for n in row))
            for name, row in zip(names, report["confusion"], strict=True)
        ]
        print_table("confusion (row: true class, column: predicted)", ("", *names), table)
    print_table("per image", ("", ""), _cost_rows(report, report["links"]))
    print_table(
        "this run", ("", ""),
        [("seconds", f"{report['seconds']:.1f}, {report['images_per_second']:,.0f} images/s"),
         ("digest", report["digest"]), ("traffic digest", report["traffic_digest"])],
    )  # fmt: skip


def _cost_rows(account: dict[str, Any], links: list[dict[str, Any]]) -> list[tuple[str, str]]:
    packets = ", ".join(
        f"{link['from']} to {link['to']} {link['packets']:,.0f}"
        for link in links
        if link["packets"]
    )
    # Spikes of a layer are counted on one of its connections.
    spikes = ", ".join(
        f"{link['from']} {link['spikes']:,.0f}" for link in links if link.get("spikes", 0.0) > 0
    )
    traffic = account["traffic"]
    seconds = account["chip_seconds_per_sample"]
    busiest = traffic["busiest_link"]
    rows = [
        ("spikes", f"{account['spikes_per_sample']:,.1f} ({spikes})"),
        ("packets", f"{account['packets_per_sample']:,.1f} ({packets}), "
                    f"{traffic['mean_hops']:.2f} hops each"),
        ("synaptic events", f"{account['synaptic_events_per_sample']:,.0f}"),
        ("energy on the chip", f"{account['joules_per_sample'] * 1e3:.4g} mJ"),
    ]  # fmt: skip
    if seconds is not None:
        rows.append(("time on the chip", f"{seconds * 1e3:.4g} ms"))
    if busiest is not None:
        n = max(1, account["n_shown"])
        ends = f"{tuple(busiest['from'])} -> {tuple(busiest['to'])}"
        rows.append(("busiest link", f"{busiest['packets'] / n:,.1f} packets, {ends}"))
    return rows
