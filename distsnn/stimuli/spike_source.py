"""A population that plays given spikes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from distsnn.checks import array, flag, must_be, number, whole
from distsnn.errors import NetworkError
from distsnn.neurons.model import NeuronModel
from distsnn.stimuli.spike_files import N_MNIST_SOURCES, read_nmnist, read_spikes
from distsnn.time_grid import MAX_STEPS, all_given_steps, nearest_steps

THING = "SpikeSource"
MAX_SOURCES = 2**31 - 1
REMEDY = "or say measured=True, which takes the nearest step"


@dataclass(frozen=True, eq=False)
class SpikeSource(NeuronModel):
    """Neuron ``sources[i]`` of the population spikes at ``times_ms[i]``.

    times_ms: numbers from 0 on; sources: whole numbers from 0 on; any sequences of one length are
    taken, and kept as float64 and uint32 arrays, sorted by time, then source. n_sources: the
    smallest population that can play it, None for the largest index + 1. measured: the times were
    recorded by another clock than the network's; they go to the nearest step, whereas others must be
    whole numbers of steps. As a model it has no receptors and no state. Raises NetworkError.

    A spike of step t has the time (t + 1) dt, the end of its step: the same times that a simulation
    gives. The first step ends at dt.
    """

    times_ms: Any
    sources: Any
    n_sources: int | None = None
    measured: bool = False

    receptors: ClassVar[tuple[str, ...]] = ()
    states: ClassVar[dict[str, str]] = {}
    units: ClassVar[dict[str, str]] = {}
    is_source: ClassVar[bool] = True
    parameter_units: ClassVar[dict[str, str]] = {"sources": "indices"}

    def __post_init__(self) -> None:
        times = array(f"{THING}: times_ms", self.times_ms, "f", low=0.0)
        sources = array(f"{THING}: sources", self.sources, "i", low=0, high=MAX_SOURCES - 1)
        flag(f"{THING}: measured", self.measured)
        if times.size != sources.size:
            limit = f"of {sources.size} entries, as many as sources has"
            remedy = "Give one source for each time."
            raise NetworkError(must_be(f"{THING}: times_ms", limit, times.size, remedy))
        # The largest index says how many lines there must be at least.
        n_needed = int(sources.max(initial=0)) + 1
        if self.n_sources is not None:
            remedy = f"The largest index needs {n_needed}."
            whole(f"{THING}: n_sources", self.n_sources, n_needed, MAX_SOURCES, remedy=remedy)
        # By time, then source.
        order = np.lexsort((sources, times))
        object.__setattr__(self, "times_ms", times[order])
        object.__setattr__(self, "sources", sources[order].astype(np.uint32))
        object.__setattr__(self, "n_sources", int(self.n_sources or n_needed))

    @classmethod
    def from_file(cls, path: str | Path, population: str = "/") -> SpikeSource:
        """Read a CSV file with columns time_ms and source, or an HDF5 file with such datasets.

        population: the group of the HDF5 file that holds them; so a population that a run has
        recorded (``run --out``) is played back in the very steps that it spiked in.
        Times between steps go to the nearest one. Raises InputFileError, in one line, for anything
        else.
        """
        return cls(*read_spikes(path, population), measured=True)

    @classmethod
    def from_nmnist(cls, path: str | Path) -> SpikeSource:
        """Read an event-camera recording of N-MNIST: source = (polarity * 34 + y) * 34 + x.

        Raises InputFileError, in one line, for anything else.
        """
        return cls(*read_nmnist(path), n_sources=N_MNIST_SOURCES, measured=True)

    def steps(self, dt_ms: float, thing: str = THING) -> tuple[np.ndarray, np.ndarray]:
        """Return step (int64) and source (uint32) of every spike, sorted by step, then source.

        thing: what a message names. Raises NetworkError for times that are no steps.
        """
        # The end of a step is its time: step = time / dt - 1.
        number(f"{THING}: dt_ms", dt_ms, above=0.0)
        name = f"{thing}: times_ms"
        if self.measured:
            number(name, self.times_ms.max(initial=0.0), high=MAX_STEPS * dt_ms)
            ends = np.maximum(nearest_steps(self.times_ms, dt_ms), 1)
        else:
            ends = all_given_steps(name, self.times_ms, dt_ms, low=1, remedy=REMEDY)
        # A spike of step t has the time (t + 1) dt.
        t = ends - 1
        order = np.lexsort((self.sources, t))
        return t[order], self.sources[order]

    def given_spikes(self, dt_ms: float) -> tuple[np.ndarray, np.ndarray]:
        """Return ``steps``."""
        return self.steps(dt_ms)

    def require_fit(self, thing: str, size: int, dt_ms: float) -> None:
        """Raise NetworkError for times that are no steps, or more sources than ``size`` neurons."""
        if int(self.n_sources or 0) > size:
            limit = f"at least {self.n_sources}, which its spikes need"
            raise NetworkError(must_be(f"{thing}: size", limit, size, "Make it larger."))
        self.steps(dt_ms, thing)

    def most_per_step(self, dt_ms: float) -> int:
        """Return the largest number of spikes that one source has in one step."""
        t, source = self.steps(dt_ms)
        if not t.size:
            return 0
        is_new = np.concatenate([[True], (np.diff(t) != 0) | (np.diff(source) != 0)])
        return int(np.diff(np.append(np.flatnonzero(is_new), t.size)).max())
