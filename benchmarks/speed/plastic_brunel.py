"""distsnn beside NEST's stdp_synapse: Brunel's network with plastic excitatory synapses.

    python benchmarks/speed/plastic_brunel.py --nest-python PYTHON --repeats 3 --json plastic.json

12,500 neurons; the 10 million synapses among excitatory neurons learn by multiplicative pair STDP with
equal amplitudes, which keeps the mean weight where it starts, and the network in its state. Each
repeat runs the peer, then distsnn with plastic and with static synapses, each in processes of its own:
NEST with as many threads as distsnn has ranks. All warm up for 100 ms of model time, which is not
timed. Rates and weights are compared, so that no one is fast by doing less; weights are those of each
synapse's last presynaptic spike, as NEST has them. "busy" is processor time as a share of the window
on all threads: far below 100 % means that something else held the machine, and the repeat is worthless.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from launching import environment

SIDES = ("nest", "distsnn", "static")
SCRIPT = Path(__file__).parents[1] / "peers" / "plastic_sides.py"
C_E, J_MV = 1_000, 0.1  # as in the script
MAX_DIFFERENCE = 0.05  # of rates and weights: seeds differ
MIN_BUSY = 0.8


def run(side: str, options: argparse.Namespace, seed: int) -> dict[str, Any]:
    """Run one side in processes of its own."""
    command = [
        str(SCRIPT), side, "--duration", str(options.duration), "--warm-up",
        str(options.warm_up), "-n", str(options.n), "--seed", str(seed),
    ]  # fmt: skip
    if side == "nest":
        command = [options.nest_python, *command]
    else:
        ranks = ["mpirun", "-n", str(options.n)] if options.n > 1 else []
        command = [*ranks, sys.executable, *command]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    if done.returncode:
        raise SystemExit(f"{side} failed:\n{done.stderr}")
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def interleaved(options: argparse.Namespace) -> int:
    """Run all sides in turn; exit code 1 where they do different things or were held up."""
    found: dict[str, list[dict[str, Any]]] = {side: [] for side in SIDES}
    for repeat in range(options.repeats):
        for side, runs in found.items():
            runs.append(run(side, options, options.seed + repeat))
            last = runs[-1]
            print(
                f"{repeat + 1} {last['simulator']:21s} real-time factor "
                f"{last['real_time_factor']:7.3f}  busy {last['busy']:4.0%}  build "
                f"{last['build_s']:5.1f} s  {last['memory_bytes'] / 1e9:.2f} GB  "
                f"{last['rate_hz']:.2f} Hz  weights {last.get('weight_mean', J_MV):.5f} +- "
                f"{last.get('weight_sd', 0.0):.5f} mV",
                flush=True,
            )
    ratios = report(found)
    if options.json:
        options.json.write_text(json.dumps({**found, "ratios": ratios}, indent=1) + "\n")
    agree = [agrees(found, key) for key in ("rate_hz", "weight_mean", "weight_sd")]
    is_busy = all(one["busy"] > MIN_BUSY for runs in found.values() for one in runs)
    if not is_busy:
        print("the machine was not free: these times mean nothing")
    return 0 if all(agree) and is_busy else 1


def report(found: dict[str, list[dict[str, Any]]]) -> list[float]:
    """Print how much faster distsnn is and what an event costs; return the ratios."""

    def median(side: str, value: Any) -> float:
        return statistics.median(value(one) for one in found[side])

    pairs = zip(found["nest"], found["distsnn"], strict=True)
    ratios = [peer["simulate_s"] / ours["simulate_s"] for peer, ours in pairs]
    cpu = [median(side, lambda one: one["simulate_s"] * one["busy"]) for side in SIDES]
    print(
        f"ratio {statistics.median(ratios):.1f} ({min(ratios):.1f}-{max(ratios):.1f}), of processor "
        f"time {cpu[0] / cpu[1]:.1f}; delivery per "
        "event onto an excitatory neuron from an excitatory one, all ranks together, the network's "
        "other synapses included:"
    )
    per_event = {side: median(side, lambda one: one["deliver_s"] / one["events"] * 1e9)
                 for side in ("distsnn", "static")}  # fmt: skip
    print(
        f"plastic {per_event['distsnn']:.1f} ns, static {per_event['static']:.1f} ns: learning adds "
        f"{per_event['distsnn'] - per_event['static']:.1f} ns per event, "
        f"{(per_event['distsnn'] - per_event['static']) * C_E * 1e-3:.1f} us per spike"
    )
    return ratios


def agrees(found: dict[str, list[dict[str, Any]]], key: str) -> bool:
    """Return whether a value is the same in NEST and here, but for the seeds."""
    nest, ours = (statistics.mean(one[key] for one in found[side]) for side in ("nest", "distsnn"))
    if abs(nest - ours) > MAX_DIFFERENCE * max(nest, ours):
        print(f"{key}: NEST {nest:.5g}, distsnn {ours:.5g}: differ")
        return False
    return True


def main() -> int:
    """Run all sides in turn."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nest-python", default=sys.executable, help="a Python that has NEST")
    parser.add_argument("-n", type=int, default=2, help="ranks and threads")
    parser.add_argument("--duration", type=float, default=500.0, help="model time in ms")
    parser.add_argument("--warm-up", type=float, default=100.0, help="model time in ms")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    return interleaved(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
