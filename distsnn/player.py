"""A network that is built once and plays many recordings, each as an independent run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from distsnn import checks
from distsnn.comm import Comm, collective
from distsnn.core.neurons.slots import gid_of_slot
from distsnn.core.plastic.recorder import WeightTable
from distsnn.core.playing import (
    InitialState,
    PlayedSpikes,
    Recording,
    require_same,
)
from distsnn.core.recording.collect import gather_traces
from distsnn.core.recording.recorder import SpikeRecorder
from distsnn.core.utilization import CoreUtilization
from distsnn.errors import UsageError
from distsnn.mapping.plan import NeuronPlaces
from distsnn.network import Network, Population
from distsnn.running.collecting import collect
from distsnn.running.counters import counters_of, is_input
from distsnn.running.result import empty_result
from distsnn.running.session import OpenRank, SessionOwner
from distsnn.running.stepping import run_steps
from distsnn.simulation import Result, Settings
from distsnn.time_grid import MAX_RUN_STEPS
from distsnn.traffic import Cost, MeshCounters, MeshTraffic, cost_of

__all__ = ["Player", "Recording", "Response"]

MAX_INPUT = (1 << 31) - 1
N_SORTED_BITS = 32


@dataclass(frozen=True, eq=False)
class Response:
    """Response of the network to one recording.

    step: int64 [spikes], from the recording's beginning. gid: uint32 [spikes]. Spikes are sorted by
    step, then gid. traces: as in ``Result``, for the variables selected by ``Network.record``.
    weight_tables: by index of the projection, for those selected by ``Network.record_weights``.
    """

    step: np.ndarray
    gid: np.ndarray
    traces: dict[tuple[str, str], tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    weight_tables: dict[int, WeightTable] = field(default_factory=dict)


class Player(SessionOwner):
    """Plays recordings into the source population ``source`` of a network. Building is collective.

    Each recording is an independent run: the response is bit-identical to that of ``simulate`` with
    a network whose source has these spikes, whatever was played before. Learned weights are reset.
    Poisson input, currents, rewards and other sources restart at the beginning of each recording.

    n_steps: maximum total number of steps of all recordings. most_input: maximum number of spikes
    of a recording in one step. Raises UsageError if ``source`` is not a population that plays
    spikes, or already has spikes; CapacityError if the network does not fit.

    A player is closed by ``finish``, ``close`` or the end of a ``with`` block.
    """

    @collective("Player()")
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
        _require("network", isinstance(network, Network), "a Network", network)
        _require("source", isinstance(source, str), "the name of a population", source)
        _require("settings", isinstance(settings, Settings), "Settings", settings)
        _require("comm", isinstance(comm, Comm), "the return value of distsnn.comm.start()", comm)
        self.network, self.settings, self.comm = network, settings, comm
        self._name = f"player of {network.name}"
        n_steps = self._whole("n_steps", n_steps, 1, MAX_RUN_STEPS)
        self._most_input = self._whole("most_input", most_input, 0, MAX_INPUT)
        self._lines = self._source(source)
        self._session = OpenRank(network, n_steps, settings, comm, self._most_input)
        self.chip, self.rank = self._session.chip, self._session.rank
        self._sources = PlayedSpikes(self.rank, self._lines.index)
        self._initial = InitialState(self.rank)
        self._n_steps = n_steps
        self.t = 0  # steps of all recordings so far
        self.seconds = 0.0
        self._steps_at_once = 1
        self._spikes_of_gid = np.zeros(network.n_neurons, dtype=np.int64)

    def _whole(self, name: str, value: int, low: int, high: int) -> int:
        subject = f"{self._name}: {name}"
        return checks.whole(subject, value, low, high, remedy="Change it.", error=UsageError)

    def _source(self, name: str) -> Population:
        population = self.network.find(name)
        if not population.model.is_source:
            raise UsageError(
                f"{self._name}: source must be a population that plays spikes, got {name!r}, a "
                f"population of {type(population.model).__name__}. Name the input."
            )
        n = population.model.given_spikes(self.network.dt_ms)[0].size
        if n:
            raise UsageError(
                f"{self._name}: source {name!r} must have no spikes of its own, got {n}. Make it with "
                "SpikeSource([], [], n_sources=...), and give its spikes as a recording."
            )
        return population

    @collective("Player.play()")
    def play(
        self,
        recordings: Sequence[Recording],
        progress: Callable[[int], None] | None = None,
    ) -> list[Response]:
        """Play recordings; return the responses on rank 0, [] on other ranks. Collective.

        progress(n) is called on rank 0 after the n-th recording. Raises UsageError on all ranks if
        recordings do not fit the player or differ between ranks.
        """
        _require("progress", progress is None or callable(progress), "a function", progress)
        recordings = self._agreed(recordings)
        began = perf_counter()
        n_of_each = [recording.n_steps for recording in recordings]
        self.rank.record_into(SpikeRecorder(self.rank.state.n_flat, sum(n_of_each), 0))
        starts = np.concatenate([[0], np.cumsum(n_of_each)]).astype(np.int64)
        samples = []
        try:
            for number, recording in enumerate(recordings):
                self._play_one(recording, int(starts[number]))
                samples.append(self._samples())
                if progress is not None and self.comm.rank == 0:
                    progress(number + 1)
            self.seconds += perf_counter() - began
            spikes = self._gather(starts)
        except BaseException:
            self.close()  # an interrupted recording cannot be continued
            raise
        return [Response(*own, *sampled) for own, sampled in zip(spikes, samples, strict=False)]

    def run(self, recording: Recording) -> Result:
        """Play one recording; return the result that ``simulate`` would return. Collective.

        On ranks other than 0 only ``is_root`` and ``settings`` of the result are meaningful.
        """
        before = self._counters()
        self.rank.forget_seconds()
        began = perf_counter()
        self.play([recording])
        result = empty_result(self.rank, self.settings)
        result.simulate_s = perf_counter() - began
        collect(self.rank, result, self._session.utilization, self.comm)
        after = self._counters()
        if before is not None and after is not None:
            result.counters = after.since(before)
        return result

    @collective("Player.costs()")
    def costs(self, recordings: Sequence[Recording], *, paced: bool = True) -> list[Cost]:
        """Play recordings; return energy, time and packets of each on rank 0, [] elsewhere. Collective.

        paced: whether the chip waits in each step for the model's time. Raises what ``play`` raises.
        """
        checks.flag("Player.costs: paced", paced, error=UsageError)
        step_s = self.network.dt_ms * 1e-3 if paced else None
        costs = []
        before = self._counters()
        for recording in self._agreed(recordings):
            self.play([recording])
            after = self._counters()
            if before is not None and after is not None:
                costs.append(cost_of(MeshTraffic(self.chip, after.since(before), step_s)))
            before = after
        return costs

    @property
    def n_cores(self) -> int:
        """Number of cores of the chip that hold neurons."""
        return self.rank.plan.n_blocks

    @property
    def usage(self) -> CoreUtilization | None:
        """How much of each limit of the chip its cores use; None on ranks other than 0."""
        return self._session.utilization

    def n_synapses(self) -> int:
        """Return the number of synapses of the network, including plastic ones. Collective."""
        return self.comm.sum(self.rank.table.n_synapses + self.rank.plastic.n_synapses)

    @collective("Player.finish()")
    def finish(self) -> MeshCounters | None:
        """Close the player; return the mesh counters of all recordings on rank 0. Collective.

        None on other ranks. The steps of the recordings follow each other.
        """
        counters = self._counters()
        self.close()
        return counters

    def _play_one(self, recording: Recording, n_recorded: int) -> None:
        rank = self.rank
        self._initial.begin_run(recording.n_steps, n_recorded)
        self._sources.load(recording)
        rank.play(self._sources)
        at_once = run_steps(rank, recording.n_steps, n_at_once=self._steps_at_once)
        self._steps_at_once = min(at_once, MAX_RUN_STEPS)
        self.t += recording.n_steps

    def _samples(self) -> tuple[dict, dict]:
        """Return traces and weights of the latest recording. Collective."""
        rank, comm = self.rank, self.comm
        return gather_traces(rank, comm), rank.plastic.recorder.gather(comm)

    def _agreed(self, recordings: Sequence[Recording]) -> list[Recording]:
        """Return the recordings; raise UsageError on all ranks if they do not fit. Collective."""
        error: UsageError | None = None
        try:
            is_list = isinstance(recordings, Sequence)
            is_list = is_list and all(isinstance(recording, Recording) for recording in recordings)
            _require("recordings", is_list, "a list of recordings", recordings)
            self._require_room(recordings)
        except UsageError as refused:
            error = refused
        self.comm.agree(error)
        if self.comm.n_ranks > 1:
            require_same(self._name, recordings, self.comm)
        return list(recordings)

    def _require_room(self, recordings: Sequence[Recording]) -> None:
        if not self._session.is_open:
            raise UsageError(f"{self._name}: must be open, got a closed player. Make a new player.")
        n_steps, left = sum(recording.n_steps for recording in recordings), self._n_steps - self.t
        if n_steps > left:
            raise UsageError(
                f"{self._name}: must play at most {left} steps, got {n_steps}. "
                "Make it with a larger n_steps."
            )
        for number, recording in enumerate(recordings):
            recording.require_fits(
                f"{self._name}: recording {number}", self._lines, self._most_input
            )

    def _gather(self, starts: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return step and gid of the spikes of each recording, on rank 0. Collective."""
        step, flat = self.rank.spikes.arrays()
        gid = gid_of_slot(self.rank.state)[flat]
        bounds = self.comm.gather_arrays(np.searchsorted(step, starts))
        key = step.astype(np.uint64) << np.uint64(N_SORTED_BITS) | gid.astype(np.uint64)
        keys = self.comm.gather_arrays(key)
        if self.comm.rank != 0:
            return []
        responses = []
        for k, start in enumerate(starts[:-1]):
            parts = [own[at[k] : at[k + 1]] for own, at in zip(keys, bounds, strict=True)]
            together = np.sort(np.concatenate(parts))
            gids = together.astype(np.uint32)  # the low half
            self._spikes_of_gid += np.bincount(gids, minlength=self._spikes_of_gid.size)
            steps = (together >> np.uint64(N_SORTED_BITS)).astype(np.int64) - start
            responses.append((steps, gids))
        return responses

    def _counters(self) -> MeshCounters | None:
        """Return the mesh counters so far on rank 0, None on other ranks. Collective."""
        rank, network = self.rank, self.network
        starts = [population.gid_start for population in network.populations]
        cores = NeuronPlaces(rank.plan, starts).core_of(np.arange(network.n_neurons))
        spikes, of_inputs = (
            np.bincount(cores, counts, self.chip.n_cores).astype(np.int64)
            for counts in (self._spikes_of_gid, self._spikes_of_gid * is_input(network))
        )
        return counters_of(rank, spikes, self.t, self.comm, of_inputs)


def _require(name: str, is_right: bool, limit: str, got: object) -> None:
    if not is_right:
        raise UsageError(checks.must_be(f"player: {name}", limit, got, "Change it."))
