"""What the statistical tests share: chi-square with merged cells, two populations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy import stats

from distsnn.kernels import device
from distsnn.kernels.neuron.driver import driver
from distsnn.network import Network, Projection
from distsnn.network.draw import draw_sources
from distsnn.neurons.model import NeuronModel, NoConstants

# A right implementation fails one in a million fixed-seed tests; a wrong one gives p = 0.
P_LIMIT = 1e-6


@dataclass(frozen=True)
class FakeModel(NeuronModel):
    """The least that the network room needs of a neuron model; it is never run."""

    tau_m_ms: float = 10.0

    receptors: ClassVar[tuple[str, ...]] = ("excitatory", "inhibitory")
    states: ClassVar[dict[str, str]] = {"v": "f4", "refractory": "i4"}
    units: ClassVar[dict[str, str]] = {"v": "mV", "refractory": "steps"}
    weight_unit: ClassVar[str] = "pA"

    def constants(self, dt_ms: float) -> NoConstants:
        """None."""
        return NoConstants()


@device
def step(c, v, refractory, in_e, in_i, current, spiked):
    """Do nothing."""


advance = driver(step, NoConstants, FakeModel.states, FakeModel.receptors)


def chi_square(observed: np.ndarray, expected: np.ndarray, least: float = 10.0) -> float:
    """Return the p-value of counts; cells in a row are merged until they expect ``least``."""
    observed, expected = np.ravel(observed).astype(float), np.ravel(expected).astype(float)
    assert np.isclose(observed.sum(), expected.sum(), rtol=1e-6)
    cells, want, got = [], 0.0, 0.0
    for e, o in zip(expected, observed, strict=True):
        want, got = want + e, got + o
        if want >= least:
            cells.append((want, got))
            want = got = 0.0
    cells[-1] = (cells[-1][0] + want, cells[-1][1] + got)
    wanted, found = np.array(cells).T
    assert len(cells) > 1, "one cell tests nothing"
    return float(stats.chi2.sf(((found - wanted) ** 2 / wanted).sum(), len(cells) - 1))


def chi_square_of(samples: np.ndarray, distribution: Any) -> float:
    """Return the p-value of integer samples under a discrete distribution of scipy."""
    low, high = int(distribution.ppf(1e-9)), int(distribution.isf(1e-9)) + 1
    observed = np.bincount(np.clip(samples, low, high) - low, minlength=high - low + 1)
    probability = distribution.pmf(np.arange(low, high + 1))
    probability[0] = distribution.cdf(low)
    probability[-1] = distribution.sf(high - 1)
    return chi_square(observed, probability * len(samples))


def projection_of(
    rule: Any,
    n_source: int,
    n_target: int | None = None,
    *,
    weight: Any = 1.0,
    delay_ms: Any = 1.0,
    patches: tuple[int, int] = (1, 1),
    dt_ms: float = 0.1,
) -> Projection:
    """Return a projection between two populations; onto itself where ``n_target`` is None."""
    network = Network(dt_ms=dt_ms)
    source = network.population("source", n_source, FakeModel(), patches=patches[0])
    target = source
    if n_target is not None:
        target = network.population("target", n_target, FakeModel(), patches=patches[1])
    return network.connect(source, target, rule, weight=weight, delay_ms=delay_ms)


def drawn(projection: Projection, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return the source and the target (int64) of every synapse."""
    counts, sources = draw_sources(projection, 0, projection.target.size, seed)
    assert counts.dtype == np.int32
    assert sources.dtype == np.uint32
    return sources.astype(np.int64), np.repeat(np.arange(counts.size), counts)


def matrix(projection: Projection, seed: int = 1) -> np.ndarray:
    """Return the number of synapses of every pair, int64 [targets, sources]."""
    sources, targets = drawn(projection, seed)
    shape = (projection.target.size, projection.source.size)
    return np.bincount(targets * shape[1] + sources, minlength=shape[0] * shape[1]).reshape(shape)
