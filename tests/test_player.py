"""What a player takes and refuses, and that a player is closed."""

from __future__ import annotations

import gc
from dataclasses import replace

import numpy as np
import pytest

import distsnn.core.rank
from distsnn.chip import load_chip
from distsnn.comm import open_fabric
from distsnn.comm.serial import SerialComm
from distsnn.errors import DistsnnError, UsageError
from distsnn.network import ExplicitList, FixedInDegree, Network
from distsnn.neurons import LifDelta
from distsnn.plasticity import PairStdp
from distsnn.player import Player, Recording
from distsnn.simulation import Settings, simulate
from distsnn.stimuli import SpikeSource


def network(times=(), lines=()):
    net = Network(dt_ms=1.0, seed=3)
    source = net.population("lines", 8, SpikeSource(times, lines, n_sources=8))
    target = net.population("a", 30, LifDelta())
    net.connect(source, target, FixedInDegree(3), weight=30.0, delay_ms=3.0)
    return net


def player(net=None, source="lines", comm=None, n_steps=100, most_input=2, **settings):
    return Player(
        net or network(), source, n_steps=n_steps, most_input=most_input,
        settings=Settings(**settings), comm=comm or SerialComm(),
    )  # fmt: skip


def line_of(call):
    with pytest.raises(DistsnnError) as caught:
        call()
    text = str(caught.value)
    assert "\n" not in text
    assert "must " in text
    return text


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (([0], [0], 0), "n_steps"), (([0], [0], 2**31), "n_steps"), (([0], [0], 3.0), "n_steps"),
        (([0], [0], True), "n_steps"), (([-1], [0], 5), "step"), (([0.5], [0], 5), "step"),
        (([np.nan], [0], 5), "step"), (([0], [-1], 5), "line"), (([0, 1], [0], 5), "line"),
        (([[0]], [[0]], 5), "step"), (("no", [0], 5), "step"), ((None, [0], 5), "step"),
    ],
)  # fmt: skip
def test_a_recording_of_another_kind(arguments, word):
    assert f"recording: {word}" in line_of(lambda: Recording(*arguments))


@pytest.mark.parametrize(
    ("recording", "words"),
    [
        (Recording([0, 1], [0, 8], 5), "from 0 to 7, got 8"),
        (Recording([0, 0, 0], [0, 1, 2], 5), "at most 2 spikes in a step, got 3"),
        (Recording([], [], 101), "at most 100 steps, got 101"),
    ],
)
def test_a_recording_that_does_not_fit(recording, words):
    with player() as one:
        assert words in line_of(lambda: one.play([recording]))
        assert words in line_of(lambda: one.run(recording))
        one.play([Recording([0, 99], [0, 7], 100)])  # it can still be used
        assert "at most 0 steps" in line_of(lambda: one.play([Recording([], [], 1)]))


def test_a_source_that_plays_already_or_is_none():
    assert "no spikes of its own, got 2" in line_of(lambda: player(network([1.0, 2.0], [0, 1])))
    assert "LifDelta" in line_of(lambda: player(source="a"))
    for name, value in (("n_steps", 0), ("n_steps", 1.5), ("most_input", -1), ("most_input", True)):
        assert name in line_of(lambda name=name, value=value: player(**{name: value}))


def test_arguments_of_another_kind():
    given = {
        "network": network(), "source": "lines", "n_steps": 10, "most_input": 2,
        "settings": Settings(), "comm": SerialComm(),
    }  # fmt: skip
    for name in given:
        for wrong in (None, 1.5, "text", [1], True):
            if (name, wrong) in (("source", "text"), ("comm", None)):
                continue  # an unknown name, which the network refuses; the ranks that were started
            assert name in line_of(lambda name=name, wrong=wrong: Player(**{**given, name: wrong}))
    with Player(**given) as one:
        for wrong in (None, 3, "text", [None], [Recording([], [], 1), 2], {}):
            assert "recordings" in line_of(lambda wrong=wrong: one.play(wrong))
        assert "progress" in line_of(lambda: one.play([], progress=3))
        assert "recordings" in line_of(lambda: one.run([0]))
        assert one.play([]) == []


