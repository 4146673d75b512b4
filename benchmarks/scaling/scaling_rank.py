"""One measurement of scaling, on the ranks that a launcher started; see scaling.py.

    mpirun -n 2 python benchmarks/scaling/scaling_rank.py loihi --set patches=8 --json point.json

Builds the network, runs a warm-up and then the steps that count, and writes times of every rank,
and what was sent beside what must have been sent.
"""

from __future__ import annotations

import argparse
import json
import platform
import socket
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from scaling_traffic import traffic

from distsnn.chip import Chip, load_chip
from distsnn.cli.values import text_setting
from distsnn.comm import run_program, start
from distsnn.core.rank import Rank
from distsnn.core.recording.collect import network_digest, peak_memory_bytes
from distsnn.core.step_program import PHASES
from distsnn.networks import build_network
from distsnn.running.building import build_rank
from distsnn.simulation import Settings
from distsnn.time_grid import given_steps


def measure(options: argparse.Namespace) -> int:
    """Run the point and write it. Collective."""
    comm = start()
    network = build_network(options.network, dict(options.set))
    n_warm, n_steps = (
        given_steps("warm-up and window", ms, network.dt_ms, 1)
        for ms in (options.warm_up, options.warm_up + options.window)
    )
    settings = Settings(fabric=options.fabric, neurons_per_core=options.neurons_per_core)
    began = perf_counter()
    rank = build_rank(network, n_steps, _chip(options), settings, comm)
    comm.barrier()
    built = perf_counter()
    n_warm -= n_warm % rank.batch  # the window begins with a new batch
    simulated_s, sent = _run(rank, n_warm, n_steps)
    point = {
        "n_ranks": comm.n_ranks,
        "n_steps": n_steps - n_warm,
        "dt_ms": network.dt_ms,
        "steps_per_exchange": rank.batch,
        "fabric": rank.fabric.name,
        "n_neurons": network.n_neurons,
        "n_synapses": comm.sum(rank.table.n_synapses),
        "build_s": built - began,
        "simulate_s": simulated_s,
        "seconds": _of_ranks(comm, [rank.seconds[name] for name in PHASES], PHASES),
        "memory_bytes": _of_ranks(comm, [peak_memory_bytes()], ("peak",))["peak"],
        "digest": network_digest(rank, comm),
        **traffic(comm, rank, (n_warm, n_steps), sent),
    }
    hosts = comm.gather_arrays(np.frombuffer(socket.gethostname().encode().ljust(64), np.uint8))
    if comm.rank == 0:
        point["hosts"] = sorted({bytes(host).decode().strip() for host in hosts})
        point["machine"] = {"processor": processor(), "python": platform.python_version()}
        options.json.write_text(json.dumps(point) + "\n")
    rank.fabric.close()
    return 0


def _chip(options: argparse.Namespace) -> Chip:
    """Return the chips side by side, in the shape asked for."""
    chip = load_chip("loihi").array(*options.chips)
    if not options.columns:
        return chip
    return replace(chip, width=options.columns, height=chip.n_cores // options.columns)


def _run(rank: Rank, n_warm: int, n_steps: int) -> tuple[float, np.ndarray]:
    """Run all steps; return seconds of those after the warm-up, and messages and bytes sent in them.

    Collective. The rank's seconds then are those of these steps, waiting apart from exchange.
    """
    comm, fabric = rank.comm, rank.fabric
    rank.advance(n_warm, settle=True)
    before = np.array([fabric.messages_sent, fabric.bytes_sent])
    rank.forget_seconds()
    comm.barrier()
    started = perf_counter()
    rank.advance(n_steps)
    comm.barrier()
    simulated_s = perf_counter() - started
    return simulated_s, np.array([fabric.messages_sent, fabric.bytes_sent]) - before


def _of_ranks(comm: Any, values: list[float], names: tuple[str, ...]) -> dict[str, list[float]]:
    """Return name -> values by rank, on rank 0. Collective."""
    gathered = comm.gather_arrays(np.array(values, dtype=np.float64)[None])
    table = np.concatenate(gathered) if gathered else np.zeros((0, len(names)))
    return {name: table[:, k].tolist() for k, name in enumerate(names)}


def processor() -> str:
    """Return the processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def main() -> int:
    """Read the command line and run. Collective."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("network")
    parser.add_argument("--set", action="append", type=text_setting, default=[])
    parser.add_argument("--chips", type=int, nargs=2, default=[1, 1], metavar=("X", "Y"))
    parser.add_argument("--columns", type=int, help="as many cores, in a mesh of this width")
    parser.add_argument("--window", type=float, default=200.0, metavar="MS")
    parser.add_argument("--warm-up", type=float, default=100.0, metavar="MS")
    parser.add_argument("--fabric")
    parser.add_argument("--neurons-per-core", type=int)
    parser.add_argument("--json", type=Path, required=True)
    options = parser.parse_args()
    return run_program(lambda: measure(options))


if __name__ == "__main__":
    raise SystemExit(main())
