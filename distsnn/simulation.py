"""Runs a network: in one call, or built once and run in pieces.

``simulate(network, duration_ms=...)`` runs a network. ``Simulation(network)`` builds it, and then runs
it any number of times, with its state, parameters, rates and weights to be read and set in between.
Under ``mpirun`` every rank makes the same calls, and rank 0 gets the results.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from distsnn.checks import flag, whole
from distsnn.comm import Comm, collective, start
from distsnn.core.changes import set_noise_seed
from distsnn.errors import UsageError
from distsnn.network import Network, Projection, Stimulus
from distsnn.network.fingerprint import describe
from distsnn.network.network import Neurons
from distsnn.network.summary import network_html
from distsnn.running.display.progress import shown_progress
from distsnn.running.inputs import MAX_INPUT
from distsnn.running.periodic import PeriodicCalls
from distsnn.running.result import Result
from distsnn.running.session import Progress, ReplacedInputs, Session
from distsnn.running.settings import Settings, call_settings, require_network
from distsnn.running.stepping import run_steps_of
from distsnn.running.synapses import (
    Connections,
    SynapseAccess,
    own_projection,
    require_learning,
)
from distsnn.running.values import Values
from distsnn.time_grid import MAX_RUN_STEPS, given_steps

__all__ = ["Result", "Settings", "Simulation", "simulate"]


class Simulation(ReplacedInputs):
    """A network that is built once and run in pieces. Building it is collective under MPI.

    Pieces give the same bits as one run of their total length. noise_seed: of the noise of neurons and
    stimuli; None for the network's seed, which alone decides about wiring, parameters and initial
    state. most_input: spikes in one step that ``set_spikes`` may give beyond one for each neuron.
    options: fields of ``Settings`` by name, instead of settings. Raises UsageError for invalid
    arguments, CapacityError if the network does not fit.

    A simulation is closed by ``close``, the end of a ``with`` block or that of the program.
    """

    _session: Session

    @collective("Simulation()")
    def __init__(
        self,
        network: Network,
        *,
        noise_seed: int | None = None,
        settings: Settings | None = None,
        comm: Comm | None = None,
        most_input: int = 0,
        **options: Any,
    ) -> None:
        whole(
            "Simulation: most_input", most_input, 0, MAX_INPUT, remedy="Choose another.",
            error=UsageError,
        )  # fmt: skip
        require_network("Simulation", network, comm)
        chosen = call_settings(settings, options, "Simulation")
        self.network, self.settings, self.comm = network, chosen, comm or start()
        self._session = Session(network, 0, chosen, self.comm, most_input)
        self._session.remember_initial_state()
        # Room in the buffers of a step, which are made now.
        self._most_input = most_input
        self._values = Values(self._session.rank, self.comm)
        self._synapses = SynapseAccess(self._session.rank, self.comm)
        self._calls: PeriodicCalls[Simulation] = PeriodicCalls(network.dt_ms)
        if noise_seed is not None:
            # The wiring has been drawn with the network's own seed.
            self._set_noise_seed("Simulation: noise_seed", noise_seed)

    def __repr__(self) -> str:
        return f"Simulation({self.network.name!r}, {self.time_ms:g} ms run)"

    def _repr_html_(self) -> str:
        return f"<div>{self!r}</div>{network_html(self.network)}"

    @property
    def time_ms(self) -> float:
        """Simulated time since the beginning or the last reset, in ms."""
        return self._session.rank.t * self.network.dt_ms

    @property
    def is_root(self) -> bool:
        """Whether this is rank 0, which gets the results."""
        return self.comm.rank == 0

    @property
    def recorded_from_ms(self) -> float:
        """The time from which spikes are recorded: 0, or that of the last ``clear``, in ms."""
        return self._session.rank.origin * self.network.dt_ms

    @collective("Simulation.run()")
    def run(self, duration_ms: float, progress: Progress | bool | None = None) -> Simulation:
        """Run for ``duration_ms``, a positive multiple of the time step; return the simulation.

        Collective. progress: True shows a bar; a function progress(step, n_steps) is called on rank 0
        about twice a second. Raises SimulationError if a state becomes infinite or NaN.
        """
        self._require_open()
        require_network("Simulation.run", self.network, None, progress)
        before = self._session.rank.t
        n_steps = given_steps(
            "Simulation.run: duration_ms", duration_ms, self.network.dt_ms, 1,
            MAX_RUN_STEPS - before, error=UsageError,
        )  # fmt: skip
        self.comm.require_same("Simulation.run", lambda: [("duration", f"{n_steps} steps")])
        if self._calls.is_calling:
            raise UsageError(
                "Simulation.run: must be outside the functions of every(), got a call in one. "
                "Let the run go on by itself."
            )
        end = before + n_steps
        with shown_progress(progress, self.comm, end) as report:
            while self._session.rank.t < end:
                t = self._session.rank.t
                # A piece of a closed loop ends where the next function is due.
                stop = self._calls.next_stop(t, end)
                self._session.run(stop - t, report)
                self._calls.call_due(stop, self)
        return self

    def every(
        self, interval_ms: float, function: Callable[[Simulation], object]
    ) -> Callable[[], None]:
        """Call ``function(simulation)`` after each ``interval_ms`` of time; return what ends this.

        interval_ms: whole steps. The function may get and set whatever the simulation offers, alike on
        every rank; what it sets acts from the next step on. It may not run the simulation.
        """
        self._require_open()
        return self._calls.add(interval_ms, function)

    def _set_noise_seed(self, subject: str, seed: int) -> None:
        whole(subject, seed, 0, 2**64 - 1, remedy="Choose another.", error=UsageError)
        self.comm.require_same(subject, lambda: [("noise seed", str(seed))])
        set_noise_seed(self._session.rank, int(seed))

    @collective("Simulation.get()")
    def get(self, neurons: Neurons | Stimulus, name: str) -> np.ndarray:
        """Return a state variable, parameter or input of neurons, float64 [neurons], on every rank.

        neurons: a population or its name, some neurons of one (``e[:100]``), an assembly, or a
        stimulus. State variables are absolute, as at the end of the last step. Inputs are ``rate_hz``
        of a Poisson stimulus and ``pa`` of a current. Collective.
        """
        self._require_open()
        if isinstance(neurons, Stimulus):
            return self._values.get_input(neurons, name)
        return self._values.get(self.network.views(neurons), name)

    @collective("Simulation.set()")
    def set(self, neurons: Neurons | Stimulus, **values: Any) -> None:
        """Set state variables, parameters and inputs of neurons, from the next step on. Collective.

        values: by name, one number or an array with one per neuron; the same on every rank. For names
        and neurons see ``get``. Values of one call need to suit the model only together. Raises
        UsageError or NetworkError for what a model does not have or cannot have; nothing is set then,
        but for parameters of earlier parts of an assembly.
        """
        self._require_open()
        self.comm.require_same("Simulation.set", lambda: describe("values", dict(values)))
        if isinstance(neurons, Stimulus):
            self._values.set_input(neurons, values)
        else:
            self._values.set(self.network.views(neurons), values)

    @collective("Simulation.spike_counts()")
    def spike_counts(self, neurons: Neurons) -> np.ndarray:
        """Return the number of spikes of each neuron, int64 [neurons], on every rank. Collective.

        Since the beginning, ``reset`` or ``clear``; also of populations whose spikes are not recorded.
        For neurons see ``get``.
        """
        self._require_open()
        return self._values.spike_counts(self.network.views(neurons))

    @collective("Simulation.connections()")
    def connections(self, projection: Projection) -> Connections:
        """Return the synapses of a projection with their weights of now, on every rank. Collective."""
        self._require_open()
        return self._synapses.connections(own_projection(self.network, projection))

    @collective("Simulation.weights()")
    def weights(self, projection: Projection) -> np.ndarray:
        """Return the weights of a projection, in the order of ``connections``, float64 [synapses].

        In the receptor's unit, on every rank. Collective.
        """
        self._require_open()
        return self._synapses.weights(own_projection(self.network, projection))

    @collective("Simulation.set_weights()")
    def set_weights(self, projection: Projection, weights: float | np.ndarray) -> None:
        """Set the weights of a projection, in the order of ``connections``. Collective.

        weights: one number, or one per synapse; the same on every rank. They are stored as the
        projection's weights are: static ones as whole quanta. Raises UsageError for weights beyond the
        bounds that the projection was connected with.
        """
        self._require_open()
        self.comm.require_same("Simulation.set_weights", lambda: describe("weights", weights))
        self._synapses.set_weights(own_projection(self.network, projection), weights)

    @collective("Simulation.learning()")
    def learning(self, is_on: bool, projection: Projection | None = None) -> None:
        """Switch learning on or off, of one projection or of all, from the next step on. Collective.

        Traces of spikes go on either way; weights are kept while learning is off. Raises UsageError
        for a projection that does not learn.
        """
        self._require_open()
        flag("Simulation.learning: is_on", is_on, error=UsageError)
        chosen = None if projection is None else own_projection(self.network, projection)
        if chosen is not None:
            require_learning(chosen)
        # Each projection with a rule is one part of every rank, with or without synapses there.
        for part in self._session.rank.plastic.parts:
            if chosen is None or part.projection is chosen:
                part.set_learning(is_on)

    @collective("Simulation.reset()")
    def reset(self, noise_seed: int | None = None) -> None:
        """Return to time 0, the initial state and the first weights of learning synapses. Collective.

        What was recorded is forgotten. Parameters, inputs and weights of static synapses that were set
        are kept. noise_seed: another one from now on, for a trial of its own; None to keep it.
        """
        self._require_open()
        # The noise of step 0 is that of the new seed.
        if noise_seed is not None:
            self._set_noise_seed("Simulation.reset: noise_seed", noise_seed)
        self._session.reset()

    @collective("Simulation.clear()")
    def clear(self) -> None:
        """Forget what was recorded so far; the run goes on. Collective.

        Times of later results count from here. In a long run that is read piece by piece, memory then
        does not grow.
        """
        self._require_open()
        self._session.clear()

    @collective("Simulation.result()")
    def result(self) -> Result:
        """Return the result of all pieces since the beginning, ``reset`` or ``clear``. Collective."""
        self._require_open()
        return self._session.result()

    @property
    def digest(self) -> str:
        """The digest of spikes, synapses and state so far; "" on ranks other than 0. Collective."""
        return self.result().digest


@collective("simulate()")
def simulate(
    network: Network,
    *,
    duration_ms: float,
    settings: Settings | None = None,
    comm: Comm | None = None,
    progress: Progress | bool | None = None,
    **options: Any,
) -> Result:
    """Run a network and return its result. Collective under MPI.

    duration_ms: a positive multiple of the network's time step. options: fields of ``Settings`` by
    name, instead of settings (``chip="truenorth"``). progress: True shows a bar; a function
    progress(step, n_steps) is called on rank 0 about twice a second. Raises UsageError for invalid
    arguments, CapacityError if the network does not fit, SimulationError if a state becomes infinite or
    NaN.
    """
    require_network("simulate", network, comm, progress)
    settings = call_settings(settings, options)
    n_steps = run_steps_of(duration_ms, network.dt_ms)
    settings.loaded_chip()  # what is wrong with it is said before anything is built
    session = Session(network, n_steps, settings, comm or start())
    try:
        with shown_progress(progress, session.comm, n_steps) as report:
            session.run(n_steps, report)
        return session.result()
    finally:
        session.close()  # also after an error that the caller catches
