"""How each published firing pattern is told from the others: by spike times (ms) and v, one value
per step; never by parameters.
"""

from __future__ import annotations

import numpy as np

from distsnn.neurons.adex_patterns import NAUD_2008
from distsnn.neurons.izhikevich_patterns import PROPERTIES_2004, TYPES_2003


def bursts(times: np.ndarray, gap_ms: float) -> list[np.ndarray]:
    """Split a train wherever an interval is longer than ``gap_ms``."""
    return np.split(times, np.flatnonzero(np.diff(times) > gap_ms) + 1) if times.size else []


def inside(times: np.ndarray, start: float, stop: float) -> int:
    return int(((times >= start) & (times < stop)).sum())


def is_regular(times: np.ndarray, least: int = 4, spread: float = 0.1) -> bool:
    """At least so many intervals, alike but for the first two."""
    gaps = np.diff(times)[2:]
    return gaps.size >= least - 2 and np.std(gaps) < spread * np.mean(gaps)


def slows_down(times: np.ndarray, factor: float) -> bool:
    gaps = np.diff(times)
    return gaps.size >= 3 and bool((np.diff(gaps) > 0).all()) and gaps[-1] > factor * gaps[0]


def has_bursts(times: np.ndarray, least: int, spikes: int, gap_ms: float) -> bool:
    """Several bursts of several spikes, and nothing but bursts (the last may be cut off)."""
    groups = bursts(times, gap_ms)
    return len(groups) >= least and all(g.size >= spikes for g in groups[:-1])


def one_burst(times: np.ndarray, spikes: int, length_ms: float) -> bool:
    return times.size >= spikes and times[-1] - times[0] < length_ms


