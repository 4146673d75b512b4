"""Sines, waveforms, white and Ornstein-Uhlenbeck noise: mean, variance, spectrum, start and stop."""

from __future__ import annotations

import math

import numpy as np
import pytest
from input_traces import COUNTING, Inputs
from scipy import signal, stats

from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.errors import NetworkError
from distsnn.network import Network, Normal, Uniform
from distsnn.neurons import IntegrateFire, LifExp
from distsnn.simulation import simulate
from distsnn.stimuli import (
    Current,
    NoiseCurrent,
    OuCurrent,
    Poisson,
    SineCurrent,
    SpikeTrains,
    WaveformCurrent,
)

DT_MS = 0.5


def traced(what, size: int = 200, n_steps: int = 4000, seed: int = 3) -> np.ndarray:
    """Return the current of every neuron, float64 [steps, neurons]."""
    network = Network(dt_ms=DT_MS, seed=seed)
    cells = network.population("cells", size, LifExp())
    network.stimulate(cells, what)
    return Inputs(network).currents(cells, n_steps).astype(np.float64)


def test_sines_are_sines():
    rng = np.random.default_rng(1)
    amplitude, offset = rng.uniform(-50.0, 50.0, 30), rng.uniform(-9.0, 9.0, 30)
    hz, phase = rng.uniform(0.0, 900.0, 30), rng.uniform(-7.0, 7.0, 30)
    found = traced(SineCurrent(amplitude, hz, phase, offset, 3.0, 900.0), 30)
    t_s = DT_MS * 1e-3 * np.arange(4000)[:, np.newaxis]
    exact = offset + amplitude * np.sin(2 * np.pi * hz * t_s + phase)
    exact[:6] = exact[1800:] = 0.0
    assert np.abs(found - exact).max() < 1e-5
    assert not found[:6].any()
    assert not found[1800:].any()


def test_a_sine_of_drawn_phases_has_its_mean_and_variance():
    found = traced(SineCurrent(10.0, 7.0, phase=Uniform(0.0, 2 * math.pi), offset_pa=3.0), 4000, 1)
    assert found.mean() == pytest.approx(3.0, abs=5 * math.sqrt(50.0 / 4000))
    assert found.var() == pytest.approx(50.0, rel=0.1)


def test_waveforms_hold_each_sample():
    rng = np.random.default_rng(2)
    one, each = rng.normal(0.0, 9.0, 7), rng.normal(0.0, 9.0, (7, 11))
    for samples in (one, each):
        found = traced(WaveformCurrent(samples, every_ms=1.5, start_ms=2.0, stop_ms=11.0), 11, 60)
        exact = np.zeros((60, 11))
        exact[4:25] = np.repeat(samples.reshape(7, -1), 3, axis=0)
        exact[22:] = 0.0
        assert (found == exact.astype(np.float32)).all()


def autocovariance(found: np.ndarray, mean: float, lag: int) -> float:
    off = found - mean
    return float((off[: off.shape[0] - lag] * off[lag:]).mean())


def test_white_noise_is_white_and_normal():
    found = traced(NoiseCurrent(5.0, 20.0))
    n = found.size
    assert found.mean() == pytest.approx(5.0, abs=5 * 20.0 / math.sqrt(n))
    assert found.var() == pytest.approx(400.0, abs=5 * 400.0 * math.sqrt(2 / n))
    assert stats.kstest(found[::7, ::3].ravel(), stats.norm(5.0, 20.0).cdf).pvalue > 1e-4
    for lag in (1, 2, 10, 100):
        assert abs(autocovariance(found, 5.0, lag)) < 5 * 400.0 / math.sqrt(n)
    off = found - 5.0
    for a, b in ((off[:, ::2], off[:, 1::2]), (off[:, 1:-1:2], off[:, 2::2])):
        assert abs((a * b).mean()) < 5 * 400.0 / math.sqrt(a.size)
        assert abs((a**2 * b**2).mean() - 400.0**2) < 5 * 3 * 400.0**2 / math.sqrt(a.size)


