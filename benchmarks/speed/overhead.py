"""What is left when there is nothing to compute: the cost of a step, of an exchange, of a start.

    python benchmarks/speed/overhead.py --json overhead.json
    python benchmarks/speed/overhead.py --ranks 1 2 128 --parts

One core of 8 neurons on each rank, delays of one step, so that every step exchanges. Step and
exchange are the fastest and the median of blocks of 200 steps. The start is told stage by stage:
when the last rank ended it, and the processor seconds of all ranks. --parts times every call of a
step alone. --first-use compiles all kernels anew in an empty cache.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from launching import environment

WORKER = Path(__file__).parent / "overhead_rank.py"
TARGETS = {"step without exchange": 15.0, 2: 10.0, 128: 10_000.0}  # us


def measure(n_ranks: int, options: argparse.Namespace, cache: str = "") -> dict[str, Any]:
    """Run the worker on some ranks; add what the launcher itself used."""
    blocks = options.blocks if n_ranks <= len(os.sched_getaffinity(0)) else 2
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rank.json"
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [
            *(["mpirun", "-n", str(n_ranks)] if n_ranks > 1 else []), sys.executable, str(WORKER),
            "--launched", repr(time.time()), "--blocks", str(blocks), "--rate",
            str(options.rate if n_ranks > 1 else 0.0), "--json", str(path),
        ]  # fmt: skip
        settings = environment() | ({"DISTSNN_CACHE": cache} if cache else {})
        done = subprocess.run(command, env=settings, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr}")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found = dict(json.loads(path.read_text()))
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {**found, "processor_s_in_all": used}


def print_step(found: dict[str, Any]) -> None:
    """Print the cost of a step and of its exchange."""
    print(f"{found['n_ranks']} ranks, us:")
    print(f"  {'':8s} {'step':>9s} {'all but exchange':>17s} {'exchange':>9s} "
          f"{'of it waiting':>14s}   deliver  update    send")  # fmt: skip
    for name in ("fastest", "median"):
        one = found[f"{name}_us"]
        own = one["deliver"] + one["update"] + one["send"]
        print(
            f"  {name:8s} {one['step']:9.2f} {own:17.2f} {one['exchange']:9.2f} "
            f"{one['wait']:14.2f}   {one['deliver']:7.2f} {one['update']:7.2f} {one['send']:7.2f}"
        )


def print_start(found: dict[str, Any]) -> None:
    """Print the start, stage by stage."""
    n_cores = len(os.sched_getaffinity(0))
    print(f"{found['n_ranks']} ranks, start on {n_cores} processor cores, s:")
    print(f"  {'until':12s} {'last rank':>9s} {'stage':>7s} {'processor, all':>14s} {'each':>7s}")
    before = 0.0
    for stage, ended in found["ended_s"].items():
        used = found["processor_s"][stage]
        at = max(ended)
        print(f"  {stage:12s} {at:9.2f} {at - before:7.2f} {sum(used):14.2f} "
              f"{sum(used) / len(used):7.3f}")  # fmt: skip
        before = at


def print_parts() -> None:
    """Time every call of a step of one rank alone."""
    from overhead_parts import parts

    print("lines of a step, one rank, us (fastest of 5 times 20,000):")
    print(f"  {'':18s} {'in a program':>12s} {'called from Python':>19s}")
    for name, (in_program, from_python) in parts().items():
        python = f"{from_python:19.3f}" if from_python else ""
        print(f"  {name:18s} {in_program:12.3f} {python}")


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--ranks", type=int, nargs="+", default=[1, 2, 128])
    parser.add_argument("--blocks", type=int, default=50)
    parser.add_argument("--rate", type=float, default=100.0, metavar="HZ", help="of each neuron")
    parser.add_argument("--parts", action="store_true")
    parser.add_argument("--first-use", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results = []
    if options.first_use:
        with tempfile.TemporaryDirectory() as cache:
            found = measure(1, options, cache)
        at = found["ended_s"]["compiler"][0] - found["ended_s"]["MPI"][0]
        used = found["processor_s_in_all"]
        print(f"first use: {at:.1f} s to compile all kernels of a run, {used:.1f} s of processor")
        results.append({"first_use": True, **found})
    for n_ranks in options.ranks:
        found = measure(n_ranks, options)
        results.append(found)
        print_start(found)
        print_step(found)
    if options.parts:
        print_parts()
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
