"""A full Loihi, one rank per core, on whatever machine this is: from ``mpirun`` to the report.

    python benchmarks/scaling/full_chip.py -n 128 --json full_chip.json

Prints wall time, its parts, and memory with shared pages counted once.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1]))
from launching import environment


def main() -> None:
    """Run once and print the account."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=128)
    parser.add_argument("--duration", type=float, default=1000.0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.json"
        command = [
            *(["mpirun", "-n", str(options.n)] if options.n > 1 else []), sys.executable, "-m",
            "distsnn", "run", "loihi", "--duration", str(options.duration), "--quiet",
            "--json", str(path),
        ]  # fmt: skip
        began = perf_counter()
        subprocess.run(command, check=True, env=environment())
        wall_s = perf_counter() - began
        report = json.loads(path.read_text())
    n_exchanges = report["duration_ms"] / report["dt_ms"] / report["steps_per_exchange"]
    exchange_ms = report["seconds"]["exchange"] / n_exchanges * 1e3
    print(f"{options.n} ranks: {wall_s:.1f} s from mpirun to the report")
    print(f"  start and end {wall_s - report['build_s'] - report['simulate_s']:.1f} s")
    print(f"  build {report['build_s']:.1f} s, simulate {report['simulate_s']:.1f} s")
    print(f"  an exchange {exchange_ms:.2f} ms, one every {report['steps_per_exchange']} steps")
    print(f"  memory {report['memory_bytes'] / 1e9:.2f} GB, digest {report['digest']}")
    if options.json:
        options.json.write_text(json.dumps({"wall_s": wall_s, **report}, indent=1) + "\n")


if __name__ == "__main__":
    main()
