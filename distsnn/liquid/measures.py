"""What a liquid can tell apart and remember: separation, ranks, memory capacity, spectral radius.

Sources: separation, Maass, Natschlaeger & Markram 2002, Neural Comput 14:2531, fig. 2; kernel
quality and generalisation rank, Legenstein & Maass 2007, Neural Netw 20:323; memory capacity,
Jaeger 2001, GMD report 152.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from distsnn.comm import Comm
from distsnn.kernels.threefry import stream_key
from distsnn.liquid.encoders import LineSpikes
from distsnn.liquid.liquid import INPUT, Liquid
from distsnn.network import Network
from distsnn.network.draw import draw_quanta, draw_sources
from distsnn.network.quanta import Quanta
from distsnn.player import Heard, Player, Recording
from distsnn.simulation import Settings

DISTANCES = (0.0, 0.1, 0.2, 0.4)
RATE_HZ = 20.0
TAU_MS = 30.0  # of the filter that a spike train is seen through
TRAIN_KERNEL_MS = 5.0  # of the distance between input trains


def generator(seed: int, purpose: str) -> np.random.Generator:
    """Return a generator for one purpose."""
    return np.random.Generator(np.random.Philox(key=stream_key(seed, purpose)))


def poisson_lines(
    n_lines: int, n_steps: int, rate_hz: float, dt_ms: float, random: np.random.Generator
) -> LineSpikes:
    """Return independent trains on all lines, at most one spike in a step."""
    step, line = np.nonzero(random.random((n_steps, n_lines)) < rate_hz * dt_ms * 1e-3)
    return LineSpikes(step.astype(np.int64), line.astype(np.int64), n_steps)


def play_lines(
    liquid: Liquid, stimuli: Sequence[LineSpikes], settings: Settings, comm: Comm
) -> list[Heard]:
    """Return what the liquid's neurons did, on rank 0 (elsewhere: []). Collective."""
    recordings = [Recording(s.step, s.line, s.n_steps) for s in stimuli]
    most = max((int(np.bincount(r.step).max()) for r in recordings if r.step.size), default=1)
    player = Player(
        liquid.network(), INPUT, n_steps=sum(r.n_steps for r in recordings) + 64 * len(recordings),
        most_input=most, settings=settings, comm=comm,
    )  # fmt: skip
    heard = player.play(recordings)
    player.finish()
    inside = []
    for one in heard:
        mine = one.gid < liquid.n_neurons
        inside.append(Heard(one.step[mine], one.gid[mine].astype(np.int64)))
    return inside


def filtered(
    step: np.ndarray, neuron: np.ndarray, n_neurons: int, n_steps: int, tau_steps: float
) -> np.ndarray:
    """Return spikes seen through exp(-t / tau), float32 [n_steps, n_neurons], at the end of steps."""
    state = np.zeros((n_steps, n_neurons), dtype=np.float32)
    np.add.at(state, (step, neuron), np.float32(1.0))
    decay = np.float32(np.exp(-1.0 / tau_steps))
    for t in range(1, n_steps):
        state[t] += decay * state[t - 1]
    return state


def train_distance(u: LineSpikes, v: LineSpikes, n_lines: int, dt_ms: float) -> float:
    """Return d(u, v): the distance of the trains seen through a Gaussian, mean over lines.

    Divided by the square root of the norm of one spike and by the duration, so that one spike more
    per second counts about the same whatever the length.
    """
    width = TRAIN_KERNEL_MS / dt_ms
    reach = int(4 * width)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    kernel /= np.sqrt((kernel**2).sum())
    difference = np.zeros((n_lines, u.n_steps + 2 * reach))
    np.add.at(difference, (u.line, u.step + reach), 1.0)
    np.add.at(difference, (v.line, v.step + reach), -1.0)
    square = sum(float((np.convolve(row, kernel) ** 2).sum()) for row in difference)
    return square / n_lines / (u.n_steps * dt_ms * 1e-3) / (2.0 * RATE_HZ)


