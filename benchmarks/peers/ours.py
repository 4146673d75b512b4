"""distsnn's own turn: one run by the command line, as a user would type it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from launching import environment


def run(arguments: list[str], n_ranks: int) -> dict[str, Any]:
    """Run ``python -m distsnn run ARGUMENTS`` on some ranks; return its JSON report."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.json"
        command = [
            *(["mpirun", "-n", str(n_ranks)] if n_ranks > 1 else []),
            sys.executable, "-m", "distsnn", "run", *arguments, "--quiet", "--json", str(path),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, env=environment())
        if done.returncode:
            raise SystemExit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr}")
        return dict(json.loads(path.read_text()))


def turn(
    network: str, scale: float, window_ms: float, warm_up_ms: float, n_ranks: int, seed: int
) -> dict[str, Any]:
    """Run a network and return what is compared; the warm-up is that share of the steps."""
    total_ms = window_ms + warm_up_ms
    report = run(
        [
            network, "--scale", str(scale), "--duration", str(total_ms), "--discard",
            str(warm_up_ms), "--seed", str(seed),
        ],
        n_ranks,
    )  # fmt: skip
    return {
        "simulator": f"distsnn {report['distsnn']}",
        "compile_s": report["compile_s"],
        "build_s": report["build_s"],
        "simulate_s": report["simulate_s"] * window_ms / total_ms,
        "memory_bytes": report["memory_bytes"],
        "n_synapses": report["n_synapses"],
        "synaptic_events_per_s": report["synaptic_events_per_s"],
        "seconds": report["seconds"],
        "rates_hz": {one["name"]: one["rate_hz"] for one in report["populations"]},
    }
