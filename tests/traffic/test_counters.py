"""Counters of runs one after the other: sums and differences are each other's inverse."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from distsnn.traffic import MeshCounters

SIZE, N_CORES = {"width": 4, "height": 3}, 12
SERIES = ("packets_of_step", "busiest_link_of_step", "most_events_of_step")


def counters(seed: int, n_steps: int) -> MeshCounters:
    rng = np.random.default_rng(seed)
    of_cores = {
        name: rng.integers(0, 1000, N_CORES)
        for name in ("packets_sent", "packets_received", "synaptic_events", "spikes")
    }
    return MeshCounters(
        **SIZE, n_steps=n_steps, link_packets=rng.integers(0, 1000, (2, 4, N_CORES)),
        in_tile_packets=int(rng.integers(100)), neurons=np.arange(N_CORES),
        learning_updates=int(rng.integers(100)), **of_cores,
        **{name: rng.integers(0, 9, n_steps) for name in SERIES},
    )  # fmt: skip


def test_two_runs_count_as_one():
    first, second = counters(1, 5), counters(2, 3)
    both = first + second
    assert both.n_steps == 8
    assert both.packets == first.packets + second.packets
    assert np.array_equal(both.link_packets, first.link_packets + second.link_packets)
    for name in SERIES:
        assert getattr(both, name).tolist() == [
            *getattr(first, name).tolist(), *getattr(second, name).tolist(),
        ]  # fmt: skip
    assert np.array_equal(both.neurons, first.neurons), "the same neurons, not more of them"
    assert both.learning_of_core is None
    assert both.since(first).digest() == second.digest()
    for entry in fields(MeshCounters):
        assert np.array_equal(getattr(both.since(first), entry.name), getattr(second, entry.name))


def test_the_order_of_runs_is_in_the_series_alone():
    first, second = (
        replace(counters(seed, 4), **dict.fromkeys(SERIES, np.zeros(0, np.int64)))
        for seed in (1, 2)
    )
    assert (first + second).digest() == (second + first).digest()
    first, second = counters(1, 4), counters(2, 4)
    assert (first + second).digest() != (second + first).digest()


def test_the_short_form_says_how_much_was_counted():
    one = counters(1, 5)
    expected = f"MeshCounters({one.packets_sent.sum()} packets in 5 steps on 4 x 3 cores)"
    assert repr(one) == expected
