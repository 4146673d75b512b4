"""Neurons of several compartments: Loihi's joins bit for bit, and coupled membranes."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from drive import Alone
from scipy.integrate import solve_ivp
from test_loihi_cuba import plain_step

from distsnn.errors import NetworkError
from distsnn.network import FixedInDegree, Network
from distsnn.neurons import LifExp, LoihiCuba
from distsnn.neurons.compartment_tree import Compartment, CompartmentTree
from distsnn.neurons.loihi_tree import JOINS, LoihiCompartment, LoihiTree
from distsnn.simulation import simulate
from distsnn.stimuli import Current, Poisson

TIERS = CompartmentTree(
    (
        Compartment("soma", e_l_mv=-70.0),
        Compartment("trunk", "soma", c_m_pf=80.0, e_l_mv=-68.0, coupling_ns=30.0),
        Compartment("tuft", "trunk", c_m_pf=60.0, g_l_ns=4.0, coupling_ns=8.0, tau_syn_ms=12.0),
        Compartment("basal", "soma", c_m_pf=50.0, coupling_ns=15.0, i_offset_pa=20.0),
    )
)


def wrap(x: int, bits: int) -> int:
    return (x + (1 << bits)) % (1 << (bits + 1)) - (1 << bits)


def decay(x: int, factor: int) -> int:
    size = abs(x) * factor // 4096
    return size if x > 0 else -size


def plain_tree(tree: LoihiTree, states: dict[str, dict[str, int]], arriving: dict[str, int]):
    """One step of a tree in Python's integers, compartment by compartment, children first."""
    handed: dict[str, tuple[int, bool]] = {}

    def visit(part: LoihiCompartment) -> tuple[int, bool, bool]:
        children = [visit_child(other) for other in tree.compartments if other.parent == part.name]
        s = states[part.name]
        s["u"] = wrap(
            decay(s["u"], 4095 - part.decay_u)
            + wrap(arriving[part.name] * 2 ** (6 + part.weight_exponent), 21),
            23,
        )
        total = s["u"] + part.bias_mantissa * 2**part.bias_exponent
        numbers = [number for number, _ in children]
        flags = [flag for _, flag in children]
        if part.join == "add":
            total += sum(numbers)
        elif part.join in ("min", "max"):
            total = {"min": min, "max": max}[part.join]([total, *numbers])
        elif part.join == "or":
            total = total if any(flags) else 0
        elif part.join == "and":
            total = total if all(flags) else 0
        elif part.join == "pass":
            total = total + sum(numbers[1:]) if flags[0] else 0
        elif part.join == "block":
            total = 0 if flags[0] else total + sum(numbers[1:])
        total = wrap(total, 23)
        v = decay(s["v"], 4096 - part.decay_v) + total
        v = min(max(v, 1 - 2**part.v_min_exponent), 2 ** (9 + 2 * part.v_max_exponent) - 1)
        v = 0 if s["refractory"] > 0 else v
        above = v > 64 * part.threshold_mantissa
        number = total if part.hands == "u" else v if part.spikes or above else 0
        fires = above and part.spikes
        s["v"] = 0 if fires else v
        s["refractory"] = max((part.refractory_steps if fires else s["refractory"]) - 1, 0)
        return number, above, fires

    def visit_child(part: LoihiCompartment) -> tuple[int, bool]:
        number, above, _ = visit(part)
        handed[part.name] = (number, above)
        return number, above

    return visit(tree.compartments[0])[2], handed


def random_tree(draw: random.Random) -> LoihiTree:
    """A tree of 2 to 7 compartments with random joins and integers."""
    n = draw.randint(2, 7)
    parents = [None] + [draw.randrange(k) for k in range(1, n)]
    parts = []
    for k in range(n):
        has_children = k in parents
        parts.append(
            LoihiCompartment(
                name=f"c{k}",
                parent=None if k == 0 else f"c{parents[k]}",
                join=draw.choice(JOINS[1:]) if has_children else "none",
                hands=draw.choice("uv"),
                spikes=draw.random() < 0.7,
                decay_u=draw.choice((0, 4095, draw.randint(0, 4095))),
                decay_v=draw.choice((0, 4096, draw.randint(0, 4096))),
                threshold_mantissa=int(10 ** draw.uniform(0.0, 3.5)),
                bias_mantissa=draw.choice((0, draw.randint(-400, 4000))),
                refractory_steps=draw.randint(0, 4),
                weight_exponent=draw.randint(-6, 5),
                v_max_exponent=draw.choice((3, 7)),
            )
        )
    return LoihiTree(tuple(parts))


