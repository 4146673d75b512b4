"""distsnn beside SANA-FE on SANA-FE's own workload: steps per second, hops, loads of links.

    python benchmarks/speed/compare_chip.py --peer-python PYTHON --repeats 5 --json chip.json

N cores of TrueNorth's 64 x 64 mesh with 256 neurons each; every neuron fires in every step along one
axon, 80 % of them to their own core. SANA-FE runs with its ``simple`` and its ``detailed`` timing
model. Links are compared, one by one, with a walk of every packet (peers/axon_workload.py).
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "peers"))
import ours
from axon_workload import PER_CORE, link_loads, targets
from turns import Peer

NETWORK = Path(__file__).parents[1] / "networks" / "axons.py"
NEURON_STEPS = 2000 * 128 * PER_CORE  # every spike is kept, so larger networks run for less
DIRECTIONS = ((1, 0), (-1, 0), (0, -1), (0, 1))  # east, west, north, south; y grows to the south
PEER_STEPS = {("simple", 128): 100, ("detailed", 128): 14, ("simple", 1024): 10}


def turn(n_cores: int, n_ranks: int) -> dict[str, Any]:
    """Run distsnn; return seconds a step and what its mesh carried."""
    steps = NEURON_STEPS // (n_cores * PER_CORE)
    with tempfile.TemporaryDirectory() as folder:
        report = ours.run(
            [
                str(NETWORK), "--set", f"cores={n_cores}", "--chip", "truenorth", "--duration",
                str(steps), "--dt", "1", "--out", folder,
            ],
            n_ranks,
        )  # fmt: skip
        loads = read_links(Path(folder))
    return {
        "step_s": report["simulate_s"] / steps,
        "steps": steps,
        "build_s": report["build_s"],
        "memory_bytes": report["memory_bytes"],
        "hops": report["traffic"]["traversals"],
        "links": loads,
    }


def read_links(folder: Path) -> dict[tuple[int, int, int, int], int]:
    """Return packets over each directed link from the run's files."""
    import h5py

    with h5py.File(folder / "counters.h5") as file:
        packets = file["link_packets"][:].sum(axis=0)
        width = int(file["width"][()])
    found = {}
    for direction, core in zip(*packets.nonzero(), strict=True):
        y, x = divmod(int(core), width)
        dx, dy = DIRECTIONS[direction]
        found[x, y, x + dx, y + dy] = int(packets[direction, core])
    return found


def check(n_cores: int, run: dict[str, Any], peer_hops: list[int]) -> bool:
    """Return whether hops and links are those of an independent walk, and SANA-FE's the same."""
    loads = link_loads(n_cores, targets(n_cores))
    hops = sum(loads.values())
    sent = [one for one in (run["steps"], run["steps"] - 1) if run["hops"] == hops * one]
    same = bool(sent) and run["links"] == {link: n * sent[0] for link, n in loads.items()}
    print(
        f"  {len(loads)} links, {hops} hops a step by a walk of every packet; distsnn "
        f"{'equal on every link' if same else 'DIFFERS'}; SANA-FE {sorted(set(peer_hops))}"
    )
    return same and all(one == hops for one in peer_hops)


def compare(n_cores: int, options: argparse.Namespace) -> tuple[dict[str, Any], bool]:
    """Take turns; return times and ratios, and whether all counts agree."""
    runs: list[dict[str, Any]] = []
    theirs: dict[str, list[dict[str, Any]]] = {}
    with ExitStack() as stack:
        peers = {}
        for model in ("simple", "detailed"):
            steps = PEER_STEPS.get((model, n_cores), 2)
            arguments = [
                model, "--scale", str(n_cores), "--window", str(steps), "--threads",
                str(options.n),
            ]  # fmt: skip
            peers[model, steps] = stack.enter_context(
                Peer(options.peer_python, "sanafe_peer.py", arguments)
            )
            theirs[model] = []
        for _ in range(options.repeats):
            for (model, steps), peer in peers.items():
                answer = peer.window()
                theirs[model].append({**answer, "step_s": answer["simulate_s"] / steps})
            runs.append(turn(n_cores, options.n))
    own = statistics.median(run["step_s"] for run in runs)
    print(f"{n_cores} cores, {n_cores * PER_CORE} neurons: distsnn {1 / own:.0f} steps/s")
    ratios = {}
    for model, answers in theirs.items():
        pairs = zip(answers, runs, strict=True)
        ratios[model] = [answer["step_s"] / run["step_s"] for answer, run in pairs]
        print(
            f"  SANA-FE {model}: {1 / statistics.median(a['step_s'] for a in answers):.1f} "
            f"steps/s, {statistics.median(ratios[model]):.0f} times slower "
            f"({min(ratios[model]):.0f}-{max(ratios[model]):.0f})"
        )
    agree = check(n_cores, runs[-1], [a["hops_per_step"] for one in theirs.values() for a in one])
    for run in runs:
        del run["links"]
    found = {"cores": n_cores, "distsnn": runs, "sanafe": theirs, "ratios": ratios}
    return found, agree


def main() -> int:
    """Compare on each number of cores; exit code 1 where counts differ."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cores", type=int, nargs="+", default=[128, 1024])
    parser.add_argument("--peer-python", default=sys.executable, help="a Python with SANA-FE")
    parser.add_argument("-n", type=int, default=2, help="ranks and threads")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results = [compare(n_cores, options) for n_cores in options.cores]
    if options.json:
        options.json.write_text(json.dumps([found for found, _ in results], indent=1) + "\n")
    return 0 if all(agree for _, agree in results) else 1


if __name__ == "__main__":
    sys.exit(main())
