"""What a model accepts runs: states stay finite, or the run says which do not."""

from __future__ import annotations

import re

import numpy as np
import pytest
from public_calls import parameters_of_models
from wrong_values import VALUES

from distsnn.comm.serial import SerialComm
from distsnn.errors import DistsnnError, SimulationError
from distsnn.network import Network
from distsnn.neurons import all_models
from distsnn.simulation import simulate
from distsnn.stimuli import Current, Poisson

DT_MS = 1.0
NUMBERS = {title: value for title, value in VALUES.items() if isinstance(value, (int, float))}


def with_accepted(model: type) -> Network:
    """A network with a neuron for each accepted value of each parameter."""
    net = Network(dt_ms=DT_MS)
    net.population("usual", 1, model())
    for name in parameters_of_models(model):
        for place, value in enumerate(NUMBERS.values()):
            try:
                net.population(f"{name}.{place}", 1, model(**{name: value}))
            except DistsnnError:
                continue
            net.stimulate(f"{name}.{place}", Poisson(200.0, 1.0))
            net.stimulate(f"{name}.{place}", Current(pa=3.0))
    return net


@pytest.mark.parametrize("name", list(all_models()))
def test_states_are_finite_or_the_run_says_which_are_not(name):
    net = with_accepted(all_models()[name])
    for one in net.populations:
        for state, kind in one.model.states.items():
            if kind == "f4":
                net.record(one, state, every_ms=10 * DT_MS)
    traces, message = outcome(net)
    assert all(np.isfinite(values).all() for _, values in traces.values())
    pattern = r"population \w+(\.\d+)?, neuron 0: \w+: must be a finite number"
    assert not message or re.match(pattern, message)


def outcome(net: Network) -> tuple[dict, str]:
    """Run; return the traces, or what the run said instead."""
    try:
        return simulate(net, duration_ms=30 * DT_MS, comm=SerialComm()).traces, ""
    except SimulationError as error:
        return {}, str(error)
