"""distsnn beside its peers: the same networks, taking turns on the same machine.

    pip install ".[peers]"
    python benchmarks/speed/compare.py --repeats 5 --json compare.json --plot compare.png
    python benchmarks/speed/compare.py microcircuit --peers nest --peer-python nest=PYTHON_WITH_NEST

NEST and Brian2 (C++ standalone, OpenMP) have as many threads as distsnn has ranks. A peer builds once
and then simulates a window in each repeat; distsnn starts anew each time. All warm up for 100 ms of
model time, which is not timed. The rates of the populations are compared, so that no one is fast by
doing less. The chip view beside SANA-FE is benchmarks/speed/compare_chip.py.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "peers"))
import ours
from compare_picture import draw
from turns import Peer

WARM_UP_MS = 100.0
SCATTER = 4.0  # standard deviations between networks by which rates may differ, and
MIN_DIFFERENCE = 0.05  # what their means may differ anyway, as a share


@dataclass(frozen=True)
class Case:
    """A network, its scale and window, and who can run it."""

    network: str
    scale: float
    window_ms: float
    peers: tuple[str, ...] = ("nest", "brian2")


CASES = {
    # Brian2's synapses would take 10 GB and more; NEST takes 15 GB
    "microcircuit": Case("microcircuit", 1.0, 500.0, ("nest",)),
    "microcircuit-0.1": Case("microcircuit", 0.1, 1000.0),
    "brunel": Case("brunel", 1.0, 1000.0),
    "cuba": Case("cuba", 1.0, 5000.0),
    "loihi": Case("loihi", 1.0, 500.0, ("nest",)),
}
SCRIPTS = {"nest": "nest_peer.py", "brian2": "brian2_peer.py"}


def compare(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """Run a case: all peers and distsnn in turn, several times."""
    case = CASES[name]
    runs: dict[str, list[dict[str, Any]]] = {"distsnn": []}
    with ExitStack() as stack:
        peers = {}
        for peer in [one for one in case.peers if one in options.peers]:
            arguments = [
                case.network, "--scale", str(case.scale), "--window", str(case.window_ms),
                "--warm-up", str(WARM_UP_MS), "--threads", str(options.n), "--seed", "1",
            ]  # fmt: skip
            process = Peer(python_of(peer, options.peer_python), SCRIPTS[peer], arguments)
            peers[peer] = stack.enter_context(process)
            runs[peer] = []
            print(f"{name}: {process.built['simulator']} built in {process.built['build_s']:.1f} s")
        for repeat in range(options.repeats):
            for peer, process in peers.items():
                runs[peer].append(process.window())
            own = (case.network, case.scale, case.window_ms, WARM_UP_MS)
            runs["distsnn"].append(ours.turn(*own, options.n, repeat + 1))
            factors = (f"{who} {factor(case, all_[-1]):.3f}" for who, all_ in runs.items())
            print(f"{name} {repeat + 1}: real-time factor " + ", ".join(factors), flush=True)
    return {"case": name, "window_ms": case.window_ms, "runs": runs}


def python_of(peer: str, given: list[str]) -> str:
    """Return the interpreter that has a peer: ``PEER=PYTHON``, else ``PYTHON``, else this one."""
    pairs = [one.rpartition("=") for one in given]
    found = [python for name, _, python in pairs if name in (peer, "")]
    return found[0] if found else sys.executable


def factor(case: Case, run: dict[str, Any]) -> float:
    """Return seconds of simulation per second of model time."""
    return float(run["simulate_s"] / case.window_ms * 1e3)


def ratios(found: dict[str, Any], peer: str) -> list[float]:
    """Return the peer's time over distsnn's, repeat by repeat."""
    pairs = zip(found["runs"][peer], found["runs"]["distsnn"], strict=True)
    return [theirs["simulate_s"] / mine["simulate_s"] for theirs, mine in pairs]


def rates_agree(found: dict[str, Any]) -> bool:
    """Return whether the mean rates agree within what repeats scatter."""
    agree = True
    own = found["runs"]["distsnn"]
    for peer in [one for one in found["runs"] if one != "distsnn"]:
        for name in own[0]["rates_hz"]:
            a, b = (
                statistics.mean(run["rates_hz"][name] for run in runs)
                for runs in (found["runs"][peer], own)
            )
            # a peer's windows are all of one network; distsnn draws a new one in each repeat
            drawn = [run["rates_hz"][name] for run in own]
            spread = statistics.stdev(drawn) if len(drawn) > 1 else 0.1 * b
            error = spread * (1 + 1 / len(drawn)) ** 0.5
            if abs(a - b) > max(SCATTER * error, MIN_DIFFERENCE * max(a, b)):
                print(f"  {found['case']} {name}: {peer} {a:.3f} Hz, distsnn {b:.3f} Hz: differ")
                agree = False
    return agree


def rows(found: dict[str, Any]) -> list[list[str]]:
    """Return a row for each simulator: medians, and the spread of the ratio."""
    case = CASES[found["case"]]
    out = []
    for who, runs in found["runs"].items():

        def median(key: str, runs: list[dict[str, Any]] = runs) -> float:
            return statistics.median(run[key] for run in runs)

        share = ratios(found, who) if who != "distsnn" else []
        spread = (
            f"{statistics.median(share):.1f} ({min(share):.1f}-{max(share):.1f})" if share else ""
        )
        compile_s = runs[0].get("compile_s", 0.0)
        compiled = f" + {compile_s:.1f}" if compile_s >= 0.05 else ""
        out.append(
            [
                found["case"],
                runs[0]["simulator"],
                f"{statistics.median(factor(case, run) for run in runs):.3f}",
                spread,
                f"{median('build_s'):.1f}{compiled}",
                f"{median('memory_bytes') / 1e9:.2f}",
                f"{events_per_s(case, found['runs'], runs) / 1e6:.0f}",
            ]
        )
    return out


def bars(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the picture shows of a case."""
    case = CASES[found["case"]]
    out = []
    for who, runs in found["runs"].items():
        factors = [factor(case, run) for run in runs]
        memory = statistics.median(run["memory_bytes"] for run in runs)
        out.append(
            {
                "case": found["case"],
                "simulator": who,
                "factor": statistics.median(factors),
                "range": (min(factors), max(factors)),
                "memory_gb": memory / 1e9,
            }
        )
    return out


