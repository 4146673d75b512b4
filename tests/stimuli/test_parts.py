"""Inputs onto parts of populations, with rates and currents that differ between neurons."""

from __future__ import annotations

from math import fsum

import numpy as np
import pytest
from input_traces import COUNTING, Inputs, counts
from scipy import stats
from test_poisson import counts_of

from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.core.inputs.inputs import NeuronInputs
from distsnn.errors import NetworkError
from distsnn.network import Network, Normal, Uniform
from distsnn.neurons import LifDelta, LifExp
from distsnn.simulation import simulate
from distsnn.stimuli import (
    CorrelatedPoisson,
    Current,
    NoiseCurrent,
    OuCurrent,
    Poisson,
    Samples,
)

P_LIMIT = 1e-6


def counting(size: int = 200, dt_ms: float = 0.5, seed: int = 3):
    network = Network(dt_ms=dt_ms, seed=seed)
    return network, network.population("cells", size, COUNTING)


@pytest.mark.parametrize("rate_hz", [20.0, 3e3, 6.3e4, 6.5e4, 1e6])
def test_equal_rates_of_all_neurons_are_the_spikes_of_one_rate(rate_hz):
    """A number, an array, a list of times and samples take different ways to the same spikes."""
    found = []
    for rate in (rate_hz, np.full(200, rate_hz), [(0.0, rate_hz)], Samples([rate_hz] * 50)):
        network, cells = counting()
        network.stimulate(cells, Poisson(rate, weight=1.0))
        found.append(counts(network, cells, 60))
    assert found[0].sum() > 0
    assert all((other == found[0]).all() for other in found)


@pytest.mark.parametrize("start", [0, 1, 57])
def test_a_view_gets_what_a_population_of_its_neurons_gets(start):
    found = []
    for is_view in (True, False):
        network = Network(dt_ms=0.5, seed=3)
        if is_view:
            cells = network.population("cells", 200, COUNTING)
            network.stimulate(cells[start : start + 90], Poisson(3e3, weight=1.0))
            whole = counts(network, cells, 50)
            assert not np.delete(whole, np.s_[start : start + 90], axis=1).any()
            found.append(whole[:, start : start + 90])
        else:
            cells = network.population("cells", 90, COUNTING)
            network.stimulate(cells, Poisson(3e3, weight=1.0))
            found.append(counts(network, cells, 50))
    assert (found[0] == found[1]).all()
    assert found[0].any(axis=0).all()


def test_positions_of_a_view_count_whatever_lies_between():
    found = []
    for key in (slice(0, 60), slice(2, 200, 3), [*range(30), *range(100, 130)]):
        network, cells = counting()
        view = cells[key][:60]
        network.stimulate(view, Poisson(Uniform(100.0, 5e3), weight=1.0))
        found.append(counts(network, cells, 40)[:, view.index])
    assert (found[0] == found[1]).all()
    assert (found[0] == found[2]).all()


def test_rates_by_neuron_are_poisson_of_these_rates():
    """Chi-square of the counts of each neuron, and of their sum of squares, over 8,000 steps."""
    rates_hz = np.geomspace(2.0, 2.5e5, 120)
    rates_hz[7] = 0.0
    network, cells = counting(120, seed=11)
    network.stimulate(cells, Poisson(rates_hz, weight=1.0))
    found = counts(network, cells, 8000)
    assert not found[:, 7].any()
    means = np.delete(rates_hz, 7) * 0.5e-3
    found = np.delete(found, 7, axis=1)
    for k, mean in enumerate(means):
        total = found[:, k].sum()
        p = min(stats.poisson.cdf(total, mean * 8000), stats.poisson.sf(total - 1, mean * 8000))
        assert p > P_LIMIT, (k, mean)
    # Dispersion: (n - 1) variance / mean is chi-square with n - 1 degrees for large counts.
    dispersion = ((found - found.mean(axis=0)) ** 2).sum(axis=0) / found.mean(axis=0)
    many = means > 0.1
    p = stats.chi2.sf(dispersion[many], 7999)
    assert p.min() > P_LIMIT
    assert p.max() < 1 - P_LIMIT
    correlations = np.corrcoef(found[:, many].T)[~np.eye(many.sum(), dtype=bool)]
    assert abs(correlations).max() < 6 / np.sqrt(8000)


