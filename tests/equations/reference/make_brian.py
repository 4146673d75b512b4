"""Write brian.json: what the texts of ``texts.py`` give in Brian2 with common inputs.

Run with an interpreter that has Brian2 (2.9 was used): ``python make_brian.py``. The tests read the
file, so that they need no Brian2. Brian2 gets the same formulas, with time in ms and all else as plain
numbers; its method is the one that is compared. A spike that "arrives at T" is in the state at the end
of the step that begins at T. Brian2 counts the spike's own step as refractory, hence + dt below.
"""

from __future__ import annotations

import json
import platform
import random
import re
import sys
from pathlib import Path
from typing import Any

import brian2 as b
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from texts import MODELS

DURATION_MS = 800.0
SAMPLE_MS = 5.0
# current (start in ms, value), weights of both receptors, dt, Brian2's method, recorded variables
CASES: dict[str, dict[str, Any]] = {
    "lif": {"current": 420.0, "weights": (60.0, -40.0), "dt_ms": 0.1, "method": "exact",
            "record": ("v", "i_e", "i_i")},
    "alpha": {"current": 400.0, "weights": (80.0, -60.0), "dt_ms": 0.1, "method": "exact",
              "record": ("v", "i_e", "x_i")},
    "adex": {"current": 1100.0, "weights": (3.0, -2.0), "dt_ms": 0.1, "method": "rk4",
             "record": ("v", "w", "g_e")},
    "izhikevich": {"current": 14.0, "weights": (1.0, -1.0), "dt_ms": 0.5, "method": "euler",
                   "record": ("v", "u")},
    "hodgkin_huxley": {"current": 250.0, "weights": (4.0, -3.0), "dt_ms": 0.05,
                       "method": "exponential_euler", "record": ("v", "m", "h", "n", "g_i")},
}  # fmt: skip
UNIT = re.compile(r"\s*:[^#(\n]*")


def trains(seed: int) -> list[list[float]]:
    """Return arrival times in ms, multiples of 0.5: excitatory, inhibitory."""
    draw = random.Random(seed)
    last = round(2 * DURATION_MS) - 1
    return [sorted(0.5 * k for k in draw.sample(range(1, last), n)) for n in (200, 100)]


def as_brian(text: str) -> str:
    """Return equations for Brian2: rates per ms, everything without units."""
    lines = []
    for line in text.strip().splitlines():
        line = UNIT.sub("", line.partition("#")[0]).rstrip()
        mark = " (unless refractory)" if "(unless refractory)" in line else ""
        left, _, right = line.replace("(unless refractory)", "").partition("=")
        right = f"({right.strip()})" + ("/ms" if "/dt" in left else "")
        right = re.sub(r"\b(mV|ms)\b", "1", right.removesuffix("/ms"))
        per_ms = "/ms" if "/dt" in left else ""
        lines.append(f"{left.strip()} = {right}{per_ms} : 1{mark}")
    return "\n".join([*lines, "current : 1"])


def run(name: str, arriving: list[list[float]]) -> dict[str, Any]:
    """Run one neuron."""
    case, model = CASES[name], MODELS[name]
    b.start_scope()
    b.defaultclock.dt = case["dt_ms"] * b.ms
    refractory: Any = False
    if "refractory_ms" in model:
        refractory = (model["refractory_ms"] + case["dt_ms"]) * b.ms
    values = dict(model["parameters"])
    neuron = b.NeuronGroup(
        1, as_brian(model["text"]), method=case["method"], namespace=values,
        threshold=re.sub(r"\bmV\b", "1", model["threshold"]), reset=model.get("reset", ""),
        refractory=refractory,
    )  # fmt: skip
    for variable, first in model["initial"].items():
        setattr(neuron, variable, eval(str(first), {}, values))
    neuron.current = case["current"]
    indices = np.repeat([0, 1], [len(arriving[0]), len(arriving[1])])
    source = b.SpikeGeneratorGroup(2, indices, np.concatenate(arriving) * b.ms)
    synapses = []
    for k, statement in enumerate(model["receptors"].values()):
        weight = f"({case['weights'][k]})"
        onto = re.sub(r"^(\w+)", r"\1_post", re.sub(r"\bweight\b", weight, statement))
        synapses.append(b.Synapses(source, neuron, on_pre=onto, namespace=values))
        synapses[-1].connect(i=k, j=0)
    state = b.StateMonitor(neuron, case["record"], record=True, when="end")
    spikes = b.SpikeMonitor(neuron)
    b.Network(neuron, source, *synapses, state, spikes).run(DURATION_MS * b.ms)
    every = round(SAMPLE_MS / case["dt_ms"])
    steps = np.round(np.asarray(spikes.t / b.ms) / case["dt_ms"]).astype(int)
    return {
        "name": name, **case, "arriving_ms": arriving, "spike_steps": steps.tolist(),
        "every_steps": every,
        "samples": {
            variable: [float(f"{x:.9g}") for x in getattr(state, variable)[0][every - 1 :: every]]
            for variable in case["record"]
        },
    }  # fmt: skip


def main() -> None:
    """Write the file."""
    b.prefs.codegen.target = "numpy"
    cases = [run(name, trains(k)) for k, name in enumerate(CASES)]
    made = {"brian2": b.__version__, "python": platform.python_version(), "cases": cases}
    Path(__file__).with_name("brian.json").write_text(json.dumps(made) + "\n")
    for case in cases:
        print(case["name"], len(case["spike_steps"]), case["spike_steps"][:20])


if __name__ == "__main__":
    main()