def events_per_s(
    case: Case, all_runs: dict[str, list[dict[str, Any]]], runs: list[dict[str, Any]]
) -> float:
    """Return synaptic events per second: distsnn's count, for peers scaled by their times."""
    own = all_runs["distsnn"]
    rate = statistics.median(run["synaptic_events_per_s"] for run in own)
    mine = statistics.median(factor(case, run) for run in own)
    return float(rate * mine / statistics.median(factor(case, run) for run in runs))


def main() -> int:
    """Run the cases asked for; exit code 1 where rates disagree."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", nargs="*", default=[], help=", ".join(CASES))
    parser.add_argument("--peers", nargs="+", choices=sorted(SCRIPTS), default=sorted(SCRIPTS))
    parser.add_argument(
        "--peer-python", nargs="+", default=[], metavar="[PEER=]PYTHON", help="has the peers"
    )
    parser.add_argument("-n", type=int, default=2, help="ranks and threads")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw times and memory")
    parser.add_argument("--collect", type=Path, nargs="+", metavar="JSON", help="of earlier runs")
    options = parser.parse_args()
    for name in options.cases:
        if name not in CASES:
            parser.error(f"case {name}: not known, limit {', '.join(CASES)}")
    results: list[dict[str, Any]] = []
    for path in options.collect or []:
        results += json.loads(path.read_text())
    for name in options.cases or ([] if options.collect else CASES):
        results.append(compare(name, options))
        if options.json:
            options.json.write_text(json.dumps(results, indent=1) + "\n")
    if options.plot:
        draw([bar for found in results for bar in bars(found)], options.plot)
    heads = ("network", "simulator", "real-time factor", "times distsnn", "build s (+ compile)",
             "memory GB", "M events/s")  # fmt: skip
    table = [list(heads), *(row for found in results for row in rows(found))]
    widths = [max(len(row[i]) for row in table) for i in range(len(heads))]
    for row in table:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
    return 0 if all([rates_agree(found) for found in results]) else 1


if __name__ == "__main__":
    sys.exit(main())
