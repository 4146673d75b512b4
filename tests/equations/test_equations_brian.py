"""Models written as text against Brian2, with the same equations, method and inputs.

The reference numbers and how they were made: ``reference/make_brian.py``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from equations.texts import MODELS
from neurons.drive import Alone

from distsnn import Equations

REFERENCE = json.loads(Path(__file__).with_name("reference").joinpath("brian.json").read_text())
CASES = {case["name"]: case for case in REFERENCE["cases"]}
N_SPIKES = 20
# Largest difference of a variable: Brian2 computes in float64, and the upstroke of AdEx beyond the
# threshold in other stages.
BOUNDS: dict[str, dict[str, float]] = {
    "lif": {"v": 2e-5, "i_e": 2e-5, "i_i": 1e-5},
    "alpha": {"v": 2e-5, "i_e": 4e-4, "x_i": 5e-5},
    "adex": {"v": 2e-2, "w": 2e-2, "g_e": 5e-6},
    "izhikevich": {"v": 6e-3, "u": 2e-5},
    "hodgkin_huxley": {"v": 2e-3, "m": 4e-5, "h": 2e-5, "n": 2e-5, "g_i": 6e-6},
}


@pytest.mark.parametrize("name", MODELS)
def test_same_spikes_and_states_as_brian(name):
    case = CASES[name]
    n_steps = case["spike_steps"][N_SPIKES] + 1
    result = run(case, n_steps)
    assert result.steps().tolist() == [step for step in case["spike_steps"] if step < n_steps]
    every = case["every_steps"]
    for variable, bound in BOUNDS[name].items():
        values = result.states[variable][every - 1 :: every, 0]
        assert values.size > 30
        reference = np.array(case["samples"][variable])[: values.size]
        assert np.abs(values - reference).max() < bound, variable


def run(case: dict[str, Any], n_steps: int) -> Any:
    dt_ms = case["dt_ms"]
    inputs = np.zeros((n_steps, 2), dtype=np.int32)
    model = Equations(**MODELS[case["name"]])
    for k, (times, weight) in enumerate(zip(case["arriving_ms"], case["weights"], strict=True)):
        steps = np.round(np.array(times) / dt_ms).astype(int)
        size = abs(weight) if model.takes_sizes else weight
        np.add.at(inputs[:, k], steps[steps < n_steps], round(size))
    return Alone(model, 1, dt_ms).run(n_steps, inputs, case["current"], (*BOUNDS[case["name"]],))


def test_compiled_and_uncompiled_give_the_same_bits(monkeypatch):
    compiled = run(CASES["hodgkin_huxley"], 120)
    monkeypatch.setenv("DISTSNN_KERNELS", "python")
    plain = run(CASES["hodgkin_huxley"], 120)
    for name, values in compiled.states.items():
        assert np.array_equal(values, plain.states[name]), name


@pytest.mark.parametrize("name", ["lif", "hodgkin_huxley"])
def test_the_reference_is_what_brian_gives(name):
    """Where Brian2 is installed, the script gives the stored numbers again."""
    installed = Path(__file__).parents[2] / ".venv-peers" / "bin" / "python"  # by launch/peers
    default = installed if installed.exists() else sys.executable
    python = os.environ.get("DISTSNN_BRIAN_PYTHON", str(default))
    probe = subprocess.run([python, "-c", "import brian2"], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip("Brian2 is not installed; launch/peers installs it")
    program = (
        "import json, make_brian as m\n"
        f"case = m.run({name!r}, m.trains(list(m.CASES).index({name!r})))\n"
        "print(json.dumps(case['spike_steps']))"
    )
    folder = Path(__file__).with_name("reference")
    done = subprocess.run(
        [python, "-c", program], capture_output=True, text=True, check=True, cwd=folder
    )
    assert json.loads(done.stdout.splitlines()[-1]) == CASES[name]["spike_steps"]
