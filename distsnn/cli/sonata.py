"""``distsnn sonata``: a network written as a circuit in the SONATA format."""

from __future__ import annotations

import argparse
from pathlib import Path

from distsnn.cli.run import DURATION_MS, add_network_choice, network_settings
from distsnn.cli.values import positive

HELP = "Write a network as a circuit in the SONATA format."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``sonata``."""
    add_network_choice(parser)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="folder for the files of the circuit"
    )
    parser.add_argument(
        "--duration", type=positive, default=DURATION_MS, metavar="MS",
        help="model time of the simulation that the configuration describes (1000)",
    )  # fmt: skip
    parser.add_argument("--quiet", action="store_true", help="print nothing")


def run(options: argparse.Namespace) -> int:
    """Write the circuit; return the exit code. Collective."""
    from distsnn.comm import start
    from distsnn.networks import build_network
    from distsnn.sonata import write_circuit

    comm = start(None)
    network = build_network(options.network, network_settings(options))
    path = write_circuit(network, options.out, duration_ms=options.duration, comm=comm)
    if comm.rank == 0 and not options.quiet:
        print(f"{network.n_neurons:,} neurons: distsnn run {path}")
    comm.barrier()
    return 0
