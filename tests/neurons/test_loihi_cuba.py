"""Loihi's compartment, bit for bit: another emulator's numbers, a golden trace, plain Python.

``reference/loihi.json`` holds what the emulator of nengo-loihi 1.1.0 does with 1,000 random
networks (``reference/make_loihi.py``), as digests over all u, v and spikes of 200 steps.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from drive import Alone
from loihi_batch import NAMES, run_networks
from loihi_networks import N_STEPS, digest

from distsnn.errors import NetworkError
from distsnn.network import AllToAll, Network, Normal
from distsnn.network.weights.quanta import Quanta
from distsnn.neurons import LoihiCuba

REFERENCE = json.loads(Path(__file__).with_name("reference").joinpath("loihi.json").read_text())


def test_thousand_random_networks_against_nengo_loihi():
    histories = run_networks(range(len(REFERENCE["digests"])))
    assert len(histories) == 1000
    for shown, history in zip(REFERENCE["shown"], histories, strict=False):
        for name in NAMES:  # digests say only that something differs, these say where
            assert np.array_equal(history[name], shown[name]), name
    differing = [
        seed
        for seed, (history, expected) in enumerate(
            zip(histories, REFERENCE["digests"], strict=True)
        )
        if digest(history) != expected
    ]
    assert differing == []
    assert sum(int(history["spiked"].sum()) for history in histories) == REFERENCE["n_spikes"]
    assert REFERENCE["n_spikes"] > 100_000


def test_golden_trace():
    """decay_u 1023, decay_v 1024, threshold 400; weight 124 arrives in steps 0, 2 and 3."""
    inputs = np.zeros((9, 1), dtype=np.int32)
    inputs[[0, 2, 3]] = 124
    model = LoihiCuba(decay_u=1023, decay_v=1024, threshold_mantissa=400)
    run = Alone(model, 1, 1.0).run(9, inputs, record=("u", "v"))
    u = [7936, 5952, 12400, 17236, 12927, 9695, 7271, 5453, 4089]
    v = [7936, 11904, 21328, 0, 12927, 19390, 21813, 21812, 20448]  # 33232 spikes: 0
    assert run.states["u"][:, 0].tolist() == u
    assert run.states["v"][:, 0].tolist() == v
    assert run.steps().tolist() == [3]


def plain_step(p: LoihiCuba, s: dict[str, int], arriving: int, current: int) -> bool:
    """The chip's step in Python's integers, which have no size."""

    def wrap(x: int, bits: int) -> int:
        return (x + (1 << bits)) % (1 << (bits + 1)) - (1 << bits)

    def decay(x: int, factor: int) -> int:
        size = abs(x) * factor // 4096
        return size if x > 0 else -size

    whole_q = arriving * 2 ** (6 + p.weight_exponent)
    q = wrap(whole_q, 21)
    whole_u = decay(s["u"], 4095 - p.decay_u) + q
    u = wrap(whole_u, 23)
    whole_s = u + s["bias"] + current
    total = wrap(whole_s, 23)
    whole_v = decay(s["v"], 4096 - p.decay_v) + total
    v_max = 2 ** (9 + 2 * p.v_max_exponent) - 1
    s["saturations"] += (q, u, total) != (whole_q, whole_u, whole_s) or whole_v > v_max
    v = min(max(whole_v, 1 - 2**p.v_min_exponent), v_max)
    v = 0 if s["refractory"] > 0 else v
    fired = v > 64 * p.threshold_mantissa
    s["u"], s["v"] = u, 0 if fired else v
    s["refractory"] = max((p.refractory_steps if fired else s["refractory"]) - 1, 0)
    return fired


@pytest.mark.parametrize("seed", range(40))
def test_against_plain_integers_with_currents_and_saturation(seed):
    rng = np.random.default_rng(seed)
    model = LoihiCuba(
        decay_u=int(rng.integers(0, 4096)),
        decay_v=int(rng.integers(0, 4097)),
        threshold_mantissa=int(10 ** rng.uniform(0, 5)),
        bias_mantissa=int(rng.integers(-4095, 4096)),
        bias_exponent=int(rng.integers(0, 8)),
        refractory_steps=int(rng.integers(0, 9)),
        weight_exponent=int(rng.integers(-6, 8)),
        v_min_exponent=int(rng.integers(0, 32)),
        v_max_exponent=int(rng.integers(0, 8)),
    )
    inputs = rng.integers(-256, 256, (200, 1, 4)) * rng.integers(0, 40, (200, 1, 4))
    current = rng.integers(-3000, 3000, (200, 4))
    run = Alone(model, 4, 1.0).run(200, inputs, current, record=tuple(model.states))
    for i in range(4):
        state = {name: 0 for name in model.states} | {"bias": int(model.initial()["bias"])}
        for t in range(200):
            fired = plain_step(model, state, int(inputs[t, 0, i]), int(current[t, i]))
            assert run.spikes[t, i] == fired
            assert {name: int(run.states[name][t, i]) for name in state} == state


def test_saturations_are_counted():
    """255 2^13 wraps q (21 bits) when it arrives twice; v ends at its maximum without a spike."""
    inputs = np.array([[255], [510], [0]])
    model = LoihiCuba(weight_exponent=7, threshold_mantissa=131071, v_max_exponent=0)
    run = Alone(model, 1, 1.0).run(3, inputs, record=("u", "v", "saturations"))
    assert run.states["u"][:, 0].tolist() == [255 << 13, (510 << 13) - (1 << 22), 0]
    assert run.states["v"][0, 0] == 511
    assert run.states["saturations"][:, 0].tolist() == [1, 2, 2]


def test_noise_is_uniform_and_a_function_of_key_neuron_and_step():
    """v holds only the noise: decay_v 4096 keeps nothing."""
    model = LoihiCuba(
        decay_v=4096, noise_target="voltage", noise_exponent=7, threshold_mantissa=131071
    )
    first = Alone(model, 500, 1.0, key=99).run(400)
    values = first.states["v"].astype(int)
    assert values.min() == -127
    assert values.max() == 127
    counts = np.bincount((values + 127).ravel(), minlength=255)
    expected = values.size / 255
    chi_squared = float(((counts - expected) ** 2 / expected).sum())
    assert 254 - 5 * np.sqrt(2 * 254) < chi_squared < 254 + 5 * np.sqrt(2 * 254)
    assert abs(np.corrcoef(values[:-1].ravel(), values[1:].ravel())[0, 1]) < 0.01
    assert abs(np.corrcoef(values[:, :-1].ravel(), values[:, 1:].ravel())[0, 1]) < 0.01
    again = Alone(model, 7, 1.0, key=99).run(100, t_start=300)
    assert np.array_equal(again.states["v"], first.states["v"][300:, :7])
    other = Alone(model, 500, 1.0, key=100).run(5)
    assert not np.array_equal(other.states["v"], first.states["v"][:5])


def test_noise_rounds_towards_zero_and_has_an_offset():
    quiet = dict(decay_v=4096, noise_target="voltage", threshold_mantissa=131071)
    base = Alone(LoihiCuba(noise_exponent=7, **quiet), 200, 1.0, key=5).run(50).states["v"]
    for exponent, offset in ((3, 0), (7, 2), (10, -1), (0, 1)):
        model = LoihiCuba(noise_exponent=exponent, noise_offset=offset, **quiet)
        found = Alone(model, 200, 1.0, key=5).run(50).states["v"]
        assert np.array_equal(found, np.trunc((base + 64 * offset) * 2.0 ** (exponent - 7)))


@pytest.mark.parametrize("bits", range(1, 10))
def test_weights_are_multiples_of_what_the_precision_allows(bits):
    model = LoihiCuba(weight_bits=bits)
    step = 2 ** (9 - bits)
    stored = model.quantised(np.arange(-256, 256))
    assert np.unique(stored).size <= 2**bits
    assert (stored % step == 0).all()
    inner = np.arange(-256, 256 - step)
    assert np.abs(model.quantised(inner) - inner).max() <= step / 2
    network = Network(dt_ms=1.0, seed=1)
    population = network.population("a", 10, model)
    network.connect(population, population, AllToAll(), weight=Normal(100.0, 9.0), delay_ms=1.0)
    assert Quanta(network).of(0, 0) == step


def test_weights_outside_are_refused():
    with pytest.raises(NetworkError, match="weights: must be from -256 to 255, got '3 to 256'"):
        LoihiCuba().quantised(np.array([3, 256]))
    network = Network(dt_ms=1.0, seed=1)
    population = network.population("a", 10, LoihiCuba())
    network.connect(population, population, AllToAll(), weight=40_000.0, delay_ms=1.0)
    with pytest.raises(
        NetworkError, match="must be of size 32767 at most for a LoihiCuba, got 40000"
    ):
        Quanta(network)


def test_history_is_long_enough():
    assert N_STEPS == 200
