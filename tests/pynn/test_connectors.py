"""Connectors: the synapses of PyNN's own, and numbers of them."""

from __future__ import annotations

import numpy as np
import pytest
from pyNN import connectors


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("AllToAllConnector", {}),
        ("OneToOneConnector", {}),
        ("FixedProbabilityConnector", {"p_connect": 0.3}),
    ],
)
def test_fast_connectors_make_the_synapses_of_pynn(sim, name, arguments):
    pre = sim.Population(30, sim.SpikeSourceArray())
    post = sim.Population(40, sim.IF_cond_exp())
    lists = []
    for module in (sim, connectors):
        given = dict(arguments)
        if "p_connect" in arguments:
            given["rng"] = sim.NumpyRNG(seed=11)
        connector = getattr(module, name)(**given)
        made = sim.Projection(pre, post, connector, sim.StaticSynapse(weight=0.1, delay=0.4))
        lists.append(made.get(["weight", "delay"], "list"))
    assert lists[0] == lists[1]
    assert len(lists[0]) > 20


def test_the_blocks_of_a_large_projection_continue_each_other(sim, monkeypatch):
    from distsnn.pynn import connectors as ours

    cells = sim.Population(50, sim.IF_cond_exp())
    tables = []
    for block in (1 << 22, 120):
        monkeypatch.setattr(ours, "BLOCK", block)
        connector = sim.FixedProbabilityConnector(0.2, rng=sim.NumpyRNG(seed=2))
        made = sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=0.1))
        tables.append(made.get("weight", "array"))
    np.testing.assert_array_equal(*tables)


def test_wrong_weights_are_refused(sim):
    from pyNN.errors import ConnectionError

    cells = sim.Population(3, sim.IF_cond_exp())
    with pytest.raises(ConnectionError, match="positive"):
        sim.Projection(
            cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=-0.1),
            receptor_type="excitatory",
        )  # fmt: skip
