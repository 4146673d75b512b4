"""Connectors: the synapses of PyNN's own, and numbers of them."""

from __future__ import annotations

import numpy as np
import pytest
from pyNN import connectors
from pyNN.errors import ConnectionError as PyNNConnectionError

NEAR = "exp(-d/5.0)"
PAIRS = [(3, 4, 0.2, 1.5), (0, 1, 0.1, 1.0), (3, 1, 0.4, 0.3), (29, 29, 0.3, 2.0)]
CASES = [
    ("AllToAllConnector", {}),
    ("AllToAllConnector", {"allow_self_connections": False}),
    ("OneToOneConnector", {}),
    ("FixedProbabilityConnector", {"p_connect": 0.3}),
    ("FixedProbabilityConnector", {"p_connect": 0.3, "allow_self_connections": False}),
    ("DistanceDependentProbabilityConnector", {"d_expression": NEAR}),
    (
        "DistanceDependentProbabilityConnector",
        {"d_expression": "d < 4.5", "allow_self_connections": False},
    ),
    ("FixedNumberPreConnector", {"n": 7}),
    ("FixedNumberPreConnector", {"n": 45}),
    ("FixedNumberPreConnector", {"n": 7, "with_replacement": True}),
    ("FixedNumberPostConnector", {"n": 7, "allow_self_connections": False}),
    ("ArrayConnector", {"array": np.arange(900).reshape(30, 30) % 7 == 0}),
    ("FromListConnector", {"conn_list": PAIRS}),
    ("FromListConnector", {"conn_list": [p[:3] for p in PAIRS], "column_names": ["weight"]}),
]


def made_by(sim, module, name, arguments, random_delays):
    """Return the synapses of a connector between 30 cells, and a number that its rng draws next."""
    space = sim.Space(periodic_boundaries=((0, 30), None, None))
    cells = sim.Population(30, sim.IF_cond_exp(), structure=sim.space.Line(dx=1.0))
    given, rng = dict(arguments), sim.NumpyRNG(seed=11)
    if "rng" in getattr(connectors, name).__init__.__code__.co_varnames:
        given["rng"] = rng
    delay = 0.4
    if random_delays:
        delay = sim.RandomDistribution("uniform", low=0.3, high=2.0, rng=sim.NumpyRNG(seed=5))
    synapse = sim.StaticSynapse(weight=0.1, delay=delay)
    made = sim.Projection(cells, cells, getattr(module, name)(**given), synapse, space=space)
    return made.get(["weight", "delay"], "list"), rng.next()


@pytest.mark.parametrize("random_delays", [False, True])
@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_connectors_make_the_synapses_of_pynn(sim, name, arguments, random_delays):
    ours, theirs = (
        made_by(sim, module, name, arguments, random_delays) for module in (sim, connectors)
    )
    assert ours == theirs
    assert len(ours[0]) >= 4


@pytest.mark.parametrize("shares", ["one generator", "a function of distance", "a clipped normal"])
def test_parameters_that_pynn_makes_target_by_target(sim, shares):
    lists = []
    for module in (sim, connectors):
        cells = sim.Population(30, sim.IF_cond_exp())
        rng = sim.NumpyRNG(seed=3)
        clipped = {"mu": 1.0, "sigma": 1.0, "low": 0.5, "high": 1.2}
        delay = {
            "one generator": sim.RandomDistribution("uniform", low=0.3, high=2.0, rng=rng),
            "a function of distance": "0.5 + 0.1*d",
            "a clipped normal": sim.RandomDistribution(
                "normal_clipped", **clipped, rng=sim.NumpyRNG(seed=4)
            ),
        }[shares]
        connector = module.FixedProbabilityConnector(0.3, rng=rng)
        made = sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=0.1, delay=delay))
        lists.append(made.get(["weight", "delay"], "list"))
    assert lists[0] == lists[1]


