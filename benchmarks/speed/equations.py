"""Models written as text beside the packaged ones: time of a neuron and step, and of compiling.

    python benchmarks/speed/equations.py [--repeats N] [--json FILE]

10,000 neurons of one model without synapses on one process, with Poisson input and a direct current,
spiking at different times. Text and packaged model run in turns; of the repeats the fastest counts.
The times of compiling are those of an empty cache: reading the text, and all until the kernel is there,
which includes the start of the process that compiles.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "equations"))
from texts import ADEX, MODELS  # noqa: E402 - beside the tests

from distsnn import Current, Equations, Network, Poisson, Uniform, simulate  # noqa: E402
from distsnn.neurons import AdEx, Izhikevich, LifAlpha, LifExp, NeuronModel  # noqa: E402

N_NEURONS = 10_000
DT_MS = 0.1
DURATION_MS = 200.0
# text, the packaged model of the same equations, direct current, spread of v, weight of a Poisson spike
CASES: dict[str, tuple[dict[str, Any], NeuronModel | None, float, tuple[float, float], float]] = {
    "lif": (MODELS["lif"], LifExp(), 450.0, (-65.0, -50.0), 20.0),
    "alpha": (MODELS["alpha"], LifAlpha(), 450.0, (-65.0, -50.0), 20.0),
    "adex": (ADEX, AdEx(), 900.0, (-70.0, -52.0), 0.5),
    "izhikevich": (MODELS["izhikevich"], Izhikevich(), 10.0, (-70.0, -50.0), 0.1),
    "hodgkin_huxley": (MODELS["hodgkin_huxley"], None, 300.0, (-70.0, -55.0), 0.5),
}
COMPILE = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
from texts import MODELS
from distsnn.kernels import ensure_compiled
from distsnn.neurons.model import kernel_of_model
from distsnn import Equations
start = time.perf_counter()
model = Equations(**MODELS[sys.argv[2]])
read = time.perf_counter()
ensure_compiled([kernel_of_model(model)])
print(json.dumps([read - start, time.perf_counter() - read]))
"""


def cost(model: NeuronModel, name: str) -> tuple[float, float]:
    """Return ns per neuron and step of updating, and the rate in Hz."""
    _, _, current, (low, high), weight = CASES[name]
    network = Network(dt_ms=DT_MS, seed=1)
    cells = network.population("cells", N_NEURONS, model, initial={"v": Uniform(low, high)})
    network.stimulate(cells, Current(pa=current))
    network.stimulate(cells, Poisson(rate_hz=2000.0, weight=weight))
    result = simulate(network, duration_ms=DURATION_MS)
    ns = result.seconds["update"] / N_NEURONS / result.n_steps * 1e9
    return ns, result.statistics("cells").rate_hz


def compiled(name: str) -> tuple[float, float]:
    """Return the seconds that reading and compiling a text take with an empty cache."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o700)
        done = subprocess.run(
            [sys.executable, "-c", COMPILE, str(ROOT / "tests" / "equations"), name],
            capture_output=True, text=True, check=True, cwd=ROOT,
            env={**os.environ, "DISTSNN_CACHE": folder},
        )  # fmt: skip
    read, made = json.loads(done.stdout)
    return read, made


def main() -> None:
    """Measure every case and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=Path, help="file for the figures")
    arguments = parser.parse_args()
    print(
        f"{'model':16s} {'text ns':>8s} {'packaged':>9s} {'ratio':>6s} {'rate Hz':>8s} "
        f"{'packaged':>9s} {'read s':>7s} {'compile s':>10s}"
    )
    rows = []
    for name, (text, packaged, *_) in CASES.items():
        sides = {"text": Equations(**text)} | ({} if packaged is None else {"packaged": packaged})
        best = dict.fromkeys(sides, (float("inf"), 0.0))
        for _ in range(arguments.repeats):
            for side, model in sides.items():
                best[side] = min(best[side], cost(model, name))
        read, made = compiled(name)
        ns, rate = best["text"]
        other, other_rate = best.get("packaged", (float("nan"), float("nan")))
        print(
            f"{name:16s} {ns:8.2f} {other:9.2f} {ns / other:6.2f} {rate:8.1f} {other_rate:9.1f} "
            f"{read:7.2f} {made:10.2f}",
            flush=True,
        )
        rows.append({"model": name, "ns": ns, "packaged_ns": other, "rate_hz": rate,
                     "read_s": read, "compile_s": made})  # fmt: skip
        time.sleep(0.1)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
