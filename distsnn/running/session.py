"""A built network on one rank that runs in pieces: the engine beneath ``Simulation``."""

from __future__ import annotations

import atexit
import weakref
from collections.abc import Callable
from time import perf_counter
from types import TracebackType
from typing import Any, TypeVar

import numpy as np

from distsnn.comm import Comm, Fabric, collective
from distsnn.core.changes import clear, extend, replace_input, replace_spikes
from distsnn.core.playing import InitialState
from distsnn.core.recording.recorder import SpikeRecorder
from distsnn.core.utilization import gather_utilization, require_within_limits
from distsnn.errors import UsageError
from distsnn.network import Network, Stimulus
from distsnn.network.fingerprint import describe
from distsnn.network.network import Neurons
from distsnn.running.building import build_rank
from distsnn.running.collecting import collect, warn_of_weight_errors
from distsnn.running.counters import mesh_counters
from distsnn.running.inputs import given_spikes, other_current, require_room
from distsnn.running.result import Result, empty_result
from distsnn.running.settings import Settings
from distsnn.running.stepping import run_steps
from distsnn.running.values import Values
from distsnn.stimuli import Input

Progress = Callable[[int, int], None]
Self = TypeVar("Self", bound="SessionOwner")


class OpenRank:
    """The rank of a network, built and within the chip's limits, until it is closed. Collective.

    n_steps, most_input: see ``build_rank``. utilization: of the cores, on rank 0.
    """

    def __init__(
        self,
        network: Network,
        n_steps: int,
        settings: Settings,
        comm: Comm,
        most_input: int = 0,
    ) -> None:
        self.network, self.settings, self.comm = network, settings, comm
        self.chip = settings.loaded_chip()
        self.rank = build_rank(network, n_steps, self.chip, settings, comm, most_input)
        self._close = weakref.finalize(self, _close, self.rank.fabric)
        atexit.register(self.rank.fabric.close)  # runs before MPI is finalized
        try:
            self.utilization = gather_utilization(self.rank, self.chip, comm)
            require_within_limits(self.utilization, self.chip, settings.strict, comm)
        except BaseException:
            self.close()
            raise

    @property
    def is_open(self) -> bool:
        """Whether the rank can run."""
        return self.rank.fabric.is_open

    def close(self) -> None:
        """Release the communication resources; nothing can be run afterwards."""
        self._close()


class Session(OpenRank):
    """The rank of a network that is built once and run in pieces. Building is collective.

    n_steps: of the run if it is known beforehand, for which memory is then reserved, else 0.
    """

    def __init__(
        self,
        network: Network,
        n_steps: int,
        settings: Settings,
        comm: Comm,
        most_input: int = 0,
    ) -> None:
        began = perf_counter()
        super().__init__(network, n_steps, settings, comm, most_input)
        self._has_length = n_steps > 0
        self._steps_at_once = 1
        self.simulate_s = 0.0
        comm.barrier()
        self.build_s = perf_counter() - began - self.rank.compile_s

    def remember_initial_state(self) -> None:
        """Keep a copy of the state before the first step, for ``reset``."""
        self._initial = InitialState(self.rank)
        self._offsets = self.rank.state.offsets()

    def run(self, n_steps: int, progress: Progress | None = None) -> None:
        """Run the next steps. Collective; all packets have arrived at the end."""
        # A piece ends like a run: its last exchange is finished and its counters are gathered.
        rank, comm = self.rank, self.comm
        end = rank.t + n_steps
        if not self._has_length or end != rank.n_steps:
            extend(rank, end)
        self._has_length = False
        began = perf_counter()
        try:
            self._steps_at_once = run_steps(rank, end, progress, self._steps_at_once)
        except BaseException:
            self.close()  # a step that was interrupted cannot be continued
            raise
        comm.barrier()
        self.simulate_s += perf_counter() - began

    def reset(self) -> None:
        """Return to step 0 and the initial state; what was recorded and counted is forgotten."""
        rank = self.rank
        rank.origin = 0
        self._initial.begin_run(0, 0)
        # Variables are kept relative to a parameter, such as rest, which may have been set since.
        now = rank.state.offsets()
        for (population, name), before in self._offsets.items():
            change = before - now[population, name]
            if np.any(change):
                values = rank.state.values(rank.network.populations[population], name)
                values[rank.state.slots_of(population)] += change
        rank.mesh.forget()
        rank.unrecorded.forget()
        rank.forget_seconds()
        rank.record_into(SpikeRecorder(rank.state.n_flat, 0, 0))
        self.simulate_s = 0.0

    def clear(self) -> None:
        """Forget what was recorded and counted; the run goes on."""
        clear(self.rank)
        self.simulate_s = 0.0

    def result(self) -> Result:
        """Collect what was recorded so far. Collective."""
        rank, comm = self.rank, self.comm
        result = empty_result(rank, self.settings)
        result.compile_s, result.build_s = rank.compile_s, self.build_s
        result.simulate_s = self.simulate_s
        spikes = collect(rank, result, self.utilization, comm)
        counters = mesh_counters(rank, spikes, comm)
        if counters is not None:
            result.counters = counters
        if result.is_root:
            warn_of_weight_errors(rank.network, rank.quanta)
        return result


class SessionOwner:
    """What has a session: it is closed by ``close``, a ``with`` block or the end of the program."""

    _session: OpenRank

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the communication resources; nothing can be run afterwards."""
        self._session.close()


class ReplacedInputs(SessionOwner):
    """A running network whose currents and given spikes can be replaced."""

    network: Network
    comm: Comm
    _session: Session
    _values: Values
    _most_input: int

    def _require_open(self) -> None:
        if not self._session.is_open:
            raise UsageError("Simulation: must be open, got a closed one. Make a new one.")

    @collective("Simulation.set_input()")
    def set_input(self, stimulus: Stimulus, what: Input) -> Stimulus:
        """Let another current act on the neurons of a stimulus, from the next step on. Collective.

        what: a current such as ``Current`` or ``WaveformCurrent``, whose times count from the
        beginning of the simulation. Returns the stimulus that replaces the one given, also in the
        network. Raises UsageError for a stimulus of spikes, NetworkError for a current that the neurons
        cannot take.
        """
        self._require_open()
        new = other_current(self.network, stimulus, what)
        self.comm.require_same("Simulation.set_input", lambda: describe("what", what))
        replace_input(self._session.rank, new)
        self._values.forget_inputs(stimulus)
        return new

    @collective("Simulation.set_spikes()")
    def set_spikes(self, population: Neurons, times_ms: Any, sources: Any) -> None:
        """Let a population of given spikes play others from the next step on. Collective.

        population: of the model ``SpikeSource``. times_ms, sources: as of that model, the same on every
        rank; times count from the beginning of the simulation, whole steps, and those that are past are
        left out. ``reset`` keeps them. Raises UsageError for another population and for more spikes in
        a step than were reserved, NetworkError for wrong spikes.
        """
        self._require_open()
        steps, lines, target = given_spikes(self.network, population, times_ms, sources)
        self.comm.require_same(
            "Simulation.set_spikes", lambda: describe("spikes", {"steps": steps, "sources": lines})
        )
        require_room(target, steps[steps >= self._session.rank.t], self._most_input)
        # Spikes before the present step are dropped on each rank.
        replace_spikes(self._session.rank, target, steps, lines)


def _close(fabric: Fabric) -> None:
    fabric.close()
    atexit.unregister(fabric.close)
