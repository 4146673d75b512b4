"""Random small networks with everything that could tell recordings apart, and recordings for them.

One integer gives one network: noisy neurons, Poisson input, currents, another source, every kind of
plasticity, rewards, probes of states and weights; on a small chip or one of more than 512 cores.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from distsnn.chip import Chip, load_chip
from distsnn.comm import Comm
from distsnn.network import FixedInDegree, FixedProbability, Network, Normal, Uniform
from distsnn.neurons import AdaptiveLif, LifDelta, LifExp, LoihiCuba, PoissonNeuron
from distsnn.plasticity import (
    Oja,
    PairStdp,
    RewardStdp,
    SumOfProducts,
    TripletStdp,
    TsodyksMarkram,
    VogelsStdp,
)
from distsnn.player import Player, Recording
from distsnn.simulation import Result, Settings, simulate
from distsnn.stimuli import (
    CorrelatedPoisson,
    Current,
    NoiseCurrent,
    OuCurrent,
    Poisson,
    Samples,
    SpikeSource,
    SpikeTrains,
)

N_LINES = 12
CUTS = (None, 9)  # neurons per core


def random_settings(number: int, **more: Any) -> Settings:
    """Return settings: two ways to cut, three placements, two chips."""
    rng = np.random.default_rng([number, 5])
    chip: Chip = load_chip("loihi")
    if rng.random() < 0.4:
        chip = replace(chip, width=32, height=32)  # loads are summed over windows of steps
    placement = str(rng.choice(["rows", "random", "near"]))
    return Settings(
        chip=chip, placement=placement, neurons_per_core=CUTS[int(rng.integers(2))], **more
    )


def random_recordings(number: int) -> list[Recording]:
    """Return 2 to 4 recordings of 1 to 60 steps; some are silent, some have a line twice in a step."""
    rng = np.random.default_rng([number, 6])
    found = []
    for _ in range(int(rng.integers(2, 5))):
        n_steps = int(rng.integers(1, 61))
        n = int(rng.choice([0, 3, 4 * n_steps]))
        step, line = rng.integers(0, n_steps, n), rng.integers(0, N_LINES, n)
        found.append(Recording(step, line, n_steps))
    return found


def random_order(number: int, n: int) -> list[int]:
    """Return in which order ``n`` recordings are played, with repetitions."""
    rng = np.random.default_rng([number, 7])
    return [*rng.permutation(n).tolist(), *rng.integers(0, n, 3).tolist()]


def played_network(number: int, recording: Recording | None = None) -> Network:
    """Return network ``number``; its source plays nothing yet, or ``recording``."""
    rng = np.random.default_rng([number, 8])
    dt_ms = float(rng.choice([0.1, 0.5, 1.0]))
    net = Network(dt_ms=dt_ms, seed=int(rng.integers(1, 2**31)), name=f"played{number}")
    times, lines = [], []
    if recording is not None:
        times, lines = (recording.step + 1) * dt_ms, recording.line
    net.population("lines", N_LINES, SpikeSource(times, lines, n_sources=N_LINES))
    n = int(rng.choice([10, 30]))
    net.population("a", n, LifDelta(v_reset_mv=5.0), initial={"v": Uniform(0.0, 19.0)})
    net.population("b", 15, LifExp(t_ref_ms=dt_ms), initial={"v": Normal(-60.0, 3.0)})
    if rng.random() < 0.4:
        tau_ms = float(rng.choice([1e3, 2e4, 1e6]))  # a threshold that hardly decays
        slow = AdaptiveLif(theta_jump_mv=2.0, tau_theta_ms=tau_ms, i_offset_pa=300.0)
        net.population("slow", 5, slow, initial={"theta": Uniform(0.0, 3.0)})
    if rng.random() < 0.6:
        net.population("noise", 8, PoissonNeuron(rate_hz=float(rng.choice([50.0, 400.0]))))
    if rng.random() < 0.5:
        steps = rng.integers(0, 40, 30)
        net.population("other", 5, SpikeSource((steps + 1) * dt_ms, rng.integers(0, 5, 30)))
    if rng.random() < 0.4:
        model = LoihiCuba(noise_target="voltage", noise_exponent=12, threshold_mantissa=20)
        net.population("chip", 6, model)
    if rng.random() < 0.4:
        net.population("crowd", 900, LifDelta())  # leaves the rings room for few steps of delay
    for _ in range(int(rng.integers(4, 9))):
        _connect(net, rng)
    _stimulate(net, rng)
    net.record("a", "v", every_ms=float(rng.integers(1, 5)) * dt_ms)
    return net


def _connect(net: Network, rng: np.random.Generator) -> None:
    dt_ms = net.dt_ms
    sources = [one for one in net.populations if one.name != "crowd"]
    source = sources[int(rng.integers(len(sources)))]
    target = net.find(str(rng.choice(["a", "a", "b"])))
    if "chip" in {p.name for p in net.populations} and rng.random() < 0.15:
        net.connect(source, "chip", FixedInDegree(4), weight=60.0, delay_ms=dt_ms)
        return
    high = 6.0 if target.name == "a" else 900.0
    low_steps = int(rng.choice([1, 2, 3, 5, 12, 36]))  # the longest wait in a calendar
    delay = Uniform(low_steps * dt_ms, (low_steps + int(rng.integers(1, 9))) * dt_ms)
    rules: list[Any] = [
        None,
        None,
        PairStdp(high, a_plus=0.05, a_minus=0.03),
        PairStdp(high, a_plus=0.05, a_minus=0.03, pairing="nearest"),
        TripletStdp(high, a2_plus=0.02),
        Oja(high, eta=0.05),
        VogelsStdp(high, eta=0.05),
        RewardStdp(high, a_plus=0.1, rewards=((8 * dt_ms, 0.5), (21 * dt_ms, -0.3))),
        SumOfProducts("dw = 2^-1*x1*y0 - 2^-2*y1*x0", high / 256, epoch_steps=5),
        SumOfProducts("dw = 2^-3*r1*x1*y0 - 2*u2*x2", high / 256, epoch_steps=3),
        TsodyksMarkram(),
        TsodyksMarkram(Uniform(0.1, 0.9), Normal(200.0, 50.0, low=10.0), 300.0),
    ]
    rule = rules[int(rng.integers(len(rules)))]
    share = float(rng.choice([0.0, 1.0])) if getattr(rule, "splits_delay", False) else 0.0
    weight = Normal(0.5 * high, 0.1 * high, low=0.0, high=0.99 * high)
    wiring = FixedInDegree(5) if rng.random() < 0.7 else FixedProbability(0.3)
    made = net.connect(
        source, target, wiring, weight=weight, delay_ms=delay, plasticity=rule,
        **({"dendritic_share": share} if share else {}),
    )  # fmt: skip
    if rule is None:
        return
    if rule.is_rewarded and rng.random() < 0.6:
        net.modulate(made, "b", amount=0.2, delay_ms=3 * dt_ms)
    if rng.random() < 0.7:
        net.record_weights(made, every_ms=7 * dt_ms)


def _stimulate(net: Network, rng: np.random.Generator) -> None:
    dt_ms = net.dt_ms
    if rng.random() < 0.6:
        stop_ms = float(rng.choice([12 * dt_ms, np.inf]))
        rate_hz = 300.0 / dt_ms
        net.stimulate("a", Poisson(rate_hz, 1.5, start_ms=3 * dt_ms, stop_ms=stop_ms))
    if rng.random() < 0.6:
        steps = [(0.0, 100.0), (5 * dt_ms, 800.0), (17 * dt_ms, 300.0)]
        net.stimulate("b", Current(steps=steps))
    _stimulate_parts(net, np.random.default_rng([net.seed, 9]))


def _stimulate_parts(net: Network, rng: np.random.Generator) -> None:
    """Inputs that differ between neurons, or change in each step."""
    a, b, dt_ms = net.find("a"), net.find("b"), net.dt_ms
    hz = rng.uniform(0.0, 300.0 / dt_ms, (5, 4))
    given = SpikeTrains(dt_ms * rng.integers(0, 40, 9), rng.integers(0, 12, 9), weight=2.0)
    inputs = [
        (a[2:6], Poisson(Samples(hz, 4 * dt_ms), weight=0.5)),
        (a[::3], Poisson(Uniform(0.0, 50.0 / dt_ms), weight=0.5)),
        (a, CorrelatedPoisson(20.0 / dt_ms, 0.2, weight=0.5)),
        (a[:7] + b[3:8], given),
        (b[1:9], OuCurrent(50.0, 200.0, 5.0, start_ms=2 * dt_ms)),
        (b[::2], NoiseCurrent(0.0, 200.0, every_ms=3 * dt_ms)),
        (b[4:], Current(Uniform(0.0, 200.0), start_ms=7 * dt_ms)),
    ]
    for k in np.flatnonzero(rng.random(len(inputs)) < 0.4):
        net.stimulate(*inputs[k])


def player_for(number: int, settings: Settings, comm: Comm) -> Player:
    """Return a player of network ``number`` with room for its recordings in ``random_order``."""
    recordings = random_recordings(number)
    order = random_order(number, len(recordings))
    return Player(
        played_network(number), "lines", n_steps=3 * sum(recordings[k].n_steps for k in order),
        most_input=max(one.most_in_a_step for one in recordings), settings=settings, comm=comm,
    )  # fmt: skip


def run_alone(number: int, recording: Recording, settings: Settings, comm: Comm) -> Result:
    """Return what a run of one recording gives."""
    network = played_network(number, recording)
    duration_ms = recording.n_steps * network.dt_ms
    return simulate(network, duration_ms=duration_ms, settings=settings, comm=comm)