def test_a_total_number_of_synapses(sim):
    cells = sim.Population(40, sim.IF_cond_exp())
    made = {}
    for key in ((True, True), (True, False), (False, True), (False, False)):
        connector = sim.FixedTotalNumberConnector(
            900, allow_self_connections=key[0], with_replacement=key[1], rng=sim.NumpyRNG(seed=9)
        )
        projection = sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=0.1))
        made[key] = [tuple(row) for row in projection.get("weight", "list")]
    for (allows_self, replaces), pairs in made.items():
        assert len(pairs) == 900
        assert any(a == b for a, b, _ in pairs) == allows_self
        assert (len(set(pairs)) < 900) == replaces
    # binomial numbers of synapses: variance n p (1 - p)
    counts = np.bincount([b for _, b, _ in made[True, True]], minlength=40)
    assert counts.var() == pytest.approx(900 / 40 * (1 - 1 / 40), rel=0.6)
    with pytest.raises(PyNNConnectionError, match="at most 1560"):
        sim.Projection(
            cells, cells,
            sim.FixedTotalNumberConnector(1600, allow_self_connections=False, with_replacement=False),
        )  # fmt: skip


def test_files_of_pairs(sim, tmp_path):
    cells = sim.Population(30, sim.IF_cond_exp())
    whole, part = tmp_path / "pairs.txt", tmp_path / "pairs.txt.0"
    text = '# columns = ["i", "j", "delay", "weight"]\n'
    text += "".join(f"{i} {j} {d} {w}\n" for i, j, w, d in PAIRS)
    whole.write_text(text)
    part.write_text(text)
    lists = [
        sim.Projection(
            cells, cells, sim.FromFileConnector(str(whole), distributed=is_in_parts)
        ).get(["weight", "delay"], "list")
        for is_in_parts in (False, True)
    ]
    assert lists[0] == lists[1]
    assert sorted(lists[0]) == sorted(PAIRS)
    assert whole.exists()


@pytest.mark.parametrize("pair", [(30, 0), (0, 30), (-1, 0), (0.5, 0)])
def test_pairs_outside_the_populations_are_refused(sim, pair):
    cells = sim.Population(30, sim.IF_cond_exp())
    with pytest.raises(PyNNConnectionError, match="index must be a whole number from 0 to 29, got"):
        sim.Projection(cells, cells, sim.FromListConnector([(*pair, 0.1, 1.0)]))


def test_the_blocks_of_a_large_projection_continue_each_other(sim, monkeypatch):
    from distsnn.pynn.wiring import drawn as ours

    cells = sim.Population(50, sim.IF_cond_exp())
    tables = []
    for block in (1 << 22, 120):
        monkeypatch.setattr(ours, "BLOCK", block)
        connector = sim.FixedProbabilityConnector(0.2, rng=sim.NumpyRNG(seed=2))
        made = sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=0.1))
        tables.append(made.get("weight", "array"))
    np.testing.assert_array_equal(*tables)


def test_wrong_weights_are_refused(sim):
    cells = sim.Population(3, sim.IF_cond_exp())
    with pytest.raises(PyNNConnectionError, match="positive"):
        sim.Projection(
            cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=-0.1),
            receptor_type="excitatory",
        )  # fmt: skip


def test_the_native_generator(sim):
    cells = sim.Population(200, sim.IF_cond_exp())
    rates = []
    for seed in (1, 1, 2):
        weights = sim.RandomDistribution("normal", mu=0.5, sigma=0.01, rng=sim.NativeRNG(seed=seed))
        connector = sim.FixedProbabilityConnector(0.3, rng=sim.NativeRNG(seed=seed))
        made = sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=weights))
        rates.append(made.get("weight", "array"))
    np.testing.assert_array_equal(rates[0], rates[1])
    for table in rates:
        # binomial: 40,000 pairs of 0.3, standard deviation 92
        assert np.sum(np.isfinite(table)) == pytest.approx(12_000, abs=400)
        assert np.nanmean(table) == pytest.approx(0.5, abs=0.001)
    assert not np.array_equal(np.isnan(rates[0]), np.isnan(rates[2]))
