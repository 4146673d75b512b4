"""Mistakes of users: PyNN's own error, or one line in PyNN's names and units."""

from __future__ import annotations

import numpy as np
import pytest
from pyNN import errors


def cells(sim, n=5, kind="IF_cond_exp", **parameters):
    return sim.Population(n, getattr(sim, kind)(**parameters))


def source(sim):
    return sim.Population(5, sim.SpikeSourceArray(spike_times=[5.0]))


def joined(sim, connector=None, synapse=None, target=None, **more):
    connector = connector or sim.AllToAllConnector()
    return sim.Projection(source(sim), target or cells(sim), connector, synapse, **more)


def learning(sim, tau_plus=20.0, weight=0.05, **bounds):
    rule = sim.SpikePairRule(tau_plus=tau_plus)
    dependence = sim.AdditiveWeightDependence(**{"w_max": 0.1, **bounds})
    return joined(sim, synapse=sim.STDPMechanism(rule, dependence, weight=weight))


def of_an_earlier_setup(sim):
    old = cells(sim)
    sim.setup()
    joined(sim, target=old)


def set_later(sim):
    made = cells(sim)
    sim.run(1.0)
    made.set(tau_m=-1.0)


VALUE, DIMENSIONS = errors.InvalidParameterValueError, errors.InvalidDimensionsError
UNKNOWN, CONNECTION, WEIGHT = (
    errors.NonExistentParameterError, errors.ConnectionError, errors.InvalidWeightError,
)  # fmt: skip
MISTAKES = {
    "a run of text": (lambda sim: sim.run("100"), VALUE, "run.simtime: must be a number, got '100'"),
    "a run of NaN": (lambda sim: sim.run(np.nan), VALUE, "must be a number, got nan"),
    "a run back": (lambda sim: sim.run(-5.0), ValueError, "in the past"),
    "no timestep": (lambda sim: sim.setup(timestep=0.0), VALUE, "must be a number above 0, got 0"),
    "a misspelt parameter": (lambda sim: cells(sim, taum=3.0), UNKNOWN, "taum"),
    "a text for a number": (lambda sim: cells(sim, tau_m="abc"), VALUE, "tau_m"),
    "a negative time constant": (
        lambda sim: cells(sim, tau_m=-5.0), VALUE, "IF_cond_exp.tau_m: must be numbers above 0, got -5",
    ),
    "no capacitance": (lambda sim: cells(sim, cm=0.0), VALUE, "cm: must be numbers above 0, got 0"),
    "a parameter that is NaN": (
        lambda sim: cells(sim, i_offset=np.nan), VALUE, "i_offset: must be finite numbers",
    ),
    "a reset above the threshold": (
        lambda sim: cells(sim, v_reset=-40.0), VALUE, "v_reset: must be below v_thresh",
    ),
    "a wrong value later": (set_later, VALUE, "tau_m: must be numbers above 0, got -1"),
    "no cells": (lambda sim: cells(sim, n=0), DIMENSIONS, "size: must be at least 1, got 0"),
    "half a cell": (lambda sim: cells(sim, n=2.5), ValueError, "must be an integer"),
    "an unknown recording": (lambda sim: cells(sim).record("w"), errors.RecordingError, "w"),
    "an unknown state": (lambda sim: cells(sim).initialize(foo=3.0), UNKNOWN, "foo"),
    "a state that is NaN": (
        lambda sim: cells(sim).initialize(v=np.nan), VALUE, "initial v: must be finite numbers",
    ),
    "synapses onto a source": (
        lambda sim: joined(sim, target=source(sim)), CONNECTION, "must have receptors",
    ),
    "cells of an earlier setup": (of_an_earlier_setup, CONNECTION, "before the last setup"),
    "an unknown receptor": (lambda sim: joined(sim, receptor_type="exc"), CONNECTION, "excitatory"),
    "a negative conductance": (
        lambda sim: joined(sim, synapse=sim.StaticSynapse(weight=-1.0)), CONNECTION, "positive",
    ),
    "a negative conductance of a list": (
        lambda sim: joined(sim, sim.FromListConnector([(0, 0, -1.0, 1.0)])), CONNECTION, "positive",
    ),
    "a negative delay": (
        lambda sim: joined(sim, synapse=sim.StaticSynapse(weight=0.1, delay=-3.0)), CONNECTION,
        "delay: must be numbers of at least 0, got -3",
    ),
    "a delay that is NaN": (lambda sim: joined(sim).set(delay=np.nan), CONNECTION, "got nan"),
    "an unknown parameter of synapses": (lambda sim: joined(sim).get("foo", "list"), UNKNOWN, "foo"),
    "an initial weight beyond its bound": (
        lambda sim: learning(sim, weight=0.5), WEIGHT, "weight: must be from w_min = 0 to w_max = 0.1",
    ),
    "exchanged bounds": (lambda sim: learning(sim, w_min=0.2), VALUE, "w_min: must be below w_max"),
    "a window without width": (
        lambda sim: learning(sim, tau_plus=0.0), VALUE, "tau_plus: must be numbers above 0, got 0",
    ),
    "more than all resources": (
        lambda sim: joined(sim, synapse=sim.TsodyksMarkramSynapse(weight=0.1, U=2.0)), VALUE,
        "U: must be numbers from 0 to 1, got 2",
    ),
    "a model that is not there": (lambda sim: sim.GIF_cond_exp(), AttributeError, "GIF_cond_exp"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_said_in_the_words_of_pynn(sim, mistake):
    make, error, text = MISTAKES[mistake]
    with pytest.raises(error) as caught:
        make(sim)
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)


def test_time_passes_without_cells(sim):
    assert sim.run(10.0) == 10.0
    with pytest.raises(ValueError, match="in the past"):
        sim.run_until(5.0)
    assert sim.get_current_time() == 10.0
