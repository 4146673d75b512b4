"""Sum-of-products learning against a plain twin in Python's numbers, and its randomness in the mean.

The twin has the rules as Python functions, written by hand: nothing of the language, its compiler,
masks or rows. Traces without decay and whole changes leave nothing to chance.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from plasticity.forced import Forced, poisson_trains

from distsnn.chip import load_chip
from distsnn.comm.serial import SerialComm
from distsnn.kernels.formats import NO_ROW
from distsnn.kernels.plastic import products as plastic_products
from distsnn.network import AllToAll, Network, OneToOne
from distsnn.neurons import LifDelta
from distsnn.plasticity import SumOfProducts
from distsnn.running.building import build_rank
from distsnn.running.stepping import run_steps
from distsnn.simulation import Settings
from distsnn.stimuli import SpikeSource

FOREVER = 1e9
NO_DECAY = dict.fromkeys(("tau_x1_ms", "tau_x2_ms", "tau_y1_ms", "tau_y2_ms", "tau_y3_ms"), FOREVER)


def pair(v):
    return v["y0"] and v["x1"](v["t_y"] + 1), v["x0"] and -v["y1"](v["t_x"])


def many(v):
    change = 0
    if v["x0"]:
        change += 2 * (v["y2"](v["t_x"]) + 1) * v["sgn"](v["w"] - 100) - v["d"]
    if v["y0"]:
        change += v["x2"](v["t_y"] + 1) * v["y3"](v["t_y"])
    if v["u"]:
        change -= v["x0"] * v["x1"](v["end"])
    return change, 0


RULES = {
    "pair": ("dw = x1*y0 - x0*y1", pair),
    "many": ("dw = 2*x0*(y2 + 1)*sgn(w - 100) - x0*d + y0*x2*y3 - u2*x0*x1", many),
}


class Counted:
    """A trace without decay: an impulse for each spike, at most 127."""

    def __init__(self, impulse: int, spikes: np.ndarray) -> None:
        self.impulse, self.spikes = impulse, spikes

    def upto(self, step: int) -> int:
        return min(127, self.impulse * int(np.searchsorted(self.spikes, step)))


def twin(name, pre, post, w, delay, n_steps, epoch_steps, impulses):
    """Return the weight after n_steps; spikes of ``pre`` arrive ``delay`` steps later."""
    arrivals = np.asarray(pre) + delay
    traces = {
        key: Counted(impulses.get(f"{key}_impulse", 16), arrivals if key[0] == "x" else post)
        for key in ("x1", "x2", "y1", "y2", "y3")
    }
    for number, start in enumerate(range(0, n_steps - epoch_steps + 1, epoch_steps)):
        end = start + epoch_steps
        x_in = arrivals[(arrivals >= start) & (arrivals < end)]
        y_in = post[(post >= start) & (post < end)]
        values = {
            "x0": int(x_in.size > 0), "y0": int(y_in.size > 0), "u": (number + 1) % 4 == 0,
            "t_x": int(x_in.max(initial=-1)), "t_y": int(y_in.max(initial=-1)), "end": end,
            "w": w, "d": delay, "sgn": lambda z: (z > 0) - (z < 0),
            **{key: trace.upto for key, trace in traces.items()},
        }  # fmt: skip
        parts = RULES[name][1](values)
        w = max(0, min(255, w + sum(int(part) for part in parts)))
    return w


@pytest.mark.parametrize("epoch_steps", [1, 7, 63])
@pytest.mark.parametrize("name", RULES)
def test_whole_changes_against_twin(name, epoch_steps):
    rng = np.random.default_rng(8)
    n_steps = 630
    pre = poisson_trains(rng, 15, 80.0, n_steps, 0.1)
    post = poisson_trains(rng, 15, 80.0, n_steps, 0.1)
    i, j = (part.ravel() for part in np.mgrid[0:15, 0:15])
    delays = rng.integers(1, 30, i.size)
    start = rng.integers(60, 140, i.size)
    impulses = {"x1_impulse": 2, "x2_impulse": 1, "y1_impulse": 2, "y2_impulse": 1, "y3_impulse": 1}
    rule = SumOfProducts(RULES[name][0], 0.05, epoch_steps=epoch_steps, **impulses, **NO_DECAY)
    forced = Forced(pre, post, (i, j, start * 0.05, delays), rule)
    got = np.rint(forced.weights() / 0.05).astype(int)
    order = np.lexsort((delays, i, j))
    expected = [
        twin(name, pre[i[k]], post[j[k]], int(start[k]), int(delays[k]), forced.n_steps,
             epoch_steps, impulses)
        for k in order
    ]  # fmt: skip
    assert np.abs(np.array(expected) - start[order]).mean() > 3
    assert np.array_equal(got, expected)


def test_rounding_is_right_in_the_mean():
    """A change of 5/128 per spike moves weights by so much on average, by whole steps each."""
    n = 4000
    pre, post = [np.array([5])], [np.array([2])]
    rule = SumOfProducts("dw = 5*2^-7*x0", 0.1, **NO_DECAY)
    synapses = (np.zeros(n, int), np.zeros(n, int), np.full(n, 10.0), np.ones(n, int))
    got = Forced(pre, post, synapses, rule).weights() / 0.1
    steps = np.rint(got - 100.0)
    assert np.abs(got - 100.0 - steps).max() < 1e-6
    assert set(steps.astype(int)) == {0, 1}
    share, deviation = 5 / 128, math.sqrt(5 / 128 / n)
    assert abs(steps.mean() - share) < 5 * deviation


def test_traces_decay_right_in_the_mean():
    """x1 = 100 after a spike decays by exp(-k dt / tau) on average, in whole numbers."""
    n, lag = 300, 40
    pre = [np.array([1])] * n
    post = [np.array([2 + lag])]
    rule = SumOfProducts(
        "dw = y0*x1", 0.1, x1_impulse=100.0, tau_x1_ms=4.0, w_min=-256, epoch_steps=1
    )
    synapses = (np.arange(n), np.zeros(n, int), np.zeros(n), np.ones(n, int))
    got = np.rint(Forced(pre, post, synapses, rule).weights() / 0.1)
    expected = 100.0 * math.exp(-lag * 0.1 / 4.0)
    assert np.unique(got).size > 5
    assert abs(got.mean() - expected) < 1.0


def test_weights_are_clipped_and_sums_saturate():
    pre, post = [np.arange(5, 200, 5)], [np.arange(4, 200, 5)]
    synapses = ([0], [0], [10.0], [1])
    up = SumOfProducts("dw = 7*2^8*x0", 0.1)
    assert Forced(pre, post, synapses, up).weights()[0] == pytest.approx(25.5)
    down = SumOfProducts("dw = -7*2^8*x0", 0.1, w_min=-20)
    assert Forced(pre, post, synapses, down).weights()[0] == pytest.approx(-2.0)


def test_pair_rule_learns_the_window():
    """The text of pair STDP gives its window, within the trace's whole numbers."""
    differences = np.arange(-50, 51)
    differences = differences[differences != 0]
    pre = [np.array([201])]
    post = [np.array([202 + d]) for d in differences]
    synapses = (
        np.zeros(differences.size, int), np.arange(differences.size),
        np.full(differences.size, 12.8), np.ones(differences.size, int),
    )  # fmt: skip
    rule = SumOfProducts(
        "dw = x1*y0 - y1*x0", 0.1, x1_impulse=100.0, y1_impulse=80.0, tau_x1_ms=2.0, tau_y1_ms=2.0
    )
    change = Forced(pre, post, synapses, rule).weights() / 0.1 - 128.0
    ms = differences * 0.1
    expected = np.where(ms > 0, 100 * np.exp(-ms / 2.0), -80 * np.exp(ms / 2.0))
    assert np.abs(change - expected).max() < 6.0
    assert np.corrcoef(change, expected)[0, 1] > 0.998


