"""A population that plays given spikes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from distsnn.errors import NetworkError
from distsnn.stimuli.checks import require_count, require_finite, require_least
from distsnn.stimuli.spike_files import N_MNIST_SOURCES, read_nmnist, read_spikes

MOST_SOURCES = 2**31 - 1
ROUNDING = 1e-6  # of a step: how far a time may be off the end of its step


@dataclass(frozen=True, eq=False)
class SpikeSource:
    """Neuron ``sources[i]`` of the population spikes at ``times_ms[i]``.

    Any sequences are taken; kept as float64 and uint32 arrays, sorted by time, then source.
    n_sources: the smallest population that can play it, None for the largest index + 1. As a model
    it has no receptors and no state.
    """

    times_ms: Any
    sources: Any
    n_sources: int | None = None

    receptors: ClassVar[tuple[str, ...]] = ()
    states: ClassVar[dict[str, str]] = {}
    units: ClassVar[dict[str, str]] = {}

    def __post_init__(self) -> None:
        times, sources = _times(self.times_ms), _sources(self.sources)
        if times.size != sources.size:
            raise NetworkError(
                f"SpikeSource: times_ms has {times.size} entries, limit {sources.size} as sources "
                "has. Give one source for each time."
            )
        n_needed = int(sources.max(initial=0)) + 1
        if self.n_sources is not None:
            remedy = f"The largest index needs {n_needed}."
            require_count(
                "SpikeSource", "n_sources", self.n_sources, n_needed, MOST_SOURCES, remedy
            )
        order = np.lexsort((sources, times))
        object.__setattr__(self, "times_ms", times[order])
        object.__setattr__(self, "sources", sources[order])
        object.__setattr__(self, "n_sources", int(self.n_sources or n_needed))

    @classmethod
    def from_file(cls, path: str | Path, population: str = "/") -> SpikeSource:
        """Read a CSV file with columns time_ms and source, or an HDF5 file with such datasets.

        population: the group of the HDF5 file that holds them; so a population that a run has
        recorded (``run --out``) is played back in the very steps that it spiked in.
        Raises InputFileError, in one line, for anything else.
        """
        return cls(*read_spikes(Path(path), population))

    @classmethod
    def from_nmnist(cls, path: str | Path) -> SpikeSource:
        """Read an event-camera recording of N-MNIST: source = (polarity * 34 + y) * 34 + x.

        Raises InputFileError, in one line, for anything else.
        """
        return cls(*read_nmnist(Path(path)), n_sources=N_MNIST_SOURCES)

    def steps(self, dt_ms: float) -> tuple[np.ndarray, np.ndarray]:
        """Return step (int64) and source (uint32) of every spike, sorted by step, then source.

        Step t ends at (t + 1) dt and holds the spikes after t dt up to and including its end, so
        that times which a simulation gave are played in the steps that they came from.
        """
        require_finite("SpikeSource", "dt_ms", dt_ms)
        require_least("SpikeSource", "dt_ms", dt_ms, np.finfo(np.float64).tiny)
        t = np.ceil(self.times_ms / dt_ms - ROUNDING).astype(np.int64) - 1
        t = np.maximum(t, 0)
        order = np.lexsort((self.sources, t))
        return t[order], self.sources[order]

    def most_per_step(self, dt_ms: float) -> int:
        """Return how many spikes one source has in one step at most."""
        t, source = self.steps(dt_ms)
        if not t.size:
            return 0
        is_new = np.concatenate([[True], (np.diff(t) != 0) | (np.diff(source) != 0)])
        return int(np.diff(np.append(np.flatnonzero(is_new), t.size)).max())


def _times(values: Any) -> np.ndarray:
    try:
        times = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise NetworkError(f"SpikeSource: times_ms are no numbers ({error}). Give ms.") from error
    is_wrong = ~np.isfinite(times) | (times < 0)
    if times.ndim != 1 or is_wrong.any():
        got = f"{times.ndim} dimensions" if times.ndim != 1 else f"{times[is_wrong][0]} ms"
        raise NetworkError(
            f"SpikeSource: times_ms has {got}, limit one dimension of finite times from 0 on. "
            "Give times in ms."
        )
    return times


def _sources(values: Any) -> np.ndarray:
    sources = np.asarray(values)
    if sources.ndim != 1 or (sources.size and sources.dtype.kind not in "iu"):
        raise NetworkError(
            f"SpikeSource: sources is {sources.ndim}-dimensional {sources.dtype}, "
            "limit one dimension of integers. Give neuron indices."
        )
    if sources.size and (sources.min() < 0 or sources.max() >= MOST_SOURCES):
        wrong = sources.min() if sources.min() < 0 else sources.max()
        raise NetworkError(
            f"SpikeSource: sources has index {wrong}, limit 0 to {MOST_SOURCES - 1}. "
            "Count neurons from 0 within their population."
        )
    return sources.astype(np.uint32)