def oscillates(v: np.ndarray, times: np.ndarray, dt_ms: float) -> bool:
    """After its only spike v crosses its final level many times, ever closer to it."""
    if times.size != 1:
        return False
    late = v[round((times[0] + 5) / dt_ms) :]
    late = late - np.mean(late[late.size // 2 :])
    crossings = int((np.diff(np.sign(late)) != 0).sum())
    half = late.size // 2
    return crossings >= 6 and np.ptp(late[half:]) < 0.5 * np.ptp(late[:half])


def dips(times: np.ndarray, v: np.ndarray, dt_ms: float) -> bool:
    """v lies far below its start before the first spike."""
    return bool(v[: round(times[0] / dt_ms)].min() < v[0] - 10.0)


def first_burst_then_single(times: np.ndarray, gap_ms: float) -> bool:
    groups = bursts(times, gap_ms)
    return len(groups) >= 4 and groups[0].size >= 2 and all(g.size == 1 for g in groups[1:])


# Measures: (times, v, dt_ms) -> bool
IZHIKEVICH_2003 = {
    "regular spiking": lambda t, v, dt: (
        np.diff(t)[0] < 0.5 * np.diff(t)[-1] and np.diff(t)[-1] > 20 and is_regular(t)
    ),
    "intrinsically bursting": lambda t, v, dt: first_burst_then_single(t, 10.0),
    "chattering": lambda t, v, dt: has_bursts(t, 3, 3, 15.0),
    "fast spiking": lambda t, v, dt: is_regular(t, 8) and np.diff(t).max() < 12,
    "thalamo-cortical": lambda t, v, dt: t.size >= 3 and t[0] > 30 and np.diff(t).min() > 8,
    "thalamo-cortical burst": lambda t, v, dt: one_burst(t, 4, 45.0) and t[0] > 45,
    "resonator": lambda t, v, dt: t.size >= 1 and t[0] > 60 and v[round(15 / dt) :].min() < -61,
    "low-threshold spiking": lambda t, v, dt: (
        is_regular(t[4:], 10) and np.diff(t)[-1] > 2.5 * np.diff(t)[0] and np.diff(t)[-1] < 20
    ),
}
IZHIKEVICH_2004 = {
    "tonic spiking": lambda t, v, dt: t.size >= 4 and np.diff(t).min() > 3 and t[-1] > 80,
    "phasic spiking": lambda t, v, dt: t.size == 1 and 20 < t[0] < 60,
    "tonic bursting": lambda t, v, dt: has_bursts(t, 3, 3, 15.0),
    "phasic bursting": lambda t, v, dt: one_burst(t, 4, 45.0) and t[0] > 20,
    "mixed mode": lambda t, v, dt: first_burst_then_single(t, 10.0),
    "spike frequency adaptation": lambda t, v, dt: slows_down(t, 3.0),
    "class 1 excitable": lambda t, v, dt: (
        bool((np.diff(t, 2) < 0).all()) and np.diff(t)[0] > 2.5 * np.diff(t)[-1]
    ),
    "class 2 excitable": lambda t, v, dt: (
        t.size >= 10 and np.diff(t).max() < 2.5 * np.diff(t).min()
    ),
    "spike latency": lambda t, v, dt: t.size == 1 and 3.0 < t[0] - 13.0 < 15.0,
    "subthreshold oscillations": lambda t, v, dt: oscillates(v, t, dt),
    "resonator": lambda t, v, dt: inside(t, 0, 280) == 0 and inside(t, 320, 400) == 1,
    "integrator": lambda t, v, dt: inside(t, 14, 30) == 1 and t.size == 1,
    "rebound spike": lambda t, v, dt: t.size == 1 and t[0] > 25 and dips(t, v, dt),
    "rebound burst": lambda t, v, dt: one_burst(t, 4, 60.0) and dips(t, v, dt),
    "threshold variability": lambda t, v, dt: inside(t, 0, 75) == 0 and inside(t, 80, 100) == 1,
    "bistability": lambda t, v, dt: (
        inside(t, 0, 37.5) == 0 and inside(t, 37.5, 216) >= 4 and inside(t, 216, 300) <= 2
    ),
    "depolarizing afterpotential": lambda t, v, dt: (
        t.size == 1 and v[round((t[0] + 2) / dt) :].max() > v[0] + 5 and abs(v[-1] - v[0]) < 1
    ),
    "accommodation": lambda t, v, dt: inside(t, 0, 300) == 0 and inside(t, 300, 330) == 1,
    "inhibition-induced spiking": lambda t, v, dt: (
        inside(t, 50, 260) == t.size >= 3 and np.diff(t).min() > 30
    ),
    "inhibition-induced bursting": lambda t, v, dt: (
        inside(t, 50, 260) == t.size and has_bursts(t, 2, 4, 30.0)
    ),
}
ADEX = {
    "tonic spiking": lambda t, v, dt: is_regular(t, 20, 0.02) and np.ptp(np.diff(t)) < 0.1 * t[0],
    "adaptation": lambda t, v, dt: np.diff(t)[-1] > 3 * np.diff(t)[0] and np.diff(t).min() > 8,
    "initial burst": lambda t, v, dt: first_burst_then_single(t, 20.0) and is_regular(t, 6),
    "regular bursting": lambda t, v, dt: has_bursts(t, 3, 2, 40.0) and t[0] < 30,
    "delayed accelerating": lambda t, v, dt: (
        t.size > 20 and t[0] > 1.5 * np.diff(t)[0] and bool((np.diff(t, 2) < 1.1 * dt).all())
    ),
    "delayed regular bursting": lambda t, v, dt: has_bursts(t, 4, 3, 30.0) and t[0] > 40,
    "transient spiking": lambda t, v, dt: 1 <= t.size <= 4 and t[-1] < 100,
    "irregular spiking": lambda t, v, dt: (
        t.size > 15 and 0.2 < np.std(np.diff(t)) / np.mean(np.diff(t)) < 1.0 and is_aperiodic(t)
    ),
}


def is_aperiodic(times: np.ndarray) -> bool:
    """No shift of the sequence of intervals by up to 8 brings it back close to itself."""
    gaps = np.diff(times)[4:]
    errors = [np.mean(np.abs(gaps[k:] - gaps[:-k])) for k in range(1, 9)]
    return min(errors) > 0.15 * np.mean(gaps)


SETS = {
    "2003": (TYPES_2003, IZHIKEVICH_2003),
    "2004": (PROPERTIES_2004, IZHIKEVICH_2004),
    "AdEx": (NAUD_2008, ADEX),
}
