"""Times of every kind against a twin that knows them as fractions: the very steps, or refused.

What is seen is the change of v in each step, of neurons without leak that get 1 mV for 1 unit.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from distsnn.errors import NetworkError, UsageError
from distsnn.network import AllToAll, ExplicitList, Network, OneToOne, Uniform
from distsnn.network.draw import draw_delays
from distsnn.neurons import IntegrateFire, LifDelta
from distsnn.plasticity import RewardStdp
from distsnn.simulation import simulate
from distsnn.stimuli import Current, Poisson, SpikeSource

N_STEPS = 60
DTS = ("0.1", "0.25", "1", "0.3", "0.05", "0.7")
KINDS = ("current", "start", "stop", "spike", "delay", "listed delay", "t_ref", "reward",
         "modulation", "sample")  # fmt: skip


def steps_of(rng: np.random.Generator) -> dict[str, Fraction]:
    """Return random times in steps, all within the run."""
    found = {kind: Fraction(int(rng.integers(1, 20))) for kind in KINDS}
    found["stop"] = found["start"] + int(rng.integers(1, 20))
    found["reward"] += 20
    return found


def driven(ms: dict[str, float], dt_ms: float) -> Network:
    """Return a network with each kind of time, and something to see each by."""
    network = Network(dt_ms=dt_ms, seed=5)
    plain = IntegrateFire(c_m_pf=dt_ms, v_threshold_mv=1e9)  # 1 pA: 1 mV in a step
    for name, stimulus in (
        ("current", Current(steps=[(0.0, 3.0), (ms["current"], 5.0)])),
        ("window", Poisson(2e4 / dt_ms, 1.0, start_ms=ms["start"], stop_ms=ms["stop"])),
    ):
        cells = network.population(name, 4, plain)
        network.stimulate(cells, stimulus)
        network.record(cells, "v")
    source = network.population("source", 1, SpikeSource([ms["spike"]], [0]))
    for name, rule, delay in (
        ("constant", AllToAll(), ms["delay"]),
        ("listed", ExplicitList([0], [0], None, [ms["listed delay"]]), None),
    ):
        cells = network.population(name, 1, plain)
        network.connect(source, cells, rule, weight=1.0, delay_ms=delay)
        network.record(cells, "v")
    spiking = LifDelta(t_ref_ms=ms["t_ref"], v_reset_mv=0.0)
    network.stimulate(network.population("spiking", 1, spiking), Current(1e9))
    learn(network, ms)
    return network


def learn(network: Network, ms: dict[str, float]) -> None:
    """Add two synapses that get a reward each, at a time and by a spike."""
    dt_ms = network.dt_ms
    pair = network.population("pair", 1, SpikeSource([dt_ms], [0]))
    signal = network.population("signal", 1, SpikeSource([20 * dt_ms], [0]))
    for name, rewards in (("given", ((ms["reward"], 1.0),)), ("signalled", ())):
        cells = network.population(name, 1, LifDelta(v_reset_mv=0.0, t_ref_ms=0.0))
        network.connect(pair, cells, OneToOne(), weight=50.0, delay_ms=2 * dt_ms)
        rule = RewardStdp(w_max=1.0, a_plus=0.1, rewards=rewards)
        learned = network.connect(pair, cells, OneToOne(), weight=0.5, plasticity=rule)
        network.record_weights(learned, every_ms=dt_ms)
    network.modulate(learned, signal, amount=1.0, delay_ms=ms["modulation"])


def changes_of(result, name: str) -> np.ndarray:
    return np.diff(result.traces[name, "v"][1].mean(axis=1, dtype=np.float64), prepend=0.0)


@pytest.mark.parametrize("number", range(24))
def test_given_times_are_the_steps_they_say(number):
    rng = np.random.default_rng([number, 6])
    dt, steps = Fraction(DTS[number % len(DTS)]), steps_of(rng)
    dt_ms = float(dt)
    ms = {kind: float(n * dt) for kind, n in steps.items()}
    network = driven(ms, dt_ms)
    result = simulate(network, duration_ms=float(N_STEPS * dt))
    assert result.n_steps == N_STEPS
    t = np.arange(N_STEPS)
    assert (changes_of(result, "current") == np.where(t < steps["current"], 3, 5)).all()
    inside = (t >= steps["start"]) & (t < steps["stop"])
    assert ((changes_of(result, "window") > 0) == inside).all()
    sent = steps["spike"] - 1  # the step that ends at the time of the spike
    for name, delay in (("constant", "delay"), ("listed", "listed delay")):
        assert (changes_of(result, name) == (t == sent + steps[delay])).all(), name
    fired, _ = result.spike_steps("spiking")
    assert (np.diff(fired) == steps["t_ref"] + 1).all()
    assert fired.size > 2
    weights = [result.weights(network.projections[k]) for k in (-3, -1)]
    for table, rewarded in zip(weights, (steps["reward"], 20 + steps["modulation"]), strict=True):
        changed = np.flatnonzero(np.diff(table.weights[:, 0])) + 1
        assert changed.tolist() == [int(rewarded)]
        assert table.times_ms[changed[0]] == pytest.approx(float(rewarded * dt))


@pytest.mark.parametrize("number", range(24))
def test_times_between_steps_are_refused_with_both_neighbours(number):
    rng = np.random.default_rng([number, 7])
    dt, steps = Fraction(DTS[number % len(DTS)]), steps_of(rng)
    for kind in KINDS[:-1]:
        off = Fraction(int(rng.integers(1, 20)), 20)  # of a step; never a whole one
        ms = {one: float((n + off * (one == kind)) * dt) for one, n in steps.items()}
        if kind == "start":
            ms["stop"] += 30 * float(dt)
        with pytest.raises(NetworkError) as raised:
            driven(ms, float(dt))
        below, above = float(steps[kind] * dt), float((steps[kind] + 1) * dt)
        assert f"Give {below:.12g} or {above:.12g} ms" in str(raised.value), kind
        assert f"got {ms[kind]:.15g}" in str(raised.value), kind
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize("number", range(12))
def test_run_and_sampling_times(number):
    rng = np.random.default_rng([number, 8])
    dt = Fraction(DTS[number % len(DTS)])
    every = int(rng.integers(2, 9))
    network = Network(dt_ms=float(dt))
    cells = network.population("cells", 1, IntegrateFire(c_m_pf=float(dt), v_threshold_mv=1e9))
    network.stimulate(cells, Current(1.0))
    network.record(cells, "v", every_ms=float(every * dt))
    result = simulate(network, duration_ms=float(N_STEPS * dt))
    seen = result.traces["cells", "v"][1][:, 0]  # 1 mV more in each step
    assert (seen == 1 + every * np.arange(seen.size)).all()
    assert seen.size == -(-N_STEPS // every)
    times = [float((1 + k * every) * dt) for k in range(seen.size)]
    assert result.sample_times("cells", "v") == pytest.approx(times, rel=1e-12)
    off = float((every + Fraction(int(rng.integers(1, 20)), 20)) * dt)
    proposal = f"Give {float(every * dt):.12g} or {float((every + 1) * dt):.12g} ms"
    for call in (
        lambda: network.record(network.population("other", 1, LifDelta(t_ref_ms=0.0)), "v",
                               every_ms=off),
        lambda: simulate(network, duration_ms=off),
        lambda: result.statistics("cells", off),
    ):  # fmt: skip
        with pytest.raises((NetworkError, UsageError)) as raised:
            call()
        assert proposal in str(raised.value)


@pytest.mark.parametrize("duration", [np.nan, np.inf, -1.0, 0.0, 0.04, 0.26, 1e12, "5", None, True])
def test_durations_that_are_none(duration):
    network = Network(dt_ms=0.1)
    network.population("cells", 1, LifDelta())
    with pytest.raises(UsageError, match=r"^duration_ms: must be") as raised:
        simulate(network, duration_ms=duration)
    assert "\n" not in str(raised.value)


def test_refractory_times_that_a_constant_can_hold():
    """2^24 steps are the most that float32 tells apart; longer ones are no refractory time of 0."""
    for t_ref_ms, spikes in ((2.0, 10), (1_677_721.6, 1)):
        network = Network(dt_ms=0.1)
        network.population("cells", 1, LifDelta(t_ref_ms=t_ref_ms, i_offset_pa=1e7))
        assert simulate(network, duration_ms=20.0).spikes("cells")[0].size == spikes
    for t_ref_ms in (1_677_721.7, 2.2e8, 1e10, 1e300):
        with pytest.raises(NetworkError, match=r"t_ref_ms: must be (at most 16777216 steps|a num)"):
            Network(dt_ms=0.1).population("cells", 1, LifDelta(t_ref_ms=t_ref_ms))


@pytest.mark.parametrize(
    ("rewards", "message"),
    [
        (60.0, "rewards: must be pairs of a time in ms and a size, got 60"),
        ((60.0,), "rewards: must be pairs"),
        (((60.0, 1.0, 2.0),), "rewards: must be pairs"),
        (((60.0, np.nan),), "rewards[0] size: must be a number that float32 holds"),
        (((5.0, 1.0), (60.0, np.inf)), "rewards[1] size: must be a number that float32 holds"),
        (((60.0, 1e39),), "rewards[0] size: must be a number that float32 holds"),
        (((np.nan, 1.0),), "rewards[0] time: must be a number of at least 0, got nan"),
        (((-1.0, 1.0),), "rewards[0] time: must be a number of at least 0, got -1"),
        ((("60", 1.0),), "rewards[0] time: must be a number of at least 0, got '60'"),
        (None, "rewards: must be pairs"),
    ],
)
def test_rewards_that_are_none(rewards, message):
    with pytest.raises(NetworkError) as raised:
        RewardStdp(w_max=1.0, rewards=rewards)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("delay_ms", "amount", "message"),
    [
        (0.0, 1.0, "delay_ms: must be at least one step of 0.1 ms, got 0"),
        (0.25, 1.0, "delay_ms: must be a whole number of steps of 0.1 ms, got 0.25"),
        (1e18, 1.0, "delay_ms: must be at most"),
        (np.nan, 1.0, "delay_ms: must be a number, got nan"),
        (Uniform(1.0, 2.0), 1.0, "delay_ms: must be a number, got Uniform"),
        ([1.0], 1.0, "delay_ms: must be a number, got [1.0]"),
        (None, 1.0, "delay_ms: must be a number, got None"),
        (1.0, np.nan, "amount: must be a number that float32 holds"),
        (1.0, "1", "amount: must be a number that float32 holds"),
    ],
)
def test_modulation_that_is_none(delay_ms, amount, message):
    network = Network(dt_ms=0.1)
    cells = network.population("cells", 2, LifDelta())
    rule = RewardStdp(w_max=1.0)
    learned = network.connect(cells, cells, OneToOne(), weight=0.5, plasticity=rule)
    with pytest.raises(NetworkError) as raised:
        network.modulate(learned, cells, amount=amount, delay_ms=delay_ms)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("delay_ms", [1e18, 1e300, 1e9])
def test_delays_that_no_step_can_say(delay_ms):
    network = Network(dt_ms=0.1)
    cells = network.population("cells", 2, LifDelta())
    for delay in (delay_ms, Uniform(1.0, delay_ms), None):
        rule = OneToOne() if delay else ExplicitList([0], [0], None, [delay_ms])
        with pytest.raises(NetworkError, match=r"delay_ms must be .* got up to 1e\+"):
            network.connect(cells, cells, rule, weight=0.5, delay_ms=delay)


def test_drawn_delays_go_to_the_nearest_step_and_are_one_at_least():
    """0 to 0.4 ms at dt 0.1: below 0.15 one step, then 2 and 3, and from 0.35 on 4 steps."""
    network = Network(dt_ms=0.1, seed=3)
    cells = network.population("cells", 20_000, LifDelta())
    projection = network.connect(cells, cells, OneToOne(), weight=1.0, delay_ms=Uniform(0.0, 0.4))
    steps = draw_delays(projection, 0, np.ones(20_000, np.int32), 3)
    shares = np.bincount(steps, minlength=5) / 20_000
    assert shares == pytest.approx([0.0, 0.375, 0.25, 0.25, 0.125], abs=5 * 0.0035)