def test_drawn_rates_have_their_distribution():
    network, cells = counting(400, seed=5)
    network.stimulate(cells, Poisson(Uniform(1e3, 3e3), weight=1.0))
    found = counts(network, cells, 4000).mean(axis=0) / 0.5e-3
    spread = np.sqrt(2e3 / (4000 * 0.5e-3))
    assert stats.kstest(found, stats.uniform(1e3, 2e3).cdf).pvalue > 1e-4
    assert found.min() > 1e3 - 5 * spread
    assert found.max() < 3e3 + 5 * spread


@pytest.mark.parametrize(
    ("rate", "by_step"),
    [
        ([(1.0, 4e4), (2.0, 0.0), (3.5, 8e4)], [0, 0, 20, 20, 0, 0, 0] + [40] * 13),
        (Samples([2e4, 0.0, 6e4], every_ms=1.5), [10] * 3 + [0] * 3 + [30] * 3 + [0] * 11),
    ],
)
def test_rates_over_time_hold_from_their_steps_on(rate, by_step):
    network, cells = counting(400)
    network.stimulate(cells, Poisson(rate, weight=1.0))
    found = counts(network, cells, 20).sum(axis=1)
    mean = np.array(by_step) * 400.0
    assert ((found == 0) == (mean == 0)).all()
    assert (abs(found - mean) <= 5 * np.sqrt(mean)).all()


def test_samples_by_neuron():
    rng = np.random.default_rng(1)
    hz = rng.choice([0.0, 2e4, 1e5], (12, 61))
    network, cells = counting(100)
    network.stimulate(cells[3:64], Poisson(Samples(hz, 1.0), 1.0, start_ms=2.0, stop_ms=13.0))
    found = counts(network, cells, 40)[:, 3:64]
    mean = np.zeros((40, 61))
    mean[4:26] = np.repeat(hz, 2, axis=0)[:22] * 0.5e-3
    assert not found[mean == 0].any()
    many = mean > 0
    z = (found[many] - mean[many]) / np.sqrt(mean[many])
    assert abs(z).max() < 6
    assert z.std() == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("rate", [3e3, [3e3] * 60, [(0.0, 3e3)], Samples([3e3] * 40, 0.5)])
def test_start_and_stop_are_exact_for_views(rate):
    network, cells = counting()
    every = network.stimulate(cells[20:80], Poisson(rate, 1.0, start_ms=2.0, stop_ms=7.5))
    assert every.n_neurons == 60
    is_driven = counts(network, cells, 40)[:, 20:80].any(axis=1)
    assert (np.flatnonzero(is_driven) == np.arange(4, 15)).all()


def test_many_stimuli_of_one_population_add_up():
    """Overlapping ones, of weights and receptors of their own."""
    network, cells = counting(100)
    mean, variance = np.zeros(100), np.zeros(100)
    for k in range(40):
        network.stimulate(cells[k : k + 30], Poisson(1e4, weight=float(k + 1)))
        mean[k : k + 30] += 5.0 * (k + 1)
        variance[k : k + 30] += 5.0 * (k + 1) ** 2
    found = counts(network, cells, 400)
    assert (abs(found.mean(axis=0) - mean) <= 5 * np.sqrt(variance / 400)).all()
    driven = variance > 0
    assert found.var(axis=0)[driven] == pytest.approx(variance[driven], rel=0.4)


