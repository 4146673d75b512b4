"""The adaptive neuron against Brian2: spike steps and states for common inputs.

The reference numbers and how they were made: ``reference/make_brian.py``.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from drive import Alone

from distsnn.neurons import AdaptiveLif

REFERENCE = json.loads(Path(__file__).with_name("reference").joinpath("brian.json").read_text())
N_SPIKES = 20


@pytest.mark.parametrize(
    "case", REFERENCE["cases"], ids=lambda case: f"{case['name']}-{case['dt_ms']}"
)
def test_same_spikes_and_states_as_brian(case):
    dt_ms = case["dt_ms"]
    n_steps = case["spike_steps"][N_SPIKES - 1] + 1
    inputs = np.zeros((n_steps, 2), dtype=np.int32)
    for receptor, (times, weight) in enumerate(
        zip(case["arriving_ms"], case["weights"], strict=True)
    ):
        steps = np.round(np.array(times) / dt_ms).astype(int)
        np.add.at(inputs[:, receptor], steps[steps < n_steps], round(weight))
    current = np.zeros(n_steps, dtype=np.float32)
    for start_ms, value in case["current_steps"]:
        current[round(start_ms / dt_ms) :] = value
    model = AdaptiveLif(**case["parameters"])
    result = Alone(model, 1, dt_ms).run(n_steps, inputs, current, ("v", "w", "theta"))

    assert result.steps().tolist() == case["spike_steps"][:N_SPIKES]
    used = np.array([step for step in case["sample_steps"] if step < n_steps])
    assert used.size > 30
    for name, bound in (("v", 5e-5), ("w", 2e-4), ("theta", 3e-5)):
        reference = np.array(case["samples"][name])[: used.size]
        assert np.abs(result.states[name][used, 0] - reference).max() < bound, name
