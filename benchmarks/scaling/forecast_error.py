"""How far ``plan`` is from what a run then does, on the numbers of ranks that can be run here.

    python benchmarks/scaling/forecast_error.py --ranks 1 2 --json forecast_error.json

Per network and number of ranks: a run, and a forecast of its fullest rank at the mean rate that the run
had. Compared are the memory of that rank, the bytes that it sends in a step, and the time of a step.
Runs and forecasts take turns.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from launching import environment

NETWORKS: dict[str, list[str]] = {
    "microcircuit": ["--set", "scale=0.3"],
    "brunel": [],
    "loihi": ["--set", "patches=32"],
    "cuba": [],
}
WORKER = Path(__file__).parent / "scaling_rank.py"
LATENCY_US, BANDWIDTH_GB_S = 0.5, 10.0  # between the cores of one machine


def call(command: list[str]) -> dict[str, Any]:
    """Run a command that writes JSON; return what it wrote."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out.json"
        command = [*command, "--json", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, env=environment())
        if done.returncode:
            raise SystemExit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr}")
        return dict(json.loads(path.read_text()))


def measured(name: str, n_ranks: int, window_ms: float) -> dict[str, float]:
    """Run; return the figures of the rank that had the most work."""
    ranks = ["mpirun", "-n", str(n_ranks)] if n_ranks > 1 else []
    point = call([*ranks, sys.executable, str(WORKER), name, *NETWORKS[name],
                  "--window", str(window_ms)])  # fmt: skip
    n_steps, seconds = point["n_steps"], point["seconds"]
    model_s = n_steps * point["dt_ms"] * 1e-3
    work = [sum(seconds[phase][r] for phase in ("deliver", "update", "send"))
            for r in range(n_ranks)]  # fmt: skip
    return {
        "rate_hz": point["spikes"] / point["n_neurons"] / model_s,
        "memory_mb": max(point["memory_bytes"]) / 1e6,
        "sent_bytes": max(point["bytes"]) / n_steps,
        "compute_us": max(work) / n_steps * 1e6,
        "step_us": point["simulate_s"] / n_steps * 1e6,
    }


def forecast(name: str, n_ranks: int, rate_hz: float) -> dict[str, float]:
    """Return the same figures of the forecast."""
    found = call(
        [
            sys.executable, "-m", "distsnn", "plan", name, *NETWORKS[name], "-n", str(n_ranks),
            "--rate", f"{rate_hz:.4f}", "--latency", str(LATENCY_US),
            "--bandwidth", str(BANDWIDTH_GB_S), "--quiet",
        ]
    )  # fmt: skip
    return {
        "memory_mb": found["memory_bytes"] / 1e6,
        "sent_bytes": found["bytes_sent"],
        "compute_us": found["compute_us"],
        "step_us": found["step_us"],
    }


def main() -> None:
    """Measure, forecast, print the errors."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--networks", nargs="+", choices=[*NETWORKS], default=[*NETWORKS])
    parser.add_argument("--ranks", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--window", type=float, default=500.0, metavar="MS")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results, errors = [], []
    for name in options.networks:
        for n_ranks in options.ranks:
            runs, plans = [], []
            for _ in range(options.repeats):
                runs.append(measured(name, n_ranks, options.window))
                plans.append(forecast(name, n_ranks, runs[-1]["rate_hz"]))
            print(f"{name}, {n_ranks} ranks, {runs[-1]['rate_hz']:.2f} Hz")
            for key in plans[0]:
                run, plan = (median(one[key] for one in many) for many in (runs, plans))
                error = plan / run - 1 if run else 0.0
                print(f"  {key:12s} run {run:10.2f}  forecast {plan:10.2f}  error {error:+.0%}")
                errors.append({"network": name, "n_ranks": n_ranks, "figure": key, "error": error})
            results.append({"network": name, "n_ranks": n_ranks, "runs": runs, "plans": plans})
    for key in ("memory_mb", "sent_bytes", "compute_us", "step_us"):
        of_key = [abs(one["error"]) for one in errors if one["figure"] == key]
        print(f"{key}: largest error {max(of_key):.0%}, median {median(of_key):.0%}")
    if options.json:
        options.json.write_text(json.dumps({"errors": errors, "points": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
