"""Rate, irregularity and synchrony of trains against plain numpy and Elephant."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from distsnn.running.statistics import train_statistics

ELEPHANT = json.loads((Path(__file__).parent / "reference" / "elephant.json").read_text())


@pytest.mark.parametrize("dt_ms", [0.1, 0.5, 1.0])
def test_synchrony_is_of_bins_of_3_ms(dt_ms):
    """A burst every 12 ms: other bins would give other ratios of variance to mean."""
    n_neurons, n_steps = 50, round(600 / dt_ms)
    rng = np.random.default_rng(4)
    bursts = np.arange(1, n_steps, round(12 / dt_ms))
    step = np.sort(np.concatenate([np.repeat(bursts, 20), rng.integers(0, n_steps, 900)]))
    neuron = rng.integers(0, n_neurons, step.size)
    found = train_statistics(step, neuron, n_neurons, n_steps, dt_ms)
    counts = np.histogram((step + 0.5) * dt_ms, np.arange(0.0, 600.1, 3.0))[0]
    assert found.synchrony == pytest.approx(counts.var() / counts.mean(), rel=1e-12)
    other = np.histogram((step + 0.5) * dt_ms, np.arange(0.0, 600.1, 4.0))[0]
    assert abs(other.var() / other.mean() - found.synchrony) > 0.2
    assert found.rate_hz == pytest.approx(step.size / n_neurons / 0.6)


def test_irregularity():
    """Two neurons by hand: intervals 2, 2, 2 and 1, 3, 2; a third has too few spikes."""
    step = np.array([0, 2, 4, 6, 0, 1, 4, 6, 3, 5])
    neuron = np.array([0, 0, 0, 0, 1, 1, 1, 1, 2, 2])
    order = np.argsort(step, kind="stable")
    found = train_statistics(step[order], neuron[order], 4, 100, 1.0)
    assert found.cv_isi == pytest.approx((0.0 + np.std([1, 3, 2]) / 2.0) / 2)
    assert found.synchrony is not None


def test_without_spikes():
    nothing = np.zeros(0, dtype=np.int64)
    found = train_statistics(nothing, nothing, 5, 100, 1.0)
    assert (found.n_spikes, found.rate_hz, found.cv_isi, found.synchrony) == (0, 0.0, None, None)


@pytest.mark.parametrize("case", ELEPHANT["cases"], ids=lambda case: f"dt {case['dt_ms']}")
def test_statistics_equal_those_of_elephant(case):
    found = train_statistics(
        np.array(case["step"]), np.array(case["neuron"]), case["n_neurons"], case["n_steps"],
        case["dt_ms"],
    )  # fmt: skip
    for name in ("rate_hz", "cv_isi", "synchrony"):
        assert getattr(found, name) == pytest.approx(case[name], rel=1e-12)
