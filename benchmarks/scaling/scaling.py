"""Strong and weak scaling over the ranks that there are, on one machine or in a Slurm allocation.

    python benchmarks/scaling/scaling.py --json scaling.json --plot scaling.png
    python benchmarks/scaling/scaling.py --ranks 1 2 4 8 --networks loihi --repeats 5 --json mine.json
    python benchmarks/scaling/scaling.py --collect one.json two.json --json both.json --plot both.png

Strong: the whole network on ever more ranks. Weak: the network grows with the ranks. The repeats go
round all rank counts in turn. For each point: time per step, split into update, deliver, send,
exchange and wait, the imbalance (largest over mean work of the ranks), and the messages and bytes of
each rank beside a count from spikes and connections alone. Exit code 1 where these differ.
Slurm: launch/slurm writes the job; docs/running.md.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from launching import environment
from scaling_cases import CASES, MODES, settings_of

LAUNCHERS = {
    "mpirun": "mpirun -n {n} --map-by ppr:{per_node}:node",
    "mpirun-here": "mpirun -n {n}",
    "mpich": "mpiexec -n {n} -ppn {per_node}",
    "srun": "srun --mpi=pmix --ntasks={n} --nodes={nodes} --ntasks-per-node={per_node}",
}
WORKER = Path(__file__).parent / "scaling_rank.py"


def launch_command(options: argparse.Namespace, n_ranks: int) -> list[str]:
    """Return what starts n_ranks ranks: as few nodes as hold them."""
    per_node = min(n_ranks, options.ranks_per_node or n_ranks)
    nodes = -(-n_ranks // per_node)
    pattern = LAUNCHERS.get(options.launcher, options.launcher)
    return shlex.split(pattern.format(n=n_ranks, per_node=per_node, nodes=nodes))


def measure(name: str, mode: str, n_ranks: int, options: argparse.Namespace) -> dict[str, Any]:
    """Run one point; return what its ranks wrote. Ends the program where they fail."""
    case = CASES[name]
    arguments = settings_of(name, mode, n_ranks)
    with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
        path = Path(folder) / "point.json"
        command = [
            *(launch_command(options, n_ranks) if n_ranks > 1 else []), sys.executable,
            str(WORKER), case.network, *arguments, "--window", str(options.window or case.window_ms),
            "--warm-up", str(options.warm_up), "--json", str(path),
            *(["--fabric", options.fabric] if options.fabric and n_ranks > 1 else []),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, env=environment())
        if done.returncode:
            raise SystemExit(f"{shlex.join(command)}: exit code {done.returncode}\n{done.stderr}")
        point = json.loads(path.read_text())
    return {"network": name, "mode": mode, "when": time.strftime("%Y-%m-%dT%H:%M:%S"), **point}


def summary(points: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one row for each network, mode and number of ranks: medians over repeats."""
    keys = sorted({(p["network"], p["mode"], p["n_ranks"]) for p in points})
    rows = []
    for key in keys:
        found = [p for p in points if (p["network"], p["mode"], p["n_ranks"]) == key]
        times = [p["simulate_s"] / p["n_steps"] * 1e6 for p in found]
        row = {
            "network": key[0], "mode": key[1], "n_ranks": key[2], "repeats": len(found),
            "nodes": len(found[0]["hosts"]),
            "step_us": median(times), "step_us_range": [min(times), max(times)],
            "real_time_factor": median(times) * 1e-3 / found[0]["dt_ms"],
            "imbalance": median(imbalance(p) for p in found),
            "events_per_s": median(p["synaptic_events"] / p["simulate_s"] for p in found),
            "memory_per_rank": median(max(p["memory_bytes"]) for p in found),
            "messages": mean(found[0]["messages"]) / found[0]["n_steps"],
            "bytes": mean(found[0]["bytes"]) / found[0]["n_steps"],
            "counts_agree": all(counts_agree(p) for p in found),
            "digests": sorted({p["digest"] for p in found}),
            "gain": gain(points, key, times),
        }  # fmt: skip
        for phase in found[0]["seconds"]:
            row[f"{phase}_us"] = median(
                mean(p["seconds"][phase]) / p["n_steps"] * 1e6 for p in found
            )
        rows.append(row)
    return rows


def gain(points: list[dict[str, Any]], key: tuple[str, str, int], times: list[float]) -> float:
    """Return the speed-up (strong) or the efficiency (weak) over the smallest number of ranks."""
    of_case = [p for p in points if (p["network"], p["mode"]) == key[:2]]
    least = min(p["n_ranks"] for p in of_case)
    first = [p["simulate_s"] / p["n_steps"] * 1e6 for p in of_case if p["n_ranks"] == least]
    return median(first) / median(times) * (least if key[1] == "strong" else 1)