def test_every_join_against_plain_integers():
    seen, n_spikes = set(), 0
    for seed in range(100):
        draw = random.Random(seed)
        tree = random_tree(draw)
        names = tree.receptors
        alone = Alone(tree, 3, 1.0)
        plain = [{name: dict(u=0, v=0, refractory=0) for name in names} for _ in range(3)]
        inputs = np.random.default_rng(seed).integers(-60, 120, (60, len(names), 3))
        run = alone.run(60, inputs, record=tuple(tree.states))
        for t in range(60):
            for i in range(3):
                arriving = {name: int(inputs[t, j, i]) for j, name in enumerate(names)}
                fires, handed = plain_tree(tree, plain[i], arriving)
                assert run.spikes[t, i] == fires
                n_spikes += fires
                for name, (number, above) in handed.items():
                    assert run.states[f"handed_{name}"][t, i] == number
                    assert run.states[f"above_{name}"][t, i] == above
                for name in names:
                    for kind in ("u", "v", "refractory"):
                        assert run.states[f"{kind}_{name}"][t, i] == plain[i][name][kind]
        seen.update(part.join for part in tree.compartments)
    assert seen == set(JOINS)
    assert n_spikes > 500


@pytest.mark.parametrize("seed", range(5))
def test_one_compartment_is_the_plain_neuron(seed):
    rng = np.random.default_rng(seed)
    integers = dict(
        decay_u=int(rng.integers(0, 4096)),
        decay_v=int(rng.integers(0, 4097)),
        threshold_mantissa=int(10 ** rng.uniform(0, 4)),
        bias_mantissa=int(rng.integers(-100, 1000)),
        refractory_steps=int(rng.integers(0, 5)),
        weight_exponent=int(rng.integers(-6, 8)),
        v_max_exponent=int(rng.integers(0, 8)),
    )
    inputs = rng.integers(-256, 3000, (200, 1, 5))
    current = rng.integers(-50, 50, (200, 5))
    tree = LoihiTree((LoihiCompartment("soma", **integers),))
    a = Alone(tree, 5, 1.0).run(200, inputs, current, ("u_soma", "v_soma", "saturations"))
    model = LoihiCuba(**integers)
    b = Alone(model, 5, 1.0).run(200, inputs, current, ("u", "v", "saturations"))
    assert np.array_equal(a.spikes, b.spikes)
    for of_tree, of_plain in (("u_soma", "u"), ("v_soma", "v"), ("saturations", "saturations")):
        assert np.array_equal(a.states[of_tree], b.states[of_plain])
    state = dict(u=0, v=0, refractory=0, saturations=0, bias=int(model.initial()["bias"]))
    plain = [plain_step(model, state, int(inputs[t, 0, 0]), int(current[t, 0])) for t in range(200)]
    assert plain == a.spikes[:, 0].tolist()


def coincidence(window_decay: int = 600) -> LoihiTree:
    """Fires when both dendrites have had a spike within the window that their decay gives."""
    dendrite = dict(decay_u=4095, decay_v=window_decay, threshold_mantissa=50, spikes=False)
    return LoihiTree(
        (
            LoihiCompartment("soma", join="and", bias_mantissa=100, decay_v=4096,
                             threshold_mantissa=1, refractory_steps=20),
            LoihiCompartment("left", "soma", **dendrite),
            LoihiCompartment("right", "soma", **dendrite),
        )
    )  # fmt: skip


