"""A network that is built once and hears many recordings, each from its initial state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from distsnn.chip import load_chip
from distsnn.comm import Comm
from distsnn.core.playing import InitialState, PlayedSpikes, Recording
from distsnn.core.recorder import SpikeRecorder
from distsnn.core.usage import gather_usage, require_within_limits
from distsnn.errors import UsageError
from distsnn.mapping.plan import NeuronPlaces
from distsnn.network import Network
from distsnn.run_counters import counters_of
from distsnn.simulation import Settings, build_rank
from distsnn.stimuli import SpikeSource
from distsnn.traffic import MeshCounters

__all__ = ["Heard", "Player", "Recording"]


@dataclass(frozen=True)
class Heard:
    """Spikes of one recording: step int64 (from its beginning) and gid uint32, by step.

    Within a step the order is that of the ranks; a neuron's own spikes are in order of time.
    """

    step: np.ndarray
    gid: np.ndarray


class Player:
    """Plays recordings into the source population ``source`` of a network. Building is collective.

    The network must not depend on the time of a run: it has no Poisson and no current stimuli.
    n_steps: the steps of all recordings that will be played. most_input: the most spikes that a
    recording has in one step.
    """

    def __init__(
        self,
        network: Network,
        source: str,
        *,
        n_steps: int,
        most_input: int,
        settings: Settings,
        comm: Comm,
    ) -> None:
        if network.stimuli:
            raise UsageError(
                f"player of {network.name}: {len(network.stimuli)} stimuli, limit 0, since every "
                "recording begins at another time of the run. Drive it by spikes alone."
            )
        population = network.find(source)
        if not isinstance(population.model, SpikeSource):
            raise UsageError(
                f"player of {network.name}: population {source!r} is no SpikeSource, limit a "
                "population that plays spikes. Name the input."
            )
        self.network, self.comm = network, comm
        self.chip = load_chip(settings.chip) if isinstance(settings.chip, str) else settings.chip
        self.rank = build_rank(network, n_steps, self.chip, settings, comm, most_input)
        self.usage = gather_usage(self.rank, self.chip, comm)
        require_within_limits(self.usage, self.chip, settings.strict, comm)
        self._sources = PlayedSpikes(self.rank, population.index)
        self._initial = InitialState(self.rank)
        self._most_input = most_input
        self.t = 0
        self.seconds = 0.0
        self._spikes_of_gid = np.zeros(network.n_neurons, dtype=np.int64)

    def n_steps_of(self, recording: Recording) -> int:
        """Return how many steps a recording takes: whole exchange intervals."""
        return -(-recording.n_steps // self.rank.batch) * self.rank.batch

    def play(
        self,
        recordings: Sequence[Recording],
        progress: Callable[[int], None] | None = None,
    ) -> list[Heard]:
        """Play recordings; return what the network did, on rank 0 (elsewhere: []). Collective.

        progress(n) is called on rank 0 after every n recordings.
        """
        lengths = [self.n_steps_of(recording) for recording in recordings]
        self._require_room(recordings, sum(lengths))
        began = perf_counter()
        rank, first = self.rank, self.t
        rank.record_into(SpikeRecorder(rank.state.n_flat, sum(lengths), 0, first))
        for number, (recording, length) in enumerate(zip(recordings, lengths, strict=True)):
            self._initial.restore()
            self._sources.load(self.t, recording)
            rank.play(self._sources)
            self.t += length
            rank.advance(self.t, settle=True)
            if progress is not None and self.comm.rank == 0:
                progress(number + 1)
        self.seconds += perf_counter() - began
        starts = first + np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        ends = starts[:-1] + [recording.n_steps for recording in recordings]
        return self._gather(starts, ends.astype(np.int64))

    def _require_room(self, recordings: Sequence[Recording], n_steps: int) -> None:
        left = self.rank.n_steps - self.t
        if n_steps > left:
            raise UsageError(
                f"player of {self.network.name}: {n_steps} steps, limit {left} that are left. "
                "Give it more steps when it is made."
            )
        for recording in recordings:
            most = int(np.bincount(recording.step).max()) if recording.step.size else 0
            if most > self._most_input:
                raise UsageError(
                    f"player of {self.network.name}: {most} input spikes in a step, limit "
                    f"{self._most_input}. Make the player with room for them."
                )

    def _gather(self, starts: np.ndarray, ends: np.ndarray) -> list[Heard]:
        step, flat = self.rank.spikes.arrays()
        gid = self._gid_of_flat()[flat]
        first = self.comm.gather_arrays(np.searchsorted(step, starts[:-1]))
        last = self.comm.gather_arrays(np.searchsorted(step, ends))
        steps = self.comm.gather_arrays(step.astype(np.uint32))
        gids = self.comm.gather_arrays(gid)
        if self.comm.rank != 0:
            return []
        for part in gids:
            self._spikes_of_gid += np.bincount(part, minlength=self._spikes_of_gid.size)
        heard = []
        for k in range(ends.size):
            pieces = [slice(a[k], b[k]) for a, b in zip(first, last, strict=True)]
            of_ranks = [part[piece] for part, piece in zip(steps, pieces, strict=True)]
            step = np.concatenate(of_ranks).astype(np.int64) - starts[k]
            gid = np.concatenate([part[piece] for part, piece in zip(gids, pieces, strict=True)])
            heard.append(Heard(step, gid))
        return heard

    def _gid_of_flat(self) -> np.ndarray:
        gid_of_flat = np.zeros(self.rank.state.n_flat, dtype=np.uint32)
        for piece, _, start in self.rank.state.slices:
            first = self.network.populations[piece.population].gid_start + piece.start
            gid_of_flat[start : start + piece.size] = np.arange(first, first + piece.size)
        return gid_of_flat

    def finish(self) -> MeshCounters | None:
        """Close the fabric; return what the mesh carried, on rank 0 (else None). Collective."""
        rank = self.rank
        if not rank.mesh.is_block_full(self.t - 1) and self.t > 0:
            rank.mesh.finish_block(rank.mesh.row(self.t - 1) + 1)
        starts = [population.gid_start for population in self.network.populations]
        places = NeuronPlaces(rank.plan, starts)
        cores = places.core_of(np.arange(self.network.n_neurons))
        spikes = np.bincount(cores, self._spikes_of_gid, self.chip.n_cores).astype(np.int64)
        counters = counters_of(rank, spikes, self.t, self.comm)
        rank.fabric.close()
        return counters
