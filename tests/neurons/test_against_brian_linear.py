"""Models that NEST lacks against Brian2: no leak, a floor under v, coupled compartments.

The reference numbers and how they were made: ``reference/make_brian_linear.py``.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from drive import Alone

from distsnn.neurons import Compartment, CompartmentTree, IntegrateFire, LifFloor

FILE = Path(__file__).with_name("reference") / "brian_linear.json"
CASES = json.loads(FILE.read_text())["cases"]
N_SPIKES = 20
# Measured: about half. Without a leak the rounding of each step to float32 stays in v.
BOUNDS = {"IntegrateFire": 5e-4, "LifFloor": 1e-4, "CompartmentTree": 1e-4}


def build(case):
    """Return the model and, by variable of the reference, the name of its state."""
    given = dict(case["parameters"])
    if case["model"] != "CompartmentTree":
        model = {"IntegrateFire": IntegrateFire, "LifFloor": LifFloor}[case["model"]](**given)
        names = {"v": "v", "i_0": "i_e", "i_1": "i_i"}
        return model, {name: names[name] for name in case["samples"]}
    parts = given.pop("compartments")
    model = CompartmentTree(
        tuple(Compartment(name, **part) for name, part in parts.items()), **given
    )
    return model, {"v" if k == 0 else f"v_{name}": f"v_{name}" for k, name in enumerate(parts)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['model']}-{case['dt_ms']}")
def test_same_spikes_and_states_as_brian(case):
    dt_ms = case["dt_ms"]
    model, state_of = build(case)
    expected = case["spike_steps"][:N_SPIKES]
    assert len(expected) == N_SPIKES
    n_steps = expected[-1] + 1
    quantum = 0.25  # of the weights, all of which are multiples of it
    inputs = np.zeros((n_steps, len(model.receptors)), dtype=np.int32)
    for receptor, (times, weight) in enumerate(
        zip(case["arriving_ms"], case["weights"], strict=True)
    ):
        steps = np.round(np.array(times) / dt_ms).astype(int)
        np.add.at(inputs[:, receptor], steps[steps < n_steps], round(weight / quantum))
    current = np.zeros(n_steps, dtype=np.float32)
    for start_ms, value in case["current_steps"]:
        current[round(start_ms / dt_ms) :] = value
    alone = Alone(model, 1, dt_ms, quantum=quantum)
    result = alone.run(n_steps, inputs, current, tuple(state_of.values()))

    assert result.steps().tolist() == expected
    used = np.array([step for step in case["sample_steps"] if step < n_steps])
    assert used.size > 30
    for name, state in state_of.items():
        reference = np.array(case["samples"][name])[: used.size]
        assert np.abs(result.states[state][used, 0] - reference).max() < BOUNDS[case["model"]], name


def test_cases_reach_what_sets_the_models_apart():
    """The floors are touched, inside the compared part; the tree's parts differ in voltage."""
    for case in CASES:
        last = case["spike_steps"][N_SPIKES - 1]
        early = np.array(case["sample_steps"]) < last
        samples = {name: np.array(values)[early] for name, values in case["samples"].items()}
        if case["model"] == "CompartmentTree":
            assert np.abs(samples["v"] - samples["v_tuft"]).max() > 5.0
        else:
            floor = case["parameters"]["v_floor_mv"]
            assert (samples["v"] == floor).any()
