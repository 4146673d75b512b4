"""What holds for every rule: the same synapses for any split, closed forms, what is excluded."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from sampling import matrix, projection_of

from distsnn.kernels.draw import distinct as draw_distinct
from distsnn.kernels.draw import sources as draw_kernels
from distsnn.network import (
    AllToAll,
    ExplicitList,
    FixedInDegree,
    FixedOutDegree,
    FixedProbability,
    FixedTotalNumber,
    Normal,
    OneToOne,
    PatchInDegree,
)
from distsnn.network.draw import (
    count_sources,
    draw_delays,
    draw_quanta,
    draw_sources,
    fill_delays,
    fill_quanta,
    fill_sources,
)

WEIGHT, DELAY = Normal(5.0, 1.0), Normal(2.0, 0.5, low=0.1)
RNG = np.random.default_rng(3)
PRE, POST = RNG.integers(0, 120, 900), RNG.integers(0, 120, 900)
NEIGHBOURS = [((p - 1) % 6, p, (p + 1) % 6) for p in range(6)]
PAIRS = 120 * 120

RULES = [
    AllToAll(),
    AllToAll(autapses=False),
    OneToOne(),
    ExplicitList(PRE, POST),
    FixedInDegree(0),
    FixedInDegree(1),
    FixedInDegree(32),
    FixedInDegree(33, autapses=False),
    FixedInDegree(40, multapses=False),
    FixedInDegree(100, multapses=False, autapses=False),
    FixedInDegree(119, multapses=False, autapses=False),
    FixedOutDegree(7),
    FixedOutDegree(200, autapses=False),
    FixedOutDegree(90, multapses=False),
    FixedOutDegree(20, multapses=False, autapses=False),
    FixedProbability(0.0),
    FixedProbability(0.2),
    FixedProbability(0.93, autapses=False),
    FixedProbability(1.0, autapses=False),
    FixedTotalNumber(0),
    FixedTotalNumber(4001),
    FixedTotalNumber(4001, autapses=False),
    FixedTotalNumber(4001, multapses=False),
    FixedTotalNumber(PAIRS - 1000, multapses=False, autapses=False),
    PatchInDegree(5, NEIGHBOURS),
    PatchInDegree(45, NEIGHBOURS, autapses=False),
]


def name(rule):
    return "ExplicitList" if isinstance(rule, ExplicitList) else repr(rule)[:60]


def make(rule):
    """A projection of 120 neurons in 6 patches onto themselves."""
    return projection_of(rule, 120, weight=WEIGHT, delay_ms=DELAY, patches=(6, 6))


def everything(projection, start, stop, seed=5):
    counts, sources = draw_sources(projection, start, stop, seed)
    quanta = draw_quanta(projection, start, counts, seed, 0.01)
    delays = draw_delays(projection, start, counts, seed)
    assert (quanta.dtype, delays.dtype) == (np.int16, np.uint16)
    return counts, sources, quanta, delays


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_any_split_gives_the_same_synapses(rule):
    projection = make(rule)
    whole = everything(projection, 0, 120)
    for cuts in ([0, 1, 2, 120], [0, 63, 64, 65, 120], [0, 17, 33, 34, 80, 119, 120]):
        parts = [everything(projection, a, b) for a, b in pairwise(cuts)]
        for k in range(4):
            assert (np.concatenate([part[k] for part in parts]) == whole[k]).all()


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_fill_writes_the_same_and_nothing_else(rule):
    projection = make(rule)
    counts, sources, quanta, delays = everything(projection, 20, 90)
    assert (count_sources(projection, 20, 90, 5) == counts).all()
    n = sources.size
    for fill, expected in (
        (lambda out: fill_sources(projection, 20, counts, 5, out), sources),
        (lambda out: fill_quanta(projection, 20, counts, 5, 0.01, out), quanta),
        (lambda out: fill_delays(projection, 20, counts, 5, out), delays),
    ):
        room = np.full(n + 200, 77, dtype=expected.dtype)
        fill(room[100 : 100 + n])
        assert (room[100 : 100 + n] == expected).all()
        assert (room[:100] == 77).all()
        assert (room[100 + n :] == 77).all()


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_closed_forms(rule):
    projection = make(rule)
    ends = projection.ends
    counts, sources = draw_sources(projection, 0, 120, 9)
    assert counts.sum() == sources.size
    assert sources.size <= rule.most_synapses(ends)
    assert counts.max(initial=0) <= projection.most_in_degree()
    if isinstance(rule, FixedProbability):
        deviation = np.sqrt(PAIRS * rule.p * (1 - rule.p))
        assert abs(sources.size - projection.expected_synapses()) <= 5 * deviation
    else:
        assert sources.size == projection.expected_synapses() == rule.most_synapses(ends)


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_what_is_excluded_does_not_occur(rule):
    for seed in range(3):
        pairs = matrix(make(rule), seed)
        if not getattr(rule, "autapses", True):
            assert not np.diag(pairs).any()
        if not getattr(rule, "multapses", True) or isinstance(rule, FixedProbability):
            assert pairs.max() <= 1


@pytest.mark.parametrize(
    "rule",
    [
        FixedInDegree(50),
        FixedOutDegree(50),
        FixedTotalNumber(6000),
        PatchInDegree(17, NEIGHBOURS),
    ],
    ids=name,
)
def test_what_is_allowed_does_occur(rule):
    pairs = matrix(make(rule))
    assert np.diag(pairs).any()
    assert pairs.max() > 1


CERTAIN = (AllToAll, OneToOne, ExplicitList)


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_seed_changes_what_is_random(rule):
    projection = make(rule)
    n_pairs = PAIRS - (0 if getattr(rule, "autapses", True) else 120)
    is_full = not getattr(rule, "multapses", isinstance(rule, PatchInDegree)) and (
        projection.expected_synapses() in (0, n_pairs)
    )
    is_certain = isinstance(rule, CERTAIN) or is_full or projection.expected_synapses() == 0
    first, other = (everything(projection, 0, 120, seed)[1] for seed in (5, 6))
    assert np.array_equal(first, other) == is_certain


def test_excluding_autapses_needs_the_same_population():
    projection = projection_of(AllToAll(autapses=False), 5, 5)
    assert projection.expected_synapses() == 25
    assert matrix(projection).all()


def test_explicit_list_keeps_the_order_of_each_target():
    rule = ExplicitList([4, 2, 9, 2, 1], [1, 0, 1, 1, 0], delays_ms=[1, 2, 3, 4, 5])
    projection = projection_of(rule, 10, 3, delay_ms=None)
    counts, sources = draw_sources(projection, 0, 3, 1)
    assert counts.tolist() == [2, 3, 0]
    assert sources.tolist() == [2, 1, 4, 9, 2]
    assert draw_delays(projection, 0, counts, 1).tolist() == [20, 50, 10, 30, 40]
    assert draw_delays(projection, 1, counts[1:], 1).tolist() == [10, 30, 40]
    assert projection.delay_steps == (10, 50)
    assert projection.most_in_degree() == 3


def test_compiled_kernels_equal_their_python_source():
    counts = np.array([3, 40, 0, 12], dtype=np.int32)
    table, spare = np.empty(128, np.uint32), np.empty(32, np.uint32)
    compiled, plain = np.empty(55, np.uint32), np.empty(55, np.uint32)
    draw_kernels.fill_sources(3, 4, 7, 50, 1, counts, spare, compiled)
    with np.errstate(over="ignore"):
        draw_kernels.fill_sources.python(3, 4, 7, 50, 1, counts, spare, plain)
    assert (compiled == plain).all()
    draw_distinct.fill_distinct_sources(3, 4, 7, 50, 1, counts, table, spare, compiled)
    with np.errstate(over="ignore"):
        draw_distinct.fill_distinct_sources.python(3, 4, 7, 50, 1, counts, table, spare, plain)
    assert (compiled == plain).all()


def test_rejected_words_are_drawn_again():
    """With 3 * 2^30 sources a quarter of all words is rejected; none may favour a source."""
    n = 3 << 30
    counts = np.full(2000, 50, dtype=np.int32)
    sources, spare = np.empty(100_000, np.uint32), np.empty(32, np.uint32)
    draw_kernels.fill_sources(1, 2, 0, n, 0, counts, spare, sources)
    # floor(u n / 2^32) without rejection would give 2 of every 3 neighbours a double share.
    thirds = np.bincount(sources % 3, minlength=3)
    assert np.abs(thirds / sources.size - 1 / 3).max() < 0.01
    quarter = np.bincount(sources >> 30, minlength=3)
    assert np.abs(quarter / sources.size - 1 / 3).max() < 0.01