def stimulated() -> Network:
    """Inputs of every kind onto parts of populations, in neurons whose spikes they cause."""
    network = Network(dt_ms=0.1, seed=8)
    e = network.population("e", 211, LifExp())
    i = network.population("i", 64, LifDelta())
    rng = np.random.default_rng(2)
    network.stimulate(e, Poisson(8e3, weight=50.0))
    network.stimulate(e[:100], Poisson(rng.uniform(0.0, 9e3, 100), weight=50.0))
    network.stimulate(e[7::3] + i[:20], Poisson(Uniform(0.0, 3e4), weight=2.0))
    network.stimulate(e[50:180], Poisson(Samples(rng.uniform(0, 9e3, (9, 130)), 0.7), -30.0))
    network.stimulate(i, Poisson([(0.0, 4e3), (3.0, 3e4), (8.0, 0.0)], weight=4.0))
    network.stimulate(e[::2], Current(Normal(300.0, 50.0), start_ms=1.0))
    network.stimulate(e[20:120], Current(rng.uniform(0.0, 200.0, 100)))
    network.stimulate(e, Current(steps=[(2.0, 100.0), (6.0, -50.0)]))
    return network


def test_cores_change_nothing():
    options = {"duration_ms": 15.0, "comm": SerialComm()}
    reference = simulate(stimulated(), **options)
    assert np.unique(reference.spikes_all.gid).size > 140
    for n in (16, 33, 100):
        other = simulate(stimulated(), neurons_per_core=n, placement="random", **options)
        assert other.digest == reference.digest


@pytest.mark.mpi
@pytest.mark.parametrize("neurons_per_core", [11, 40])
def test_ranks_change_nothing(neurons_per_core):
    comm = start()
    options = {"duration_ms": 15.0, "neurons_per_core": neurons_per_core}
    alone = simulate(stimulated(), comm=SerialComm(), **options)
    result = simulate(stimulated(), comm=comm, **options)
    if comm.rank == 0:
        assert result.digest == alone.digest
    comm.barrier()


def test_currents_of_parts_are_the_exact_total_rounded_once():
    rng = np.random.default_rng(4)
    network = Network(dt_ms=1.0)
    cells = network.population("cells", 50, LifExp())
    expected = np.zeros((30, 50, 8), dtype=np.float64)
    for k in range(6):
        chosen = np.sort(rng.choice(50, 30, replace=False))
        pa = rng.normal(0.0, 10.0 ** rng.integers(-2, 8, 30))
        if k % 2:
            network.stimulate(cells[chosen], Current(pa, start_ms=k, stop_ms=20.0 + k))
            expected[k : 20 + k, chosen, k] = pa
        else:
            steps = [(3.0 * k, 1e9), (3.0 * k + 2.0, pa[0])]
            network.stimulate(cells[chosen], Current(steps=steps, stop_ms=25.0))
            expected[3 * k : 3 * k + 2, chosen, k] = 1e9
            expected[3 * k + 2 : 25, chosen, k] = pa[0]
    for k, pa in ((6, 1e17), (7, -1e17)):
        network.stimulate(cells[:40], Current(pa))
        expected[:, :40, k] = pa
    found = Inputs(network).currents(cells, 30)
    exact = np.array([[np.float32(fsum(neuron)) for neuron in step] for step in expected])
    assert (found == exact).all()


def test_drawn_currents_have_their_distribution():
    network = Network()
    cells = network.population("cells", 3000, LifExp())
    network.stimulate(cells, Current(Normal(100.0, 10.0)))
    found = Inputs(network).currents(cells, 1)[0]
    assert stats.kstest(found, stats.norm(100.0, 10.0).cdf).pvalue > 1e-4


