"""Loihi's compartment against the emulator of nengo-loihi, bit by bit.

    python benchmarks/accuracy/loihi_integers.py --loihi-python PYTHON_WITH_LOIHI [--networks 1000]

Random networks of 1 to 3 blocks of 2 to 16 compartments, 200 steps (``tests/neurons/reference``); u,
v and spikes of every compartment and step are compared. Prints the number of bits that differ and
ends with exit code 1 unless it is 0. Without an interpreter the stored digests are compared.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests" / "neurons"
sys.path.insert(0, str(TESTS))
from loihi_batch import run_networks  # noqa: E402
from loihi_networks import NAMES, digest  # noqa: E402

AT_ONCE = 1000
History = dict[str, np.ndarray]


def differing_bits(ours: list[History], python: str) -> int:
    """Return how many bits differ from those of the emulator, run now."""
    script = TESTS / "reference" / "make_loihi.py"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "emulator.npz"
        command = [python, str(script), str(len(ours)), str(file)]
        subprocess.run(command, check=True, env=environment)
        other = np.load(file)
        return sum(
            int(np.bitwise_count(history[name] ^ other[f"{seed}_{name}"]).sum())
            for seed, history in enumerate(ours)
            for name in NAMES
        )


def differing_digests(ours: list[History]) -> int:
    """Return how many networks differ from what was stored."""
    stored = json.loads((TESTS / "reference" / "loihi.json").read_text())["digests"]
    pairs = zip(ours, stored, strict=False)
    return sum(digest(history) != expected for history, expected in pairs)


def main() -> int:
    """Compare and say what was compared."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--loihi-python", help="interpreter that has nengo-loihi and numpy < 2")
    parser.add_argument("--networks", type=int, default=1000, metavar="N")
    options = parser.parse_args()
    ours: list[History] = []
    for first in range(0, options.networks, AT_ONCE):
        ours += run_networks(range(first, min(first + AT_ONCE, options.networks)))
    n_numbers = sum(history[name].size for history in ours for name in NAMES)
    n_spikes = sum(int(history["spiked"].sum()) for history in ours)
    n_saturations = sum(int(history["saturations"].sum()) for history in ours)
    print(f"{len(ours):,} networks, {n_numbers:,} numbers of 32 bits, {n_spikes:,} spikes")
    print(f"{n_saturations:,} steps of compartments in which a number did not fit")
    if options.loihi_python:
        n_differing = differing_bits(ours, options.loihi_python)
        print(f"{n_differing:,} bits differ from nengo-loihi's emulator")
    else:
        n_differing = differing_digests(ours)
        print(f"{n_differing:,} of the stored digests differ")
    return 0 if n_differing == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