def mixed(u: LineSpikes, w: LineSpikes, share: float, random: np.random.Generator) -> LineSpikes:
    """Return a train in which a ``share`` of u's spikes is replaced by as many of w."""
    keep, take = random.random(u.step.size) >= share, random.random(w.step.size) < share
    step = np.concatenate([u.step[keep], w.step[take]])
    line = np.concatenate([u.line[keep], w.line[take]])
    return LineSpikes.of(step, line, u.n_steps)


def separation(
    liquid: Liquid,
    settings: Settings,
    comm: Comm,
    n_pairs: int = 20,
    duration_ms: float = 500.0,
    every_ms: float = 5.0,
) -> dict[str, Any] | None:
    """Return the distance of the liquid's states over time for pairs of inputs, on rank 0.

    Pairs share all but a part of their spikes: the part is d(u, v), the mean share of the distance
    of two independent trains. Curves: mean over pairs of |x_u(t) - x_v(t)| / sqrt(neurons).
    """
    random = generator(liquid.seed, "separation")
    n_steps = round(duration_ms / liquid.dt_ms)
    stimuli = []
    for _ in range(n_pairs):
        u = poisson_lines(liquid.n_lines, n_steps, RATE_HZ, liquid.dt_ms, random)
        w = poisson_lines(liquid.n_lines, n_steps, RATE_HZ, liquid.dt_ms, random)
        stimuli += [u, *(mixed(u, w, share, random) for share in DISTANCES)]
    heard = play_lines(liquid, stimuli, settings, comm)
    if comm.rank != 0:
        return None
    every = max(1, round(every_ms / liquid.dt_ms))
    tau = TAU_MS / liquid.dt_ms
    curves = np.zeros((len(DISTANCES), -(-n_steps // every)))
    measured = np.zeros(len(DISTANCES))
    for pair in range(n_pairs):
        first = pair * (1 + len(DISTANCES))
        states = [
            filtered(h.step, h.gid, liquid.n_neurons, n_steps + 64, tau)[:n_steps:every]
            for h in heard[first : first + 1 + len(DISTANCES)]
        ]
        for k in range(len(DISTANCES)):
            gap = ((states[k + 1] - states[0]) ** 2).sum(axis=1)
            curves[k] += np.sqrt(gap / liquid.n_neurons) / n_pairs
            measured[k] += (
                train_distance(stimuli[first], stimuli[first + 1 + k], liquid.n_lines, liquid.dt_ms)
                / n_pairs
            )
    return {
        "time_ms": (np.arange(curves.shape[1]) * every_ms).tolist(),
        "curves": {f"{d:g}": curve.tolist() for d, curve in zip(DISTANCES, curves, strict=True)},
        "input_distance": {f"{d:g}": float(m) for d, m in zip(DISTANCES, measured, strict=True)},
        "pairs": n_pairs,
    }


def ranks(
    liquid: Liquid, settings: Settings, comm: Comm, n_inputs: int = 100, duration_ms: float = 300.0
) -> dict[str, Any] | None:
    """Return kernel rank and generalisation rank of the final states, on rank 0.

    Kernel rank: of the states after ``n_inputs`` different inputs (the more, the better they can be
    told apart). Generalisation rank: after as many noisy versions of one input (the less, the
    better they are taken for the same). Rank: singular values above a hundredth of the largest.
    """
    random = generator(liquid.seed, "ranks")
    n_steps = round(duration_ms / liquid.dt_ms)

    def lines() -> LineSpikes:
        return poisson_lines(liquid.n_lines, n_steps, RATE_HZ, liquid.dt_ms, random)

    different = [lines() for _ in range(n_inputs)]
    template = lines()
    alike = [mixed(template, lines(), 0.1, random) for _ in range(n_inputs)]
    heard = play_lines(liquid, [*different, *alike], settings, comm)
    if comm.rank != 0:
        return None
    tau = TAU_MS / liquid.dt_ms
    final = np.zeros((2 * n_inputs, liquid.n_neurons))
    for k, one in enumerate(heard):
        weight = np.exp(-(n_steps - 1 - one.step) / tau)
        final[k] = np.bincount(one.gid, weight, liquid.n_neurons)
    return {
        "most": min(n_inputs, liquid.n_neurons),
        "values": {
            "kernel": rank_of(final[:n_inputs]),
            "generalisation": rank_of(final[n_inputs:]),
        },
    }


def rank_of(states: np.ndarray, least: float = 0.01) -> int:
    """Return the number of singular values above ``least`` times the largest."""
    values = np.linalg.svd(states, compute_uv=False)
    return int(np.count_nonzero(values > least * values[0])) if values[0] > 0 else 0


def memory_capacity(
    states: np.ndarray, signal: np.ndarray, n_delays: int, alpha: float = 1e-4
) -> np.ndarray:
    """Return r^2 of recalling the signal k samples ago, k = 0 .. n_delays - 1; their sum is MC.

    states: [samples, features]; signal: [samples]. The first half trains a ridge read-out per
    delay, the second half tests it. MC is at most the number of features.
    """
    n = signal.size
    first, half = n_delays, (n + n_delays) // 2
    x = np.concatenate([states, np.ones((n, 1))], axis=1).astype(np.float64)
    train = x[first:half]
    square = train.T @ train
    square[np.diag_indices_from(square)] += alpha * np.trace(square) / square.shape[0]
    past = np.stack([signal[first - k : n - k] for k in range(n_delays)], axis=1)
    weights = np.linalg.solve(square, train.T @ past[: half - first])
    recalled, wanted = x[half:] @ weights, past[half - first :]
    recalled = recalled - recalled.mean(axis=0)
    wanted = wanted - wanted.mean(axis=0)
    norm = (recalled**2).sum(axis=0) * (wanted**2).sum(axis=0)
    product = (recalled * wanted).sum(axis=0) ** 2
    return np.asarray(product / np.where(norm > 0, norm, 1.0))


def memory(
    liquid: Liquid,
    settings: Settings,
    comm: Comm,
    n_samples: int = 1500,
    sample_ms: float = 20.0,
    n_delays: int = 12,
) -> dict[str, Any] | None:
    """Return the memory curves of a liquid with and without recurrence, on rank 0.

    All lines follow one random signal u in [0, 1], new every ``sample_ms``, as Poisson trains of
    rate u times 2 ``RATE_HZ``; the state is read at the end of each sample.
    """
    random = generator(liquid.seed, "memory")
    per_sample = round(sample_ms / liquid.dt_ms)
    signal = random.random(n_samples)
    chance = np.repeat(signal, per_sample) * 2.0 * RATE_HZ * liquid.dt_ms * 1e-3
    step, line = np.nonzero(random.random((chance.size, liquid.n_lines)) < chance[:, None])
    stimulus = LineSpikes(step.astype(np.int64), line.astype(np.int64), chance.size)
    curves: dict[str, list[float]] = {}
    bare = replace(liquid, column=replace(liquid.column, recurrence=0.0))
    for name, which in (("liquid", liquid), ("weights at zero", bare)):
        heard = play_lines(which, [stimulus], settings, comm)
        if comm.rank == 0:
            one = heard[0]
            inside = one.step < chance.size
            states = sampled(
                one.step[inside], one.gid[inside], liquid.n_neurons, n_samples, per_sample,
                TAU_MS / liquid.dt_ms,
            )  # fmt: skip
            curves[name] = memory_capacity(states, signal, n_delays).tolist()
    if comm.rank != 0:
        return None
    delays = (np.arange(n_delays) * sample_ms).tolist()
    return {"delay_ms": delays, "curves": curves}


def sampled(
    step: np.ndarray,
    neuron: np.ndarray,
    n_neurons: int,
    n_samples: int,
    per_sample: int,
    tau: float,
) -> np.ndarray:
    """Return the filtered state at the end of every ``per_sample`` steps, [samples, neurons]."""
    sample = step // per_sample
    weight = np.exp(-((sample + 1) * per_sample - 1 - step) / tau)
    flat = np.bincount(sample * n_neurons + neuron, weight, n_samples * n_neurons)
    state = flat.astype(np.float64).reshape(n_samples, n_neurons)
    decay = np.exp(-per_sample / tau)
    for k in range(1, n_samples):
        state[k] += decay * state[k - 1]
    return state


def spectral_radius(network: Network, n_neurons: int, effect: Sequence[float]) -> float:
    """Return the largest |eigenvalue| of the recurrent weights, each times ``effect``.

    effect: what a weight of 1 onto each receptor does in all, in units of the threshold; so that 1
    means that a spike brings forth about one other. By Arnoldi-like power iteration on blocks.
    """
    matrix = weight_matrix(network, n_neurons, effect)
    return radius_of(matrix)


def weight_matrix(network: Network, n_neurons: int, effect: Sequence[float]) -> np.ndarray:
    """Return the recurrent weights times effect, float32 [onto, from]."""
    quanta = Quanta(network)
    matrix = np.zeros((n_neurons, n_neurons), dtype=np.float32)
    for projection in network.projections:
        if projection.source.gid_start >= n_neurons:
            continue
        size = projection.target.size
        counts, sources = draw_sources(projection, 0, size, network.seed)
        quantum = quanta.of(projection.target.index, projection.receptor)
        weights = draw_quanta(projection, 0, counts, network.seed, quantum) * quantum
        targets = np.repeat(np.arange(size), counts) + projection.target.gid_start
        place = (targets, sources.astype(np.int64) + projection.source.gid_start)
        np.add.at(matrix, place, np.float32(effect[projection.receptor]) * weights)
    return matrix


def radius_of(matrix: np.ndarray, n_vectors: int = 24, n_rounds: int = 60) -> float:
    """Return the largest |eigenvalue|: exactly for small matrices, else by subspace iteration."""
    n = matrix.shape[0]
    if n <= 600:
        return float(np.abs(np.linalg.eigvals(matrix.astype(np.float64))).max())
    random = np.random.Generator(np.random.Philox(key=1))
    basis = np.linalg.qr(random.standard_normal((n, n_vectors)))[0]
    for _ in range(n_rounds):
        basis = np.linalg.qr(matrix @ basis)[0]
    small = basis.T @ (matrix @ basis)
    return float(np.abs(np.linalg.eigvals(small)).max())


def effects_of(liquid: Liquid) -> tuple[float, float]:
    """Return what 1 nA onto each receptor adds to v in all, over the way from reset to threshold."""
    c = liquid.column
    way = c.v_threshold_mv - min(0.0, c.v_reset_mv)
    return (c.tau_syn_e_ms / c.tau_m_ms / way, c.tau_syn_i_ms / c.tau_m_ms / way)


def measure_all(
    liquid: Liquid, settings: Settings, comm: Comm, quick: bool = False
) -> dict[str, Any] | None:
    """Return all measures of a liquid as plain data, on rank 0. Collective."""
    apart = separation(liquid, settings, comm, n_pairs=5 if quick else 20)
    found_ranks = ranks(liquid, settings, comm, n_inputs=40 if quick else 100)
    remembered = memory(liquid, settings, comm, n_samples=600 if quick else 2000)
    if comm.rank != 0:
        return None
    radius = spectral_radius(liquid.network(), liquid.n_neurons, effects_of(liquid))
    return {
        "neurons": liquid.n_neurons,
        "separation": apart,
        "ranks": found_ranks,
        "memory": remembered,
        "spectral_radius": radius,
    }