def imbalance(point: dict[str, Any]) -> float:
    """Return the largest work of a rank over the mean: deliver, update and send."""
    phases = [point["seconds"][name] for name in ("deliver", "update", "send")]
    work = [sum(of_rank) for of_rank in zip(*phases, strict=True)]
    return max(work) / mean(work)


def mean(values: list[float]) -> float:
    """Return the mean."""
    return sum(values) / len(values)


def counts_agree(point: dict[str, Any]) -> bool:
    """Return whether every rank sent what the independent count says; True where none was made."""
    return "way" not in point or all(
        point[name] == point[f"counted_{name}"] for name in ("messages", "bytes")
    )


def print_table(rows: list[dict[str, Any]]) -> None:
    """Print the rows."""
    columns = ("step_us", "update_us", "deliver_us", "send_us", "exchange_us", "wait_us")
    print(
        f"{'network':16s} {'mode':6s} {'ranks':>5s} {'gain':>6s} "
        + " ".join(f"{name.removesuffix('_us') + ' us':>11s}" for name in columns)
        + f" {'max/mean':>8s} {'messages':>9s} {'bytes':>9s} {'as counted':>10s}"
    )
    for row in rows:
        print(
            f"{row['network']:16s} {row['mode']:6s} {row['n_ranks']:5d} {row['gain']:6.2f} "
            + " ".join(f"{row[name]:11.1f}" for name in columns)
            + f" {row['imbalance']:8.3f} {row['messages']:9.2f} {row['bytes']:9.0f}"
            + f" {'yes' if row['counts_agree'] else 'NO':>10s}"
        )
    print("messages, bytes: per step and rank. gain: speed-up (strong), efficiency (weak).")


def parse() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--networks", nargs="+", default=["loihi", "microcircuit"], choices=CASES)
    parser.add_argument("--modes", nargs="+", default=list(MODES), choices=MODES)
    parser.add_argument("--ranks", type=int, nargs="+", help="default: 1, 2, 4 ... all cores")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--window", type=float, metavar="MS", help="model time that counts")
    parser.add_argument("--warm-up", type=float, default=100.0, metavar="MS")
    parser.add_argument("--fabric", help="as in distsnn run")
    parser.add_argument(
        "--launcher", default="mpirun-here",
        help=f"{', '.join(LAUNCHERS)}, or a command with {{n}}, {{per_node}} and {{nodes}}",
    )  # fmt: skip
    parser.add_argument("--ranks-per-node", type=int, help="default: all ranks on one node")
    parser.add_argument("--scratch", type=Path, help="folder that all nodes see")
    parser.add_argument("--collect", type=Path, nargs="+", metavar="FILE", help="measure nothing")
    parser.add_argument("--json", type=Path, help="all points, and medians")
    parser.add_argument("--plot", type=Path)
    return parser.parse_args()


def powers_up_to(most: int) -> list[int]:
    """Return 1, 2, 4 ... and ``most``."""
    return sorted({most, *(1 << k for k in range(most.bit_length()))} & set(range(most + 1)))


def all_points(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Return the points of earlier files, or measure them."""
    if options.collect:
        return [p for path in options.collect for p in json.loads(path.read_text())["points"]]
    points = []
    ranks = options.ranks or powers_up_to(len(os.sched_getaffinity(0)))
    for repeat in range(options.repeats):
        for name in options.networks:
            for mode in options.modes:
                for n_ranks in ranks:
                    point = measure(name, mode, n_ranks, options)
                    points.append({"repeat": repeat, **point})
                    us = point["simulate_s"] / point["n_steps"] * 1e6
                    print(f"{repeat + 1}: {name} {mode} {n_ranks} ranks: {us:.0f} us a step",
                          file=sys.stderr, flush=True)  # fmt: skip
        write(options.json, points)
    return points


def write(path: Path | None, points: list[dict[str, Any]]) -> None:
    """Write points and medians, if a file was named."""
    if path:
        path.write_text(json.dumps({"points": points, "rows": summary(points)}, indent=1) + "\n")


def main() -> int:
    """Measure or collect, print, draw."""
    options = parse()
    points = all_points(options)
    write(options.json, points)
    rows = summary(points)
    print_table(rows)
    if options.plot:
        from scaling_picture import draw

        draw(rows, options.plot)
    return 0 if all(row["counts_agree"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
