"""Joined Loihi compartments against Python's integers, and what two dendrites can do."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from drive import Alone
from test_loihi_cuba import plain_step

from distsnn.kernels.neuron.loihi_joins import JOINS
from distsnn.neurons import LoihiCompartment, LoihiCuba, LoihiTree


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