def test_held_noise_has_a_triangular_autocovariance():
    """sd^2 (1 - |s| / h), averaged over the place of a step in its interval."""
    found = traced(NoiseCurrent(0.0, 20.0, every_ms=2.0, start_ms=1.0), 400)
    assert not found[:2].any()
    found = found[2:]
    intervals = found[: 4 * (found.shape[0] // 4)].reshape(-1, 4, 400)
    assert (intervals == intervals[:, :1]).all()
    for lag in range(7):
        expected = 400.0 * max(0.0, 1.0 - lag / 4)
        assert autocovariance(found, 0.0, lag) == pytest.approx(expected, abs=5.0)


def test_ou_noise_is_stationary_from_its_first_step():
    found = traced(OuCurrent(-4.0, 15.0, tau_ms=5.0, start_ms=1.0), 20_000, 30)
    assert not found[:2].any()
    for step in (2, 3, 12, 29):
        assert found[step].mean() == pytest.approx(-4.0, abs=5 * 15.0 / math.sqrt(20_000))
        assert found[step].var() == pytest.approx(225.0, rel=5 * math.sqrt(2 / 20_000))
        assert stats.kstest(found[step], stats.norm(-4.0, 15.0).cdf).pvalue > 1e-4
    for lag in (1, 5, 20):
        covariance = ((found[2] + 4.0) * (found[2 + lag] + 4.0)).mean()
        expected = 225.0 * math.exp(-lag * DT_MS / 5.0)
        assert covariance == pytest.approx(expected, abs=5 * 225.0 / math.sqrt(20_000))


@pytest.mark.parametrize("tau_ms", [0.3, 2.0, 40.0])
def test_autocovariance_of_ou_noise(tau_ms):
    found = traced(OuCurrent(0.0, 15.0, tau_ms), 300, 6000)
    for lag in (0, 1, 3, 10):
        expected = 225.0 * math.exp(-lag * DT_MS / tau_ms)
        correlated = found.shape[0] * DT_MS / (2 * tau_ms + DT_MS) * 300
        assert autocovariance(found, 0.0, lag) == pytest.approx(
            expected, abs=6 * 225.0 * math.sqrt(2 / correlated)
        )


def test_spectra():
    """Held white noise: 2 sd^2 h sinc^2(f h). AR(1): 2 sd^2 dt (1 - a^2) / |1 - a exp(-i w)|^2."""
    rate_hz = 1e3 / DT_MS
    options = {"fs": rate_hz, "nperseg": 512, "axis": 0, "detrend": False, "window": "hann"}
    hz, density = signal.welch(traced(OuCurrent(0.0, 15.0, 4.0), 300), **options)
    a = math.exp(-DT_MS / 4.0)
    w = 2 * np.pi * hz / rate_hz
    exact = 2 * 225.0 / rate_hz * (1 - a**2) / abs(1 - a * np.exp(-1j * w)) ** 2
    inside = slice(3, -3)
    assert density.mean(axis=1)[inside] == pytest.approx(exact[inside], rel=0.1)
    # Far below the rate of the steps it is that of the process in continuous time.
    low = exact[:6], 4 * 225.0 * 4e-3 / (1 + (2 * np.pi * hz[:6] * 4e-3) ** 2)
    assert low[0] == pytest.approx(low[1], rel=0.01)
    hz, density = signal.welch(traced(NoiseCurrent(0.0, 15.0), 300), **options)
    assert density.mean(axis=1)[inside] == pytest.approx(2 * 225.0 / rate_hz, rel=0.1)
    hz, density = signal.welch(traced(NoiseCurrent(0.0, 15.0, every_ms=2.0), 300), **options)
    exact = 2 * 225.0 * 2e-3 * np.sinc(hz * 2e-3) ** 2
    assert density.mean(axis=1)[3:60] == pytest.approx(exact[3:60], rel=0.1)


def test_parameters_by_neuron():
    sd, tau = np.linspace(0.0, 30.0, 40), np.linspace(1.0, 20.0, 40)
    found = traced(NoiseCurrent(np.arange(40.0), sd), 40)
    assert found.mean(axis=0) == pytest.approx(np.arange(40.0), abs=5 * 30.0 / math.sqrt(4000))
    assert found.std(axis=0) == pytest.approx(sd, rel=0.07)
    assert (found[:, 0] == 0.0).all()
    found = traced(OuCurrent(0.0, Normal(10.0, 1.0), tau), 40, 20_000)
    lagged = (found[:-2] * found[2:]).mean(axis=0) / found.var(axis=0)
    assert lagged == pytest.approx(np.exp(-2 * DT_MS / tau), abs=0.05)


@pytest.mark.parametrize(
    "make",
    [
        lambda **times: SineCurrent(0.0, 5.0, offset_pa=1.0, **times),
        lambda **times: WaveformCurrent(np.ones(100), 1.0, **times),
        lambda **times: NoiseCurrent(50.0, 1.0, **times),
        lambda **times: NoiseCurrent(50.0, 1.0, every_ms=1.5, **times),
        lambda **times: OuCurrent(50.0, 1.0, 5.0, **times),
        lambda **times: Current(3.0, **times),
        lambda **times: Current(steps=[(0.0, 3.0), (2.0, 4.0)], **times),
    ],
)
@pytest.mark.parametrize(("first", "end"), [(0, 40), (0, 1), (7, 12), (39, 40), (5, 5)])
def test_start_and_stop_are_exact(make, first, end):
    found = traced(make(start_ms=first * DT_MS, stop_ms=end * DT_MS), 30, 50)
    is_driven = np.isin(np.arange(50), np.arange(first, end))
    assert ((found != 0) == is_driven[:, np.newaxis]).all()


def noisy(size: int = 130) -> Network:
    network = Network(dt_ms=DT_MS, seed=6)
    cells = network.population("cells", size, LifExp())
    network.population("others", 70, LifExp())
    network.stimulate(cells, Current(Normal(400.0, 30.0)))
    network.stimulate(cells[1:99], NoiseCurrent(0.0, 60.0))
    network.stimulate(cells[::3], NoiseCurrent(0.0, 60.0, every_ms=1.0, start_ms=4.0))
    network.stimulate(cells[11:], OuCurrent(10.0, Uniform(50.0, 90.0), 8.0, stop_ms=70.0))
    network.stimulate(cells[20:60] + network.find("others"), SineCurrent(300.0, 40.0))
    network.stimulate(
        cells, WaveformCurrent(np.random.default_rng(1).normal(0, 90, (50, 130)), 2.0)
    )
    network.stimulate("others", OuCurrent(400.0, 50.0, 8.0))
    return network


def test_cores_change_nothing():
    options = {"duration_ms": 100.0, "comm": SerialComm()}
    reference = simulate(noisy(), **options)
    assert np.unique(reference.spikes_all.gid).size > 150
    for n in (13, 64):
        assert simulate(noisy(), neurons_per_core=n, **options).digest == reference.digest


@pytest.mark.mpi
@pytest.mark.parametrize("neurons_per_core", [13, 40])
def test_ranks_change_nothing(neurons_per_core):
    comm = start()
    options = {"duration_ms": 60.0, "neurons_per_core": neurons_per_core}
    alone = simulate(noisy(), comm=SerialComm(), **options)
    result = simulate(noisy(), comm=comm, **options)
    if comm.rank == 0:
        assert result.digest == alone.digest
    comm.barrier()


def test_a_model_gets_the_current_of_the_same_step():
    """v grows by I dt / C in each step: what a run adds up is the current, from its first step on."""
    network = Network(dt_ms=1.0, seed=2)
    model = IntegrateFire(c_m_pf=1.0, v_threshold_mv=1e30)
    cells = network.population("cells", 20, model)
    network.stimulate(cells[5:], OuCurrent(3.0, 2.0, 5.0, start_ms=3.0, stop_ms=30.0))
    network.stimulate(cells, WaveformCurrent(np.arange(40.0), 1.0))
    network.record(cells, "v")
    traced_pa = Inputs(network).currents(cells, 40)
    v = simulate(network, duration_ms=40.0, comm=SerialComm()).traces["cells", "v"][1]
    assert v == pytest.approx(np.cumsum(traced_pa, axis=0), rel=1e-4, abs=1e-3)


def test_steps_may_be_run_in_pieces_and_state_restored():
    whole, pieces = (Inputs(noisy()) for _ in range(2))
    cells = noisy().find("cells")
    expected = whole.currents(cells, 60)
    assert (pieces.currents(cells, 17) == expected[:17]).all()
    saved = {name: x.copy() for name, x in pieces.state.inputs.states().items()}
    assert (pieces.currents(cells, 43, first=17) == expected[17:]).all()
    for name, x in pieces.state.inputs.states().items():
        np.copyto(x, saved[name])
    pieces.state.inputs.forget()
    assert (pieces.currents(cells, 43, first=17) == expected[17:]).all()
    assert (pieces.currents(cells, 60) == expected).all()  # a run begins anew


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SineCurrent("a", 1.0), "amplitude_pa: must be a number that float32 holds"),
        (lambda: SineCurrent(1.0, -1.0), "frequency_hz: must be a number from 0 to"),
        (lambda: SineCurrent(1.0, [1.0, 2.0]), "frequency_hz: must be an array of 3"),
        (lambda: WaveformCurrent([], 1.0), "samples_pa: must be at least one number, got 0"),
        (lambda: WaveformCurrent([1.0, math.nan], 1.0), "samples_pa[1]: must be numbers"),
        (lambda: WaveformCurrent([1.0], 0.3), "every_ms: must be a whole number of steps"),
        (lambda: WaveformCurrent(np.ones((4, 2)), 1.0), "must be of 3 columns"),
        (lambda: NoiseCurrent(0.0, -1.0), "sd_pa: must be a number"),
        (lambda: NoiseCurrent(0.0, 1.0, every_ms=0.0), "every_ms: must be a number above 0"),
        (lambda: NoiseCurrent(0.0, 1.0, every_ms=0.7), "every_ms: must be a whole number of"),
        (lambda: OuCurrent(0.0, 1.0, 0.0), "tau_ms: must be a number above 0"),
        (lambda: OuCurrent(0.0, 1.0, [1.0, 0.0, 2.0]), "tau_ms[1]: must be a number above 0"),
        (lambda: OuCurrent(0.0, 1.0, 5.0, stop_ms=0.3), "stop_ms: must be a whole number of"),
        (lambda: NoiseCurrent(0.0, 1e38), "at most 3.40282e+38 with the population's other"),
        (lambda: SpikeTrains([1.0], [0, 1], 1.0), "times_ms: must be of 2 entries"),
        (lambda: SpikeTrains([1.0], [3], 1.0), "neurons: must be below 3"),
        (lambda: SpikeTrains([0.7], [0], 1.0), "times_ms[0]: must be a whole number of steps"),
    ],
)
def test_errors(make, message):
    network = Network(dt_ms=DT_MS)
    cells = network.population("cells", 5, LifExp())
    with pytest.raises(NetworkError) as raised:
        network.stimulate(cells[1:4], make())
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)
    with pytest.raises(NetworkError, match="receptor: must be None for a NoiseCurrent"):
        network.stimulate(cells, NoiseCurrent(0.0, 1.0), receptor=0)


def test_whole_models_take_waveforms_of_whole_numbers_only():
    network = Network(dt_ms=DT_MS)
    cells = network.population("cells", 3, COUNTING)
    network.stimulate(cells, WaveformCurrent([1.0, 5.0], 1.0))
    for what in (NoiseCurrent(0.0, 1.0), OuCurrent(0.0, 1.0, 1.0), SineCurrent(1.0, 1.0)):
        with pytest.raises(NetworkError, match="current: must be whole numbers, which a"):
            network.stimulate(cells, what)
    with pytest.raises(NetworkError, match=r"must be a whole number, got 0\.5"):
        network.stimulate(cells, WaveformCurrent([1.0, 0.5], 1.0))
    network.stimulate(cells, Poisson([1.0, 2.0, 3.0], weight=2.0))
