"""Recurrent networks against other programs: Izhikevich's script, NEST, Brunel's states.

``reference/nest_networks.json`` holds what NEST gives for ten seeds; it is written by
``python benchmarks/accuracy/model_networks.py --nest-python PYTHON --store FILE``, which also compares
more seeds and full-size networks.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from distsnn.networks import build_network
from distsnn.networks.ready import brunel
from distsnn.simulation import simulate

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS / "accuracy"))
from model_networks import figures, ours, script_row  # noqa: E402

REFERENCE = json.loads(
    Path(__file__).with_name("reference").joinpath("nest_networks.json").read_text()
)
ERRORS = 4.0


def differing(our: list[dict], other: list[dict], names: tuple[str, ...]) -> list[str]:
    """Return the figures whose means differ by more than 4 standard errors."""
    found = []
    for name in names:
        a, b = ([row[name] for row in rows] for rows in (our, other))
        error = np.hypot(np.std(a, ddof=1) / len(a) ** 0.5, np.std(b, ddof=1) / len(b) ** 0.5)
        if abs(np.mean(a) - np.mean(b)) > ERRORS * error:
            found.append(f"{name}: {np.mean(a):.3f} and {np.mean(b):.3f}")
    return found


def test_izhikevich_has_the_scripts_rates_and_rhythm():
    """Ten seeds of each; the script's own rates are 7.58 and 7.32 Hz, its rhythm 8 Hz."""
    our = [ours("izhikevich", {"seed": seed}, 0.0) for seed in range(1, 11)]
    other = [script_row(seed) for seed in range(100, 110)]
    names = ("exc Hz", "inh Hz", "exc CV", "inh CV", "synchrony", "peak Hz")
    assert differing(our, other, names) == []
    assert all(7.0 < row["exc Hz"] < 8.2 and 6.6 < row["inh Hz"] < 8.0 for row in our)
    assert all(6.5 <= row["peak Hz"] <= 9.5 for row in our)


def test_izhikevich_needs_its_graded_cells():
    """With all cells alike the rates are not those of the script."""
    other = [script_row(seed) for seed in range(100, 104)]
    rows = []
    for seed in range(1, 5):
        network = build_network("izhikevich", {"seed": seed})
        for population in network.populations:
            population.initial.clear()
        result = simulate(network, duration_ms=1000.0)
        trains = {p.name: (*result.spike_steps(p.name)[:2], p.size) for p in network.populations}
        rows.append(figures(trains, 1000, 1.0))
    assert differing(rows, other, ("exc Hz", "inh Hz"))


def test_izhikevich_with_shorter_steps_and_other_size_stays_near():
    for settings in ({"dt_ms": 0.5}, {"scale": 0.5}):
        row = ours("izhikevich", settings, 200.0)
        assert 3.0 < row["exc Hz"] < 16.0, settings


@pytest.mark.parametrize(("name", "n_seeds"), [("cuba", 6), ("coba", 5)])
def test_balanced_networks_have_nests_rates_and_irregularity(name, n_seeds):
    our = [ours(name, {"seed": seed}, 200.0) for seed in range(1, n_seeds + 1)]
    names = ("exc Hz", "inh Hz", "exc CV", "inh CV", "synchrony")
    assert differing(our, REFERENCE[name], names) == []


@pytest.mark.parametrize(
    ("name", "change"), [("cuba", {"weight_i_pa": -150.0}), ("coba", {"weight_i_ns": 61.0})]
)
def test_the_comparison_notices_a_tenth_less_of_inhibition(name, change):
    our = [ours(name, {"seed": seed, **change}, 200.0) for seed in range(1, 4)]
    assert differing(our, REFERENCE[name], ("exc Hz", "inh Hz"))


def test_coba_stays_silent_without_a_push():
    network = build_network("coba", {"push_hz": 0.0, "scale": 0.2})
    assert simulate(network, duration_ms=100.0).spike_steps("exc")[0].size == 0


def test_brunels_states_by_irregularity_and_synchrony():
    """A regular near saturation, B a fast and D a slow rhythm, C neither (Brunel 2000, fig. 8)."""
    found = {}
    for state, (g, eta) in {"A": (3, 2), "B": (6, 4), "C": (5, 2), "D": (4.5, 0.9)}.items():
        duration_ms = 400.0 if state == "A" else 1000.0
        result = simulate(brunel.build(g=g, eta=eta, scale=0.2), duration_ms=duration_ms)
        steps, neurons = result.spike_steps("exc")[:2]
        kept = steps >= 2000
        trains = {"exc": (steps[kept] - 2000, neurons[kept], 2000)}
        found[state] = figures(trains, result.n_steps - 2000, 0.1)
    a, b, c, d = found.values()
    assert a["exc Hz"] > 250.0
    assert a["exc CV"] < 0.05
    assert min(row["exc CV"] for row in (b, c, d)) > 0.3
    assert b["exc CV"] > 0.8
    assert 150.0 < b["peak Hz"] < 210.0
    assert 12.0 < d["peak Hz"] < 35.0
    assert d["exc Hz"] < 10.0 < 33.0 < c["exc Hz"] < 42.0 < b["exc Hz"]
    assert d["synchrony"] > 2.0 * c["synchrony"]
