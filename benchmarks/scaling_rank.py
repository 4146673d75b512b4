"""One measurement of scaling, on the ranks that a launcher started; see scaling.py.

    mpirun -n 2 python benchmarks/scaling_rank.py loihi --set patches=8 --json point.json

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
from exchange_count import ExchangeCount, packets_of_exchanges, way_of

from distsnn.chip import load_chip
from distsnn.cli.values import text_setting
from distsnn.comm import rank_grid, run_program, start
from distsnn.core.collect import gather_spikes, network_digest, peak_memory_bytes
from distsnn.core.rank import PHASES, Rank
from distsnn.forecast import enlarged
from distsnn.networks import build_network
from distsnn.simulation import Settings, build_rank


def measure(options: argparse.Namespace) -> int:
    """Run the point and write it. Collective."""
    comm = start()
    network = build_network(options.network, dict(options.set))
    chip = enlarged(load_chip("loihi"), *options.chips)
    if options.columns:
        n_cores = chip.n_cores
        chip = replace(chip, width=options.columns, height=n_cores // options.columns)
    began = perf_counter()
    n_warm, n_steps = (
        round(ms / network.dt_ms) for ms in (options.warm_up, options.warm_up + options.window)
    )
    settings = Settings(fabric=options.fabric, neurons_per_core=options.neurons_per_core)
    rank = build_rank(network, n_steps, chip, settings, comm)
    n_warm -= n_warm % rank.batch  # the window begins with a new batch
    comm.barrier()
    built = perf_counter()
    for t in range(n_warm):
        rank.tick(t)
    before = np.array([rank.fabric.messages_sent, rank.fabric.bytes_sent])
    wait_s = rank.fabric.wait_s
    rank.seconds = dict.fromkeys(PHASES, 0.0)
    comm.barrier()
    started = perf_counter()
    for t in range(n_warm, n_steps):
        rank.tick(t)
    comm.barrier()
    simulated_s = perf_counter() - started
    rank.seconds["wait"] = rank.fabric.wait_s - wait_s
    rank.seconds["exchange"] -= rank.seconds["wait"]
    sent = np.array([rank.fabric.messages_sent, rank.fabric.bytes_sent]) - before
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
        **_traffic(comm, rank, (n_warm, n_steps), sent),
    }
    hosts = comm.gather_arrays(np.frombuffer(socket.gethostname().encode().ljust(64), np.uint8))
    if comm.rank == 0:
        point["hosts"] = sorted({bytes(host).decode().strip() for host in hosts})
        point["machine"] = {"processor": processor(), "python": platform.python_version()}
        options.json.write_text(json.dumps(point) + "\n")
    rank.fabric.close()
    return 0


def _of_ranks(comm: Any, values: list[float], names: tuple[str, ...]) -> dict[str, list[float]]:
    """Return name -> values by rank, on rank 0. Collective."""
    gathered = comm.gather_arrays(np.array(values, dtype=np.float64)[None])
    table = np.concatenate(gathered) if gathered else np.zeros((0, len(names)))
    return {name: table[:, k].tolist() for k, name in enumerate(names)}


def _traffic(comm: Any, rank: Rank, steps: tuple[int, int], sent: np.ndarray) -> dict[str, Any]:
    """Return what was sent, what must have been, and the synaptic events. Collective."""
    spikes = gather_spikes(rank, comm)
    table = rank.table
    cumulated = np.concatenate([[0], np.cumsum(table.n_onto_core, dtype=np.int64)])
    n_onto_rank = np.diff(cumulated[table.core_start])
    axons, onto = comm.gather_arrays(table.axon_gids), comm.gather_arrays(n_onto_rank)
    own = np.concatenate(
        [
            np.arange(piece.start, piece.stop)
            + rank.network.populations[piece.population].gid_start
            for piece, _, _ in rank.state.slices
        ]
        or [np.zeros(0, np.int64)]
    )
    gids = comm.gather_arrays(own)
    sent_by = comm.gather_arrays(sent[None])
    if comm.rank != 0:
        return {}
    n_neurons, n_ranks = rank.network.n_neurons, comm.n_ranks
    rank_of_gid = np.zeros(n_neurons, dtype=np.int64)
    reached = np.zeros((n_ranks, n_neurons), dtype=bool)
    out_degree = np.zeros(n_neurons, dtype=np.int64)
    for r in range(n_ranks):
        rank_of_gid[gids[r]] = r
        reached[r, axons[r]] = True
        out_degree[axons[r]] += onto[r]
    linked = np.zeros((n_ranks, n_ranks), dtype=bool)
    for r in range(n_ranks):
        linked[r] = reached[:, gids[r]].any(1)
    inside = (spikes.step >= steps[0]) & (spikes.step < steps[1])
    grid = rank_grid_of(rank)
    found = {
        "grid": list(grid),
        "spikes": int(inside.sum()),
        "synaptic_events": int(out_degree[spikes.gid[inside]].sum()),
        "messages": [int(one[0, 0]) for one in sent_by],
        "bytes": [int(one[0, 1]) for one in sent_by],
    }
    way = way_of(rank.fabric.name, comm.is_one_machine, grid)
    if way:
        count = ExchangeCount(way, grid, linked)
        for packets in packets_of_exchanges(
            spikes.step, spikes.gid, rank_of_gid, reached, rank.batch, steps
        ):
            count.add(packets)
        found |= {
            "way": way,
            "counted_messages": count.messages.sum(0).tolist(),
            "counted_bytes": (4 * count.words.sum(0)).tolist(),
            "is_everybody_linked": bool((linked | np.eye(n_ranks, dtype=bool)).all()),
        }
    return found


def rank_grid_of(rank: Rank) -> tuple[int, int]:
    """Return the rank grid (Px, Py) of a run."""
    return rank_grid(rank.comm.n_ranks, rank.chip.width, rank.chip.height)


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
