"""Runs a network: in one call, or built once and run in pieces.

``simulate(network, duration_ms=...)`` runs a network. ``Simulation(network)`` builds it, and then runs
it any number of times, with its state, parameters, rates and weights to be read and set in between.
Under ``mpirun`` every rank makes the same calls, and rank 0 gets the results.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

import numpy as np

from distsnn.checks import flag, must_be
from distsnn.comm import Comm, collective, start
from distsnn.errors import UsageError
from distsnn.network import Network, Projection
from distsnn.network.fingerprint import describe
from distsnn.network.network import Neurons
from distsnn.network.summary import network_html
from distsnn.network.views import PopulationView
from distsnn.running.display.progress import shown_progress
from distsnn.running.neurons import NeuronAccess, parameters_of, unknown
from distsnn.running.result import Result
from distsnn.running.session import Progress, Session
from distsnn.running.settings import Settings, call_settings, require_network
from distsnn.running.stepping import run_steps_of
from distsnn.running.synapses import Connections, SynapseAccess
from distsnn.time_grid import MAX_RUN_STEPS, given_steps

__all__ = ["Result", "Settings", "Simulation", "simulate"]


class Simulation:
    """A network that is built once and run in pieces. Building it is collective under MPI.

    Pieces give the same bits as one run of their total length. options: fields of ``Settings`` by name,
    instead of settings. Raises UsageError for invalid arguments, CapacityError if the network does not
    fit.

    A simulation is closed by ``close``, the end of a ``with`` block or that of the program.
    """

    @collective("Simulation()")
    def __init__(
        self,
        network: Network,
        *,
        settings: Settings | None = None,
        comm: Comm | None = None,
        **options: Any,
    ) -> None:
        require_network("Simulation", network, comm)
        chosen = call_settings(settings, options, "Simulation")
        self.network, self.settings, self.comm = network, chosen, comm or start()
        self._session = Session(network, 0, chosen, self.comm)
        self._session.remember_initial_state()
        self._neurons = NeuronAccess(self._session.rank, self.comm)
        self._synapses = SynapseAccess(self._session.rank, self.comm)

    def __enter__(self) -> Simulation:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Simulation({self.network.name!r}, {self.time_ms:g} ms run)"

    def _repr_html_(self) -> str:
        return f"<div>{self!r}</div>{network_html(self.network)}"

    @property
    def time_ms(self) -> float:
        """Simulated time since the beginning or the last reset, in ms."""
        return self._session.rank.t * self.network.dt_ms

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
        with shown_progress(progress, self.comm, before + n_steps) as report:
            self._session.run(n_steps, report)
        return self

    @collective("Simulation.get()")
    def get(self, neurons: Neurons, name: str) -> np.ndarray:
        """Return a state variable or parameter of neurons, float64 [neurons], on every rank.

        neurons: a population or its name, some neurons of one (``e[:100]``), or an assembly. State
        variables are absolute, as at the end of the last step. Collective.
        """
        self._require_open()
        parts = [self._neurons.get(view, name) for view in self.network.views(neurons)]
        return np.concatenate(parts)

    @collective("Simulation.set()")
    def set(self, neurons: Neurons, **values: Any) -> None:
        """Set state variables and parameters of neurons, from the next step on. Collective.

        values: by name, one number or an array with one per neuron; the same on every rank. Raises
        UsageError or NetworkError for what the model does not have or cannot have.
        """
        self._require_open()
        self.comm.require_same("Simulation.set", lambda: describe("values", dict(values)))
        for view in self.network.views(neurons):
            for name, given in values.items():
                self._set_one(view, name, self._neurons.values_for(view, name, given))

    def _set_one(self, view: PopulationView, name: str, values: np.ndarray) -> None:
        if name in view.population.model.states:
            self._neurons.set_state(view, name, values)
        elif name in parameters_of(view.population):
            self._neurons.set_parameter(view, name, values)
        else:
            raise unknown(view, name)

    @collective("Simulation.connections()")
    def connections(self, projection: Projection) -> Connections:
        """Return the synapses of a projection with their weights of now, on every rank. Collective."""
        self._require_open()
        return self._synapses.connections(self._own(projection))

    @collective("Simulation.weights()")
    def weights(self, projection: Projection) -> np.ndarray:
        """Return the weights of a projection, in the order of ``connections``, float64 [synapses].

        In the receptor's unit, on every rank. Collective.
        """
        self._require_open()
        return self._synapses.weights(self._own(projection))

    @collective("Simulation.set_weights()")
    def set_weights(self, projection: Projection, weights: float | np.ndarray) -> None:
        """Set the weights of a projection, in the order of ``connections``. Collective.

        weights: one number, or one per synapse; the same on every rank. They are stored as the
        projection's weights are: static ones as whole quanta. Raises UsageError for weights beyond the
        bounds that the projection was connected with.
        """
        self._require_open()
        self.comm.require_same("Simulation.set_weights", lambda: describe("weights", weights))
        self._synapses.set_weights(self._own(projection), weights)

    @collective("Simulation.learning()")
    def learning(self, is_on: bool, projection: Projection | None = None) -> None:
        """Switch learning on or off, of one projection or of all, from the next step on. Collective.

        Traces of spikes go on either way; weights are kept while learning is off.
        """
        self._require_open()
        flag("Simulation.learning: is_on", is_on, error=UsageError)
        chosen = None if projection is None else self._own(projection)
        for part in self._session.rank.plastic.parts:
            if chosen is None or part.projection is chosen:
                part.set_learning(is_on)

    @collective("Simulation.reset()")
    def reset(self) -> None:
        """Return to time 0 and the initial state. What was recorded is forgotten. Collective."""
        self._require_open()
        self._session.reset()

    @collective("Simulation.result()")
    def result(self) -> Result:
        """Return the result of all pieces since the beginning or the last reset. Collective."""
        self._require_open()
        return self._session.result()

    @property
    def digest(self) -> str:
        """The digest of spikes, synapses and state so far; "" on ranks other than 0. Collective."""
        return self.result().digest

    def close(self) -> None:
        """Release the communication resources; nothing can be run afterwards."""
        self._session.close()

    def _own(self, projection: Projection) -> Projection:
        if not any(own is projection for own in self.network.projections):
            limit = "what network.connect() returned"
            raise UsageError(must_be("Simulation: projection", limit, projection, "Give that."))
        return projection

    def _require_open(self) -> None:
        if not self._session.is_open:
            raise UsageError("Simulation: must be open, got a closed one. Make a new one.")


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