def test_spikes_after_the_end_are_not_played():
    with player(most_input=3) as one:
        late = Recording([3, 20, 20, 20, 20], [1, 0, 1, 2, 3], 20)
        heard, without = one.play([late, Recording([3], [1], 20)])
    assert np.array_equal(heard.gid, without.gid)


def test_a_closed_player_plays_no_more():
    one = player()
    one.finish()
    assert "open" in line_of(lambda: one.play([Recording([], [], 5)]))
    one.close()  # once more does no harm
    with player() as other:
        pass
    assert "open" in line_of(lambda: other.run(Recording([], [], 5)))


def test_a_player_that_failed_in_a_recording_plays_no_more():
    class Odd(Exception):
        pass

    def fail(_):
        raise Odd

    with player() as one:
        with pytest.raises(Odd):
            one.play([Recording([], [], 5)], progress=fail)
        with pytest.raises(UsageError):
            one.play([Recording([], [], 5)])


def test_fabrics_are_closed_however_a_player_ends(monkeypatch):
    opened = []

    def noted(*args, **options):
        opened.append(open_fabric(*args, **options))
        return opened[-1]

    monkeypatch.setattr(distsnn.core.rank, "open_fabric", noted)

    def dropped():
        player()

    dropped()
    gc.collect()
    with player():
        pass
    player().finish()
    long = network()
    long.connect("a", "a", FixedInDegree(2), weight=1.0, delay_ms=100.0)
    with pytest.raises(DistsnnError):
        player(long, strict=True)
    assert len(opened) == 4
    assert not any(fabric.is_open for fabric in opened)


@pytest.mark.parametrize("side", [16, 32])
@pytest.mark.parametrize("room", [33, 3000])
def test_every_packet_of_the_last_window_has_its_links(side, room):
    """On chips of more than 512 cores loads are summed over windows, the last of which is short."""
    chip = replace(load_chip("loihi"), width=side, height=side)
    rng = np.random.default_rng(1)
    step, line = rng.integers(0, 31, 300), rng.integers(0, 64, 300)

    def wide(times, lines):
        net = Network(dt_ms=1.0, seed=3)
        source = net.population("lines", 64, SpikeSource(times, lines, n_sources=64))
        target = net.population("a", 256, LifDelta())
        net.connect(source, target, FixedInDegree(5), weight=1.0, delay_ms=3.0)
        return net

    settings = {"chip": chip, "neurons_per_core": 64}
    one = player(wide([], []), n_steps=room, most_input=64, **settings)
    one.play([Recording(step, line, 31)])
    counters = one.finish()
    alone = simulate(wide(step + 1.0, line), duration_ms=31.0, comm=SerialComm(), **settings)
    assert counters.packets > 1000
    assert counters.link_packets.sum() > 2000
    assert counters.digest() == alone.traffic_digest


def test_learning_pairs_no_spikes_of_different_recordings():
    """A has a presynaptic spike at its end, B a postsynaptic one at its beginning."""
    net = Network(dt_ms=1.0, seed=3)
    source = net.population("lines", 2, SpikeSource([], [], n_sources=2))
    target = net.population("a", 1, LifDelta(v_threshold_mv=100.0, v_reset_mv=0.0))
    net.connect(source, target, ExplicitList(pre=[1], post=[0]), weight=120.0)
    learned = net.connect(
        source, target, ExplicitList(pre=[0], post=[0]), weight=5.0,
        plasticity=PairStdp(10.0, a_plus=0.1, a_minus=0.1),
    )  # fmt: skip
    net.record_weights(learned, every_ms=1000.0)
    a, b = Recording([61], [0], 64), Recording([0], [1], 64)
    both = Recording([0, 2], [0, 1], 64)
    with player(net, n_steps=1000) as one:
        final = [
            float(heard.weight_tables[learned.index].final[0])
            for heard in one.play([a, b, both, a, b, a])
        ]
    assert final[2] > 5.0
    assert [*final[:2], *final[3:]] == [5.0] * 5