def test_the_trace_of_rewards_decays_to_nothing():
    """Read as a whole number, it still falls by exp(-dt / tau) in each step."""
    network = Network(dt_ms=1.0)
    signal = network.population("signal", 1, SpikeSource([10.0], [0]))
    cells = network.population("cells", 2, LifDelta())
    rule = SumOfProducts("dw = 2^-3*r1*x0", tau_r1_ms=100.0)
    learned = network.connect(cells, cells, OneToOne(), weight=10.0, plasticity=rule)
    network.modulate(learned, signal, amount=100.0, delay_ms=1.0)
    rank = build_rank(network, 800, load_chip("loihi"), Settings(), SerialComm())
    part = rank.plastic.parts[0]
    for after in (1, 50, 100, 200, 300, 600):
        rank.advance(10 + after)
        expected = 100.0 * math.exp(-(after - 1) / 100.0)
        assert part._parameters[plastic_products.R1] == math.floor(expected + 0.5), after


def test_traces_of_source_and_target_are_rounded_apart():
    """A neuron that is its own source one step later: what its two traces round to is unrelated."""
    n = 2000
    network = Network(dt_ms=0.1, seed=3)
    clock = network.population("clock", 1, SpikeSource([0.1], [0]))
    cells = network.population("cells", n, LifDelta())
    network.connect(clock, cells, AllToAll(), weight=1000.0, delay_ms=0.1)
    rule = SumOfProducts("dw = x1*y0 - y1*x0", 0.1, x1_impulse=100.0, y1_impulse=100.0,
                         tau_x1_ms=4.0, tau_y1_ms=4.0)  # fmt: skip
    network.connect(cells, cells, OneToOne(), weight=0.1, delay_ms=0.1, plasticity=rule)
    rank = build_rank(network, 30, load_chip("loihi"), Settings(), SerialComm())
    run_steps(rank, 30, None)
    (learning,) = rank.plastic.parts
    pointers = learning.rows.pointers[learning.rows.pointers != NO_ROW]
    of_source = learning.rows.columns["weights"][pointers]
    of_target = learning._traces[learning.n_in > 0, 0]
    assert of_source.size == of_target.size == n
    assert of_source.std() > 0.5
    assert of_target.std() > 0.5
    assert abs(np.corrcoef(of_source, of_target)[0, 1]) < 5 / math.sqrt(n)
