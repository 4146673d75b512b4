"""What a model or rule accepts runs: numbers stay finite, or the run says which do not."""

from __future__ import annotations

import re
from dataclasses import fields

import numpy as np
import pytest
from wrong_values import VALUES, parameters_of

from distsnn.comm.serial import SerialComm
from distsnn.errors import DistsnnError, SimulationError
from distsnn.network import AllToAll, Network
from distsnn.neurons import LifExp, all_models
from distsnn.plasticity import all_rules
from distsnn.simulation import simulate
from distsnn.stimuli import Current, Poisson

DT_MS = 1.0
LONG_MS = 1e6
NUMBERS = {title: value for title, value in VALUES.items() if isinstance(value, (int, float))}


def with_accepted(model: type) -> Network:
    """A network with a neuron for each accepted value of each parameter."""
    net = Network(dt_ms=DT_MS)
    net.population("usual", 1, model())
    for name in parameters_of(model):
        for place, value in enumerate(NUMBERS.values()):
            try:
                net.population(f"{name}.{place}", 1, model(**{name: value}))
            except DistsnnError:
                continue
            weight = max(net.populations[-1].model.weight_quanta, default=1.0)
            net.stimulate(f"{name}.{place}", Poisson(200.0, weight))
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


@pytest.mark.parametrize("name", [name for name in all_rules() if name != "SumOfProducts"])
def test_weights_are_finite_or_the_run_says_which_are_not(name):
    rule = all_rules()[name]
    needed = {} if name in ("TsodyksMarkram", "StochasticRelease") else {"w_max": 1.0}
    net = Network(dt_ms=DT_MS)
    net.population("busy", 3, LifExp(i_offset_pa=900.0))
    for parameter in [one.name for one in fields(rule) if "tuple" not in str(one.type)]:
        for place, value in enumerate(NUMBERS.values()):
            if parameter.startswith("tau_") and value > LONG_MS:
                continue  # tables of that length take their time
            cells = net.population(f"{parameter}.{place}", 2, LifExp(i_offset_pa=700.0))
            try:
                made = rule(**{**needed, parameter: value})
                low, high = made.weight_bounds or (0.0, 1.0)
                made = net.connect(
                    "busy", cells, AllToAll(), weight=low + 0.5 * (high - low), plasticity=made
                )
            except DistsnnError:
                continue
            net.record_weights(made, every_ms=20 * DT_MS)
    tables, message = weights(net)
    assert all(np.isfinite(table.weights).all() for table in tables)
    assert not message or "must be a finite number, as seen after step" in message


def weights(net: Network) -> tuple[list, str]:
    """Run; return the recorded weights, or what the run said instead."""
    try:
        found = simulate(net, duration_ms=30 * DT_MS, comm=SerialComm()).weight_tables
        return list(found.values()), ""
    except SimulationError as error:
        return [], str(error)


def outcome(net: Network) -> tuple[dict, str]:
    """Run; return the traces, or what the run said instead."""
    try:
        return simulate(net, duration_ms=30 * DT_MS, comm=SerialComm()).traces, ""
    except SimulationError as error:
        return {}, str(error)