def test_rates_and_currents_are_changed_in_place():
    """What is set is drawn with the same words as if it had been given, from the next step on."""

    def rank(rate, pa):
        network = Network(dt_ms=0.5, seed=3)
        cells = network.population("cells", 40, LifExp())
        network.stimulate(cells[:30], Poisson(rate, weight=1.0))
        network.stimulate(cells[5:], Current(pa))
        network.stimulate(cells, Current(1.0))
        return Inputs(network), cells

    def step(inputs, t):
        inputs.state.inputs.begin(t)
        for drive in inputs.state.inputs.drives:
            drive(t)
        arrived = inputs.state.inputs.arrived.copy()
        inputs.state.inputs.arrived.fill(0.0)
        return arrived, inputs.state.current.copy()

    changed_hz, changed_pa = np.full(30, 4e3), np.full(35, 200.0)
    changed_hz[10:20], changed_pa[:5] = 9e4, -7.0
    given, _ = rank(changed_hz, changed_pa)
    other, _ = rank(4e3, 200.0)
    before = step(other, 0)
    other.state.inputs.set_rate(0, np.arange(10, 20), np.full(10, 9e4))
    other.state.inputs.set_current(1, np.arange(5, 10), np.full(5, -7.0))
    wanted = [step(given, t) for t in range(6)]
    assert not (before[0] == wanted[0][0]).all()
    for t in range(1, 6):
        for a, b in zip(step(other, t), wanted[t], strict=True):
            assert (a == b).all()
    other.state.inputs.rekey(99)
    assert not (step(other, 3)[0] == wanted[3][0]).all()
    other.state.inputs.rekey(3)
    assert (step(other, 3)[0] == wanted[3][0]).all()


def test_the_work_of_a_step_does_not_depend_on_the_number_of_stimuli():
    """As many kernels and chunks for a hundred stimuli as for one; nothing is derived in between."""

    def work(n_parts):
        network = Network(dt_ms=0.5, seed=3)
        cells = network.population("cells", 4000, LifExp())
        size = cells.size // n_parts
        for k in range(n_parts):
            part = cells[k * size : (k + 1) * size]
            network.stimulate(part, Poisson(np.full(size, 10.0 + k), weight=1.0))
            network.stimulate(part, NoiseCurrent(0.0, 1.0 + k))
        inputs = Inputs(network).state.inputs
        for drive in inputs.drives:
            drive(5)
        entries = [inputs._rates.entries, *(kind.entries for kind in inputs._moving.kinds)]
        assert all(e.limits[0] <= 0 and e.limits[1] > 10**9 for e in entries)
        return len(inputs.drives), [(e.n_entries, e.n_chunks) for e in entries]

    assert work(1) == work(100)
    assert work(1) == (3, [(4000, 8), (4000, 8)])


def test_another_noise_seed_is_the_noise_of_a_network_with_it():
    """Of all ways to draw; parameters that are drawn stay those of the network's seed."""

    def state(seed, noise_seed=None):
        network = Network(dt_ms=0.5, seed=seed)
        cells = network.population("cells", 60, LifExp())
        network.stimulate(cells, Poisson(4e3, weight=1.0))
        network.stimulate(cells[::2], Poisson(4e3, weight=1.0))
        network.stimulate(cells[5:], CorrelatedPoisson(4e3, 0.3, weight=1.0))
        network.stimulate(cells, NoiseCurrent(0.0, 5.0))
        network.stimulate(cells, OuCurrent(0.0, 5.0, tau_ms=3.0))
        found = Inputs(network).state
        if noise_seed is not None:
            found.inputs.rekey(noise_seed)
        for t in range(4):
            found.inputs.begin(t)
            for call in (*found.inputs.drives, *found.advance):
                call(t)
        return found.rows.copy(), found.current.copy()

    given, rekeyed, other = state(99), state(3, 99), state(3)
    for a, b, c in zip(given, rekeyed, other, strict=True):
        assert (a == b).all()
        assert not (a == c).all()


