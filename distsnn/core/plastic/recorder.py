"""Weights of plastic synapses written down while they change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from distsnn.core.neurons.slots import gid_of_slot
from distsnn.core.neurons.state import NeuronState
from distsnn.network import Network, WeightProbe
from distsnn.time_grid import given_steps


@dataclass(frozen=True)
class WeightTable:
    """Recorded synapses of a projection, sorted by target, then source, then delay.

    pre, post: uint32 [n], indices in their populations. delays_ms: float64 [n]. times_ms: float64
    [samples], from 0 on. weights: float64 [samples, n], in the receptor's unit.
    """

    pre: np.ndarray
    post: np.ndarray
    delays_ms: np.ndarray
    times_ms: np.ndarray
    weights: np.ndarray

    @property
    def final(self) -> np.ndarray:
        """Weights at the end, float64 [n]; none on ranks that have no result."""
        return self.weights[-1] if len(self.weights) else self.weights.reshape(-1)


EMPTY_WEIGHTS = WeightTable(
    np.empty(0, np.uint32), np.empty(0, np.uint32), np.empty(0), np.empty(0),
    np.empty((0, 0)),
)  # fmt: skip


@dataclass
class _Recording:
    """Synapses of one probe on one rank; rows of samples as they come."""

    probe: WeightProbe
    part: Any
    every_steps: int
    pre: np.ndarray
    post: np.ndarray
    delay: np.ndarray
    places: np.ndarray
    steps: list[int]
    samples: list[np.ndarray]


class WeightRecorder:
    """Samples the probed weights at the start, at the probe's times, and at the end."""

    def __init__(
        self,
        network: Network,
        parts: Sequence[Any],
        axon_gids: np.ndarray,
        state: NeuronState,
        n_steps: int,
    ) -> None:
        self.dt_ms = network.dt_ms
        by_projection = {part.projection.index: part for part in parts}
        gids = gid_of_slot(state)
        self.recordings = [
            _recording(probe, by_projection[probe.projection.index], axon_gids, gids)
            for probe in network.weight_probes
        ]
        self.begin_run(n_steps)

    def begin_run(self, n_steps: int) -> None:
        """Take the first samples of a run of ``n_steps``, and forget those there are."""
        self.n_steps = n_steps
        for recording in self.recordings:
            recording.steps.clear()
            recording.samples.clear()
            _take(recording, 0)

    def sample(self, t: int) -> None:
        """Copy what is due at the end of step ``t``."""
        for recording in self.recordings:
            if (t + 1) % recording.every_steps == 0 or t + 1 == self.n_steps:
                recording.part.catch_up(t)
                _take(recording, t + 1)

    def gather(self, comm: Any) -> dict[int, WeightTable]:
        """Return the tables by projection index on rank 0, nothing elsewhere. Collective."""
        tables = {}
        for recording in self.recordings:
            values = np.stack(recording.samples)
            columns = [
                comm.gather_arrays(np.ascontiguousarray(column))
                for column in (recording.pre, recording.post, recording.delay, values.T.ravel())
            ]
            if comm.rank == 0:
                pre, post, delay, flat = (np.concatenate(parts) for parts in columns)
                weights = flat.reshape(-1, len(recording.steps)).T
                order = np.lexsort((delay, pre, post))
                tables[recording.probe.projection.index] = WeightTable(
                    pre[order], post[order], delay[order] * self.dt_ms,
                    np.array(recording.steps) * self.dt_ms, weights[:, order],
                )  # fmt: skip
        return tables


def _recording(
    probe: WeightProbe, part: Any, axon_gids: np.ndarray, gids: np.ndarray
) -> _Recording:
    projection = probe.projection
    axons, slots, delays, places = part.rows.listed()
    post = gids[slots] - np.uint32(projection.target.gid_start)
    targets = np.sort(probe.targets)  # at least one
    place = np.minimum(np.searchsorted(targets, post), targets.size - 1)
    chosen = targets[place] == post
    pre = axon_gids[axons[chosen]] - np.uint32(projection.source.gid_start)
    every = given_steps("weights: every_ms", probe.every_ms, projection.dt_ms, 1)
    return _Recording(probe, part, every, pre, post[chosen], delays[chosen], places[chosen], [], [])


def _take(recording: _Recording, step: int) -> None:
    recording.steps.append(step)
    recording.samples.append(recording.part.weights_at(recording.places))
