"""distsnn beside NEST: the same networks, interleaved on the same machine.

    python benchmarks/compare.py --nest-python PYTHON_WITH_NEST --repeats 5 --json compare.json

Each repeat runs the peer, then distsnn, each in processes of its own: NEST with as many threads as
distsnn has ranks. Both warm up for 100 ms of model time, which is not timed. Rates of the
populations are compared so that no one is fast by doing less.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
# name -> (NEST's name, distsnn's name, scale, model time in ms)
CASES = {
    "microcircuit": ("microcircuit", "microcircuit", 1.0, 500.0),
    "microcircuit-0.1": ("microcircuit", "microcircuit", 0.1, 1000.0),
    "brunel": ("brunel", "brunel", 1.0, 1000.0),
    "cuba": ("cuba", str(HERE / "networks" / "cuba.py"), 1.0, 2000.0),
}
WARM_UP_MS = 100.0
LARGEST_DIFFERENCE = 0.15  # of the mean rate: seeds differ


def run_nest(python: str, case: str, n: int, seed: int) -> dict[str, Any]:
    """Run NEST once."""
    name, _, scale, duration = CASES[case]
    command = [
        python, str(HERE / "nest_networks.py"), name, "--scale", str(scale), "--duration",
        str(duration), "--warm-up", str(WARM_UP_MS), "--threads", str(n), "--seed", str(seed),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def run_distsnn(case: str, n: int, seed: int) -> dict[str, Any]:
    """Run distsnn once: the time of the warm-up is that share of the steps."""
    _, name, scale, duration = CASES[case]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.json"
        command = [
            *(["mpirun", "-n", str(n)] if n > 1 else []), sys.executable, "-m", "distsnn", "run",
            name, "--scale", str(scale), "--duration", str(duration + WARM_UP_MS), "--discard",
            str(WARM_UP_MS), "--seed", str(seed), "--quiet", "--json", str(path),
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, env=environment())
        report = json.loads(path.read_text())
    share = duration / (duration + WARM_UP_MS)
    return {
        "simulator": f"distsnn {report['distsnn']}",
        "build_s": report["build_s"],
        "simulate_s": report["simulate_s"] * share,
        "real_time_factor": report["real_time_factor"],
        "memory_bytes": report["memory_bytes"],
        "n_synapses": report["n_synapses"],
        "synaptic_events_per_s": report["synaptic_events_per_s"],
        "seconds": report["seconds"],
        "rates_hz": {one["name"]: one["rate_hz"] for one in report["populations"]},
    }


def environment() -> dict[str, str]:
    """Return the environment in which mpirun also works as root and on few cores."""
    more = {"PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe"}
    if os.getuid() == 0:
        more |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    return {**os.environ, **more}


def compare(case: str, python: str, n: int, repeats: int) -> dict[str, Any]:
    """Run a case several times, interleaved; return all runs and the ratios."""
    peers, ours = [], []
    for repeat in range(repeats):
        peers.append(run_nest(python, case, n, repeat + 1))
        ours.append(run_distsnn(case, n, repeat + 1))
        print(
            f"{case} {repeat + 1}: NEST {peers[-1]['real_time_factor']:.3f}, "
            f"distsnn {ours[-1]['real_time_factor']:.3f}",
            flush=True,
        )
    ratios = [p["simulate_s"] / o["simulate_s"] for p, o in zip(peers, ours, strict=True)]
    return {"case": case, "nest": peers, "distsnn": ours, "speed_ratios": ratios}


def rates_agree(found: dict[str, Any]) -> bool:
    """Return whether the mean rates of all populations agree within what seeds make."""
    agree = True
    for name in found["nest"][0]["rates_hz"]:
        nest, ours = (
            statistics.mean(run["rates_hz"][name] for run in found[one])
            for one in ("nest", "distsnn")
        )
        if abs(nest - ours) > LARGEST_DIFFERENCE * max(nest, ours):
            print(f"  {found['case']} {name}: NEST {nest:.3f} Hz, distsnn {ours:.3f} Hz: differ")
            agree = False
    return agree


def row(found: dict[str, Any]) -> str:
    """Return the line of a case: medians and the spread of the ratio."""

    def median(one: str, key: str) -> float:
        return statistics.median(run[key] for run in found[one])

    ratios = found["speed_ratios"]
    return (
        f"{found['case']:18s} {median('nest', 'real_time_factor'):9.3f} "
        f"{median('distsnn', 'real_time_factor'):9.3f} {statistics.median(ratios):7.1f} "
        f"({min(ratios):.1f}-{max(ratios):.1f})  {median('nest', 'build_s'):7.1f} "
        f"{median('distsnn', 'build_s'):7.1f}  {median('nest', 'memory_bytes') / 1e9:6.2f} "
        f"{median('distsnn', 'memory_bytes') / 1e9:6.2f}"
    )


def main() -> int:
    """Run the cases asked for; exit code 1 where rates disagree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", default=[], help=", ".join(CASES))
    parser.add_argument("--nest-python", default=sys.executable, help="a Python that has NEST")
    parser.add_argument("-n", type=int, default=2, help="ranks and threads")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results = [
        compare(case, options.nest_python, options.n, options.repeats)
        for case in options.cases or CASES
    ]
    print(f"\n{'':18s} real-time factor    ratio            build s          memory GB")
    print(f"{'network':18s}      NEST   distsnn  (spread)           NEST distsnn    NEST distsnn")
    for found in results:
        print(row(found))
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")
    return 0 if all([rates_agree(found) for found in results]) else 1


if __name__ == "__main__":
    sys.exit(main())