def test_coincidence_of_two_dendrites():
    """100 jumps above the threshold of 50 and stays there for log(1/2) / log(1 - 600/4096) steps."""
    window = math.ceil(math.log(0.5) / math.log(1 - 600 / 4096))
    for distance in range(-12, 13):
        inputs = np.zeros((60, 3), dtype=np.int32)
        inputs[20, 1] = 100
        inputs[20 + distance, 2] = 100
        spikes = Alone(coincidence(), 1, 1.0).run(60, inputs, record=()).spikes.sum()
        assert spikes == (1 if abs(distance) < window else 0), distance
    alone = np.zeros((60, 3), dtype=np.int32)
    alone[::3, 1] = 100
    assert not Alone(coincidence(), 1, 1.0).run(60, alone, record=()).spikes.any()


def solve(tree: CompartmentTree, v, i, current, duration_ms, n_samples, is_held=False):
    """Solve the equations as they stand, with absolute voltages; v [samples, compartments]."""
    parts = tree.compartments
    index = {part.name: k for k, part in enumerate(parts)}

    def slope(t, x):
        flow = [
            -p.g_l_ns * (x[k] - p.e_l_mv)
            + i[k] * math.exp(-t / p.tau_syn_ms)
            + p.i_offset_pa
            + (current if k == 0 else 0.0)
            for k, p in enumerate(parts)
        ]
        for k, p in enumerate(parts):
            if p.parent is not None:
                between = p.coupling_ns * (x[index[p.parent]] - x[k])
                flow[k] += between
                flow[index[p.parent]] -= between
        change = [f / p.c_m_pf for f, p in zip(flow, parts, strict=True)]
        return [0.0 if is_held and k == 0 else c for k, c in enumerate(change)]

    at = np.linspace(0, duration_ms, n_samples + 1)[1:]
    return solve_ivp(slope, (0, duration_ms), v, t_eval=at, rtol=1e-10, atol=1e-10).y.T


@pytest.mark.parametrize("dt_ms", [0.1, 0.01, 1.0])
def test_coupled_membranes_are_solved_exactly(dt_ms):
    names = TIERS.receptors
    start = {"v_soma": -60.0, "v_trunk": -75.0, "v_tuft": -55.0, "v_basal": -66.0}
    currents = {"i_soma": 50.0, "i_trunk": -30.0, "i_tuft": 120.0, "i_basal": 10.0}
    n_steps = round(20 / dt_ms)
    record = tuple(f"v_{name}" for name in names)
    run = Alone(TIERS, 2, dt_ms, {**start, **currents}).run(n_steps, None, 80.0, record)
    exact = solve(TIERS, list(start.values()), list(currents.values()), 80.0, 20.0, n_steps)
    for k, name in enumerate(record):
        assert np.abs(run.states[name][:, 0] - exact[:, k]).max() < 4e-5
    assert not run.spikes.any()


def test_dendrites_go_on_while_the_soma_is_held():
    tree = CompartmentTree(t_ref_ms=5.0)
    run = Alone(tree, 1, 0.1, {"v_soma": -49.0, "v_dendrite": -40.0}).run(
        52, record=("v_soma", "v_dendrite")
    )
    assert run.steps()[0] == 0
    assert (run.states["v_soma"][:51, 0] == tree.v_reset_mv).all()
    assert run.states["v_soma"][51, 0] != tree.v_reset_mv
    v = [tree.v_reset_mv, run.states["v_dendrite"][0, 0]]
    exact = solve(tree, v, [0.0, 0.0], 0.0, 5.0, 50, is_held=True)
    assert np.abs(run.states["v_dendrite"][1:51, 0] - exact[:, 1]).max() < 2e-5


def test_steady_state_is_that_of_the_circuit():
    """A current into the dendrite reaches the soma through the divider of the conductances."""
    tree = CompartmentTree(
        (Compartment("soma"), Compartment("dendrite", "soma", i_offset_pa=100.0))
    )
    run = Alone(tree, 1, 0.1).run(10_000, record=("v_soma", "v_dendrite"))
    input_conductance = 10.0 + 1 / (1 / 20.0 + 1 / 10.0)
    dendrite = 100.0 / input_conductance
    assert run.states["v_dendrite"][-1, 0] == pytest.approx(-70 + dendrite, abs=1e-4)
    assert run.states["v_soma"][-1, 0] == pytest.approx(-70 + dendrite * 20 / 30, abs=1e-4)


