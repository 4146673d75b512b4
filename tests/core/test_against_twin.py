"""The whole engine against a plain simulation, spike for spike."""

from __future__ import annotations

import numpy as np
import pytest
from twin import run

from distsnn.network import FixedInDegree, Network, Normal, OneToOne
from distsnn.neurons import LifDelta, LifExp
from distsnn.simulation import simulate
from distsnn.stimuli import Current, SpikeSource


def random_network(seed: int) -> tuple[Network, dict[str, float]]:
    """Three populations of two models, mixed delays, a played spike source, constant currents."""
    rng = np.random.default_rng(seed)
    network = Network(dt_ms=float(rng.choice([0.1, 0.5, 1.0])), seed=seed)
    dt = network.dt_ms
    sizes = rng.integers(3, 60, 3)
    a = network.population("a", int(sizes[0]), LifExp(t_ref_ms=2 * dt))
    b = network.population("b", int(sizes[1]), LifDelta(v_reset_mv=0.0, t_ref_ms=dt))
    times = np.sort(rng.uniform(0, 150 * dt, 60))
    source = network.population(
        "s", int(sizes[2]), SpikeSource(times, rng.integers(0, sizes[2], 60), measured=True)
    )
    longest = float(rng.integers(2, 90)) * dt
    spread = Normal(longest / 2, longest / 4, low=dt, high=longest)
    network.connect(a, b, FixedInDegree(9), weight=Normal(2.0, 0.3), delay_ms=spread)
    network.connect(b, a, FixedInDegree(7), weight=-40.0, delay_ms=dt)
    network.connect(a, a, FixedInDegree(5), weight=120.0, delay_ms=spread)
    network.connect(source, a, FixedInDegree(3), weight=Normal(300.0, 40.0), delay_ms=2 * dt)
    network.connect(source, b, FixedInDegree(4), weight=5.0, delay_ms=spread)
    if sizes[0] == sizes[1]:
        network.connect(a, b, OneToOne(), weight=3.0, delay_ms=dt)
    currents = {"a": 400.0, "b": 260.0}
    for name, pa in currents.items():
        network.stimulate(network.find(name), Current(pa=pa))
    return network, currents


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("neurons_per_core", [1024, 16])
def test_spikes_equal_plain_simulation(seed, neurons_per_core):
    network, currents = random_network(seed)
    n_steps = 200
    expected = run(network, n_steps, currents)
    result = simulate(
        network, duration_ms=n_steps * network.dt_ms, neurons_per_core=neurons_per_core
    )
    got = sorted(zip(result.spikes_all.step.tolist(), result.spikes_all.gid.tolist(), strict=True))
    assert len(got) > 100, "the network must be active for the test to mean anything"
    assert got == expected
