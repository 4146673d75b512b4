"""Runs a network: in one call, or built once and run in pieces.

``simulate(network, duration_ms=...)`` runs a network. ``Simulation(network)`` builds it, and then runs
it any number of times, with its state, parameters, rates and weights to be read and set in between.
Under ``mpirun`` every rank makes the same calls, and rank 0 gets the results.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

from distsnn.comm import Comm, collective, start
from distsnn.errors import UsageError
from distsnn.network import Network
from distsnn.running.result import Result
from distsnn.running.session import Progress, Session
from distsnn.running.settings import Settings, call_settings, require_network
from distsnn.running.stepping import run_steps_of
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

    @property
    def time_ms(self) -> float:
        """Simulated time since the beginning or the last reset, in ms."""
        return self._session.rank.t * self.network.dt_ms

    @collective("Simulation.run()")
    def run(self, duration_ms: float, progress: Progress | None = None) -> Simulation:
        """Run for ``duration_ms``, a positive multiple of the time step; return the simulation.

        Collective. progress(step, n_steps) is called on rank 0 about twice a second. Raises
        SimulationError if a state becomes infinite or NaN.
        """
        self._require_open()
        require_network("Simulation.run", self.network, None, progress)
        before = self._session.rank.t
        n_steps = given_steps(
            "Simulation.run: duration_ms", duration_ms, self.network.dt_ms, 1,
            MAX_RUN_STEPS - before, error=UsageError,
        )  # fmt: skip
        self.comm.require_same("Simulation.run", lambda: [("duration", f"{n_steps} steps")])
        self._session.run(n_steps, progress)
        return self

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
    progress: Progress | None = None,
    **options: Any,
) -> Result:
    """Run a network and return its result. Collective under MPI.

    duration_ms: a positive multiple of the network's time step. options: fields of ``Settings`` by
    name, instead of settings (``chip="truenorth"``). progress(step, n_steps) is called on rank 0 about
    twice a second. Raises UsageError for invalid arguments, CapacityError if the network does not fit,
    SimulationError if a state becomes infinite or NaN.
    """
    require_network("simulate", network, comm, progress)
    settings = call_settings(settings, options)
    n_steps = run_steps_of(duration_ms, network.dt_ms)
    settings.loaded_chip()  # what is wrong with it is said before anything is built
    session = Session(network, n_steps, settings, comm or start())
    try:
        session.run(n_steps, progress)
        return session.result()
    finally:
        session.close()  # also after an error that the caller catches
