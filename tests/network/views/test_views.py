"""Views of populations and assemblies: which neurons they hold, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn import LifExp, Network
from distsnn.errors import NetworkError
from distsnn.network.views import Assembly, views_of


@pytest.fixture
def e():
    return Network().population("e", 10, LifExp())


def test_keys_choose_the_neurons_that_numpy_chooses(e):
    every = np.arange(10)
    mask = every % 3 == 0
    for key in (slice(None, 4), slice(2, 9, 3), [1, 5, 7], np.array([0, 9]), mask, slice(-3, None)):
        assert e[key].index.tolist() == every[key].tolist()
    assert e[-1].index.tolist() == [9]
    assert e[2:8][1:3].index.tolist() == [3, 4]
    assert [one.index.tolist() for one in e[4:6]] == [[4], [5]]
    assert len(e) == 10
    assert len(e[::2]) == 5
    assert len(list(e)) == 10


def test_views_are_named_by_their_neurons(e):
    assert e[:4].name == "e[0:4]"
    assert e[3].name == "e[3]"
    assert e[[1, 5]].name == "e[2 neurons]"
    assert e[:].is_all
    assert not e[1:].is_all


@pytest.mark.parametrize(
    "key", [10, -11, [3, 3], [5, 2], [], slice(4, 4), [True, False], 1.5, [0, 10], "e", None]
)
def test_keys_that_choose_no_neurons_are_refused_in_one_line(e, key):
    with pytest.raises(NetworkError, match=r"^population e: index.*must be ") as refused:
        e[key]
    assert "\n" not in str(refused.value)


def test_assemblies_keep_the_order_of_their_parts(e):
    network = Network()
    a, b = network.population("a", 3, LifExp()), network.population("b", 4, LifExp())
    together = b + a[1:]
    assert [part.name for part in together.parts] == ["b[0:4]", "a[1:3]"]
    assert len(together) == 6
    assert len((together + e[:2]).parts) == 3
    assert [part.name for part in views_of("x", a)] == ["a[0:3]"]


def test_an_assembly_holds_no_neuron_twice(e):
    with pytest.raises(NetworkError, match="parts that have no neuron in common"):
        Assembly.of(e[:5], e[4:])
    with pytest.raises(NetworkError, match="a population, some of its neurons or an assembly"):
        e + 3
