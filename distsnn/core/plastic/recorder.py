"""Records the weights of plastic synapses during a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from distsnn.comm import Comm
from distsnn.core.plastic.context import RankContext
from distsnn.core.plastic.part import AnyPart
from distsnn.network import WeightProbe
from distsnn.time_grid import given_steps


@dataclass(frozen=True)
class WeightTable:
    """Recorded weights of a projection. Synapses are sorted by target, then source, then delay.

    pre, post: uint32 [synapses], index of source and target in their populations. delays_ms: float64
    [synapses]. times_ms: float64 [samples], from 0 on. weights: float64 [samples, synapses], in the
    receptor's unit.
    """

    pre: np.ndarray
    post: np.ndarray
    delays_ms: np.ndarray
    times_ms: np.ndarray
    weights: np.ndarray

    @property
    def final(self) -> np.ndarray:
        """Weights at the end of the run, float64 [synapses]; empty on ranks other than 0."""
        return self.weights[-1] if len(self.weights) else self.weights.reshape(-1)


EMPTY_WEIGHTS = WeightTable(
    np.empty(0, np.uint32), np.empty(0, np.uint32), np.empty(0), np.empty(0),
    np.empty((0, 0)),
)  # fmt: skip


@dataclass(frozen=True)
class _Synapses:
    """The synapses of one probe on a rank. positions: their indices in the words of the rows."""

    pre: np.ndarray
    post: np.ndarray
    delays: np.ndarray
    positions: np.ndarray


class _Recording:
    """The synapses of one probe on one rank, and the samples of their weights in order of time."""

    def __init__(self, probe: WeightProbe, part: AnyPart, rank: RankContext) -> None:
        self.probe, self.part = probe, part
        dt_ms = probe.projection.dt_ms
        self.every_steps = given_steps("weights: every_ms", probe.every_ms, dt_ms, 1)
        self.synapses = _recorded_synapses(probe, part, rank)
        self.steps: list[int] = []
        self.samples: list[np.ndarray] = []

    def begin_run(self, t: int) -> None:
        """Discard all samples, then take the first one, before step ``t``."""
        self.steps.clear()
        self.samples.clear()
        self.take(t)

    def take(self, step: int) -> None:
        """Store the weights as they are before ``step``."""
        self.steps.append(step)
        self.samples.append(self.part.weights_at(self.synapses.positions))

    def drop_last(self, ended: int, origin: int) -> None:
        """Drop the sample of a run's end, at step ``ended``, unless the interval makes it due."""
        if (ended - origin) % self.every_steps and self.steps[-1] == ended:
            self.steps.pop()
            self.samples.pop()


class WeightRecorder:
    """Samples the weights of all probes at the start, at each probe's interval, and at the end."""

    def __init__(self, rank: RankContext, parts: Sequence[AnyPart], n_steps: int) -> None:
        self.dt_ms = rank.network.dt_ms
        by_projection = {part.projection.index: part for part in parts}
        self.recordings = [
            _Recording(probe, by_projection[probe.projection.index], rank)
            for probe in rank.network.weight_probes
        ]
        self.begin_run(n_steps)

    def begin_run(self, n_steps: int) -> None:
        """Begin a run of ``n_steps`` by taking the first samples."""
        self.n_steps, self.origin = n_steps, 0
        for recording in self.recordings:
            recording.begin_run(0)

    def clear(self, t: int) -> None:
        """Discard all samples; the next are taken as if the run began at step ``t``."""
        self.origin = t
        for recording in self.recordings:
            recording.begin_run(t)

    def extend(self, n_steps: int) -> None:
        """Let a completed run go on until step ``n_steps``.

        The sample of the end is dropped unless it was due anyway, so that a run in pieces has those
        of one run.
        """
        ended, self.n_steps = self.n_steps, n_steps
        for recording in self.recordings:
            recording.drop_last(ended, self.origin)

    def sample(self, t: int) -> None:
        """Take the samples that are due at the end of step ``t``."""
        for recording in self.recordings:
            # Weights lag behind the spikes until their part catches up.
            if (t + 1 - self.origin) % recording.every_steps == 0 or t + 1 == self.n_steps:
                recording.part.catch_up(t)
                recording.take(t + 1)

    def gather(self, comm: Comm) -> dict[int, WeightTable]:
        """Return the tables by projection index on rank 0, {} on other ranks. Collective."""
        tables = {}
        for recording in self.recordings:
            # Each rank sends its synapses, and its samples synapse by synapse, so that those of all
            # ranks can be concatenated.
            values, synapses = np.stack(recording.samples), recording.synapses
            columns = [
                comm.gather_arrays(np.ascontiguousarray(column))
                for column in (synapses.pre, synapses.post, synapses.delays, values.T.ravel())
            ]
            if comm.rank == 0:
                pre, post, delay, flat = (np.concatenate(parts) for parts in columns)
                weights = flat.reshape(-1, len(recording.steps)).T
                # [samples, synapses], sorted by target, source, delay
                order = np.lexsort((delay, pre, post))
                tables[recording.probe.projection.index] = WeightTable(
                    pre[order], post[order], delay[order] * self.dt_ms,
                    (np.array(recording.steps) - self.origin) * self.dt_ms, weights[:, order],
                )  # fmt: skip
        return tables


def _recorded_synapses(probe: WeightProbe, part: AnyPart, rank: RankContext) -> _Synapses:
    """Return the rank's synapses onto the neurons that a probe selects."""
    projection = probe.projection
    axons, slots, delays, positions = part.rows.listed()
    post = rank.gid_of_slot[slots] - np.uint32(projection.target.gid_start)
    # A synapse is recorded if its target is among the sorted targets of the probe.
    targets = np.sort(probe.targets)  # at least one
    index = np.minimum(np.searchsorted(targets, post), targets.size - 1)
    chosen = targets[index] == post
    pre = rank.axon_gids[axons[chosen]] - np.uint32(projection.source.gid_start)
    return _Synapses(pre, post[chosen], delays[chosen], positions[chosen])