def test_one_compartment_is_the_plain_float_neuron():
    soma = Compartment("soma", c_m_pf=250.0, g_l_ns=25.0, e_l_mv=-65.0, tau_syn_ms=3.0)
    tree = CompartmentTree((soma,), v_threshold_mv=-50.0, v_reset_mv=-65.0)
    plain = LifExp(tau_syn_e_ms=3.0)
    inputs = np.random.default_rng(2).integers(0, 2, (5000, 1))
    both = np.concatenate([inputs, 0 * inputs], axis=1)
    a = Alone(tree, 1, 0.1, quantum=25.0).run(5000, inputs, 150.0, ("v_soma",))
    b = Alone(plain, 1, 0.1, quantum=25.0).run(5000, both, 150.0)
    assert a.steps().size > 20
    assert np.array_equal(a.steps(), b.steps())
    assert np.abs(a.states["v_soma"] - b.states["v"]).max() < 5e-5


def tree_network(seed: int) -> Network:
    """Trees of both kinds and of different size in one network."""
    network = Network(dt_ms=1.0, seed=seed)
    floats = network.population("floats", 60, TIERS)
    small = network.population("small", 50, CompartmentTree())
    loihi = network.population("loihi", 70, coincidence())
    for receptor in ("soma", "tuft", "basal"):
        network.stimulate(floats, Poisson(rate_hz=800.0, weight=60.0), receptor=receptor)
    network.stimulate(small, Current(pa=500.0))
    for receptor in ("left", "right"):
        network.connect(
            floats, loihi, FixedInDegree(3), weight=100.0, delay_ms=2.0, receptor=receptor
        )
    network.connect(loihi, small, FixedInDegree(4), weight=50.0, delay_ms=1.0, receptor="dendrite")
    network.connect(small, floats, FixedInDegree(4), weight=40.0, delay_ms=3.0, receptor="trunk")
    network.record(loihi, "v_left", neurons=[0, 5])
    return network


def test_same_bits_on_other_cores():
    results = [
        simulate(tree_network(2), duration_ms=300.0, **options)
        for options in ({}, {"neurons_per_core": 32}, {"neurons_per_core": 37, "placement": "near"})
    ]
    assert len({result.digest for result in results}) == 1
    for name in ("floats", "small", "loihi"):
        assert results[0].spike_steps(name)[0].size > 20, name


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: CompartmentTree(()), "has 0 compartments, limit 1 to 64"),
        (lambda: CompartmentTree((Compartment("a", "b"),)), "first compartment a has the parent"),
        (lambda: CompartmentTree((Compartment("a"), Compartment("a", "a"))), "each name once"),
        (lambda: CompartmentTree((Compartment("a"), Compartment("b"))), "limit one named before"),
        (lambda: CompartmentTree((Compartment("a-b"),)), "is named 'a-b'"),
        (lambda: Compartment("a", coupling_ns=0.0), "coupling_ns is 0.0, limit above 0"),
        (lambda: LoihiCompartment("a", join="xor"), "join is 'xor', limit none, add"),
        (lambda: LoihiTree((LoihiCompartment("a", join="add"),)), "0 children and join 'add'"),
        (lambda: LoihiCompartment("a", v_min_exponent=24), "v_min_exponent is 24, limit 0 to 23"),
    ],
)
def test_trees_that_are_none(make, message):
    with pytest.raises(NetworkError, match=message):
        make()


def test_compartments_take_places_of_their_core():
    network = Network(dt_ms=1.0, seed=1)
    network.population("trees", 300, TIERS)
    network.population("points", 100, LifExp())
    result = simulate(network, duration_ms=5.0)
    used = next(usage for usage in result.usage.limits if usage.name == "neurons")
    assert used.used.sum() == 300 * 4 + 100
    assert used.most <= used.limit == 1024
