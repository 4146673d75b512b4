"""Synapses between views are those of populations that consist of the views' neurons."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from distsnn import (
    AllToAll,
    ExplicitList,
    FixedInDegree,
    FixedOutDegree,
    FixedProbability,
    FixedTotalNumber,
    LifExp,
    Network,
    OneToOne,
)
from distsnn.errors import NetworkError
from distsnn.network.draw import draw_delays, draw_sources
from distsnn.network.rules.of_views import ViewRule

SOURCES, TARGETS = np.array([2, 3, 7, 11, 12, 30]), np.array([0, 5, 6, 9, 17, 18, 19, 24])
RULES = [
    AllToAll(),
    FixedInDegree(3),
    FixedInDegree(4, multapses=False),
    FixedOutDegree(5),
    FixedProbability(0.4),
    FixedTotalNumber(20),
    ExplicitList([0, 5, 5, 2], [1, 7, 0, 1]),
]


def pairs(projection, cuts):
    """Return (source, target) of all synapses, drawn for ranges of targets."""
    found = []
    for start, stop in pairwise(cuts):
        counts, sources = draw_sources(projection, start, stop, 1)
        found += list(zip(sources.tolist(), np.repeat(np.arange(start, stop), counts), strict=True))
        assert draw_delays(projection, start, counts, 1).size == sources.size
    return found


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_views_are_connected_like_populations_of_their_neurons(rule):
    network = Network()
    a, b = network.population("a", 40, LifExp()), network.population("b", 25, LifExp())
    between = network.connect(a[SOURCES], b[TARGETS], rule, weight=1.0, delay_ms=1.0)
    alone = Network()
    c = alone.population("c", SOURCES.size, LifExp())
    d = alone.population("d", TARGETS.size, LifExp())
    own = alone.connect(c, d, rule, weight=1.0, delay_ms=1.0)
    expected = sorted((SOURCES[s], TARGETS[t]) for s, t in pairs(own, [0, TARGETS.size]))
    assert len(expected) >= 4
    for cuts in ([0, 25], [0, 1, 5, 6, 18, 25], [0, 10, 25]):
        assert sorted(pairs(between, cuts)) == expected
    assert between.expected_synapses() == own.expected_synapses()
    assert between.most_in_degree() == own.most_in_degree()


def test_pairs_of_views_are_one_to_one():
    network = Network()
    a = network.population("a", 40, LifExp())
    projection = network.connect(a[:3], a[[8, 5 + 4, 20]], OneToOne(), weight=1.0)
    assert sorted(pairs(projection, [0, 40])) == [(0, 8), (1, 9), (2, 20)]


def test_a_view_onto_itself_has_no_autapses_if_none_are_wanted():
    network = Network()
    a = network.population("a", 40, LifExp())
    rule = FixedProbability(0.9, autapses=False)
    drawn = pairs(network.connect(a[5:25], a[5:25], rule, weight=1.0), [0, 40])
    assert len(drawn) > 200
    assert all(s != t for s, t in drawn)
    with pytest.raises(NetworkError, match="must be between the same neurons, or neurons of which"):
        network.connect(a[5:25], a[20:30], rule, weight=1.0)


def test_assemblies_are_connected_part_by_part():
    network = Network()
    a, b = network.population("a", 40, LifExp()), network.population("b", 25, LifExp())
    made = network.connect_all(a + b, b + a[:5], AllToAll(), weight=1.0)
    assert [p.source.name + p.target.name for p in made] == ["ab", "aa", "bb", "ba"]
    assert sum(p.expected_synapses() for p in made) == (40 + 25) * (25 + 5)
    assert isinstance(made[1].rule, ViewRule)
    for rule in (FixedInDegree(3), FixedTotalNumber(5), OneToOne()):
        with pytest.raises(NetworkError, match="assembly: rule over several sources"):
            network.connect_all(a + b, b, rule, weight=1.0)
    with pytest.raises(NetworkError, match="Name the parts one by one"):
        network.connect(a + b, b, AllToAll(), weight=1.0)


def test_lists_name_neurons_of_their_views():
    network = Network()
    a = network.population("a", 40, LifExp())
    with pytest.raises(NetworkError, match="pre: must be at most 2, got 3"):
        network.connect(a[:3], a, ExplicitList([3], [0]), weight=1.0)