def test_adjustable_inputs_are_the_same_spikes():
    """A plain rate may be changed for a part of the neurons; until then nothing differs."""
    network = Network(dt_ms=0.5, seed=1)
    cells = network.population("cells", 50, LifExp())
    network.stimulate(cells, Poisson(4e3, weight=1.0))
    slices = Inputs(network).state.slices

    def arrived(inputs, t):
        for drive in inputs.drives:
            drive(t)
        flat = slices.flat_of(0, 0, 50)
        found = inputs.arrived[0, flat].copy()
        inputs.arrived.fill(0.0)
        return found

    plain = NeuronInputs(network, slices)
    assert not plain.drives
    inputs = NeuronInputs(network, slices, adjustable=True)
    counted = counts_of(2.0, 50, 7)
    assert (arrived(inputs, 7) == counted).all()
    inputs.set_rate(0, np.arange(10, 20), np.zeros(10))
    counted[10:20] = 0.0
    assert (arrived(inputs, 7) == counted).all()
    assert counted.any()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Poisson([1.0, -1.0, 2.0], 1.0), "rate_hz[1]: must be numbers of at least 0"),
        (lambda: Poisson(Normal(1.0, 1.0), 1.0), "rate_hz: must be a number of at least 0, got -"),
        (lambda: Poisson([1.0, 2.0], 1.0), "rate_hz: must be an array of 3, one for each neuron"),
        (lambda: Poisson(Samples([[1.0, 2.0]]), 1.0), "rate_hz: values: must be of 3 columns"),
        (lambda: Poisson(Samples([-1.0]), 1.0), "values: must be a number of at least 0, got -1"),
        (lambda: Poisson(Samples([1.0], 0.25), 1.0), "every_ms: must be a whole number of steps"),
        (lambda: Poisson(Samples([]), 1.0), "Samples: values: must be at least one number, got 0"),
        (lambda: Poisson([(0.0, 1.0), (0.25, 1.0)], 1.0), "rate_hz[1] time_ms: must be a whole"),
        (lambda: Poisson([(2.0, 1.0), (1.0, 1.0)], 1.0), "rate_hz[1] time_ms: must be a number"),
        (lambda: Poisson([(0.0, -1.0)], 1.0), "rate_hz[0]: must be a number of at least 0"),
        (lambda: Poisson([(0.0, 1.0, 2.0)], 1.0), "rate_hz: must be pairs of time in ms and rate"),
        (lambda: Poisson([1.0, 2.0, 1e9], 1.0), "from 0 to 10000, got"),
        (lambda: Current([1.0, 2.0]), "pa: must be an array of 3, one for each neuron"),
        (lambda: Current([1.0, 2.0, 1e39]), "pa[2]: must be numbers"),
        (lambda: Current([1.0, 2.0, 1e-40]), "pa[2]: must be 0 or a size of at least"),
        (lambda: Current(1.0, start_ms=2.0, stop_ms=1.0), "stop_ms: must be a number of at least"),
        (lambda: Current(1.0, start_ms=0.25), "start_ms: must be a whole number of steps"),
    ],
)
def test_errors(make, message):
    network = Network(dt_ms=0.5)
    cells = network.population("cells", 5, LifExp())
    with pytest.raises(NetworkError) as raised:
        network.stimulate(cells[1:4], make())
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)
    assert not network.stimuli


def test_functions_of_time_are_not_changed_in_place():
    network, cells = counting(4)
    network.stimulate(cells, Poisson([(0.0, 5.0)], 1.0))
    inputs = Inputs(network).state.inputs
    with pytest.raises(NetworkError, match="rate_hz: must be constant in time, if it is to be cha"):
        inputs.set_rate(0, np.arange(4), np.ones(4))
    with pytest.raises(NetworkError, match="pa: must be constant in time"):
        inputs.set_current(0, np.arange(4), np.ones(4))


@pytest.mark.parametrize(
    ("pa", "message"),
    [
        ([1.0, 2.5, 3.0], "current: must be a whole number, got 2.5. The nearest is 3."),
        (Uniform(0.0, 9.0), "current: must be whole numbers, got Uniform"),
        ([1.0, 2.0, 3e7], "current: must be a size of at most"),
    ],
)
def test_whole_models_take_whole_currents(pa, message):
    network, cells = counting(3)
    with pytest.raises(NetworkError) as raised:
        network.stimulate(cells, Current(pa))
    assert message in str(raised.value)


def test_limits_hold_for_each_neuron():
    """Currents of different neurons do not add up."""
    network, cells = counting(4)
    network.stimulate(cells[:2], Current(1e7))
    network.stimulate(cells[2:], Current(1e7))
    with pytest.raises(NetworkError, match=r"at most 1.67772e\+07 with the population's other"):
        network.stimulate(cells[1:3], Current(1e7))
