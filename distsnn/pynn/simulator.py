"""The state of the backend, of which there is one at a time, as PyNN's common code expects it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from pyNN import common

from distsnn.comm import Comm, start


class RunningNetwork(Protocol):
    """What the state asks of the network that runs. All methods are collective."""

    def run(self, end: int) -> None:
        """Run until a step."""

    def reset(self) -> None:
        """Return to time 0."""

    def collect(self) -> None:
        """Fetch what was recorded."""

    def close(self) -> None:
        """Release what the network holds."""

    def weights(self, projection: Any) -> np.ndarray:
        """Return the weights of now, in PyNN's unit."""


name = "distsnn"
DEFAULT_SEED = 42
AUTO = "auto"


class ID(int, common.IDMixin):  # type: ignore[misc]
    """The number of a cell among all cells."""

    def __init__(self, n: int) -> None:
        """n: the number."""
        int.__init__(n)
        common.IDMixin.__init__(self)


class State(common.control.BaseState):  # type: ignore[misc]
    """What has been described so far, and the running network once there is one.

    Every rank describes all cells and synapses, with the values of rank 0. To PyNN's common code there
    is one process, which has everything: num_processes is 1, and n_ranks says how many there are.
    """

    num_processes = 1

    def __init__(self) -> None:
        super().__init__()
        self._comm: Comm | None = None
        self.engine: RunningNetwork | None = None
        # Makes the network, or another if what was described has changed; set in ``control``.
        self.make_engine: Callable[[State], RunningNetwork] | None = None
        self.dt = 0.1
        self.seed = DEFAULT_SEED
        self.given_min_delay: Any = AUTO
        self.given_max_delay: Any = AUTO
        self.clear()

    @property
    def comm(self) -> Comm:
        """The ranks, which MPI is started for when they are first asked for."""
        if self._comm is None:
            self._comm = start()
        return self._comm

    @property
    def mpi_rank(self) -> int:
        """Number of this rank."""
        return self.comm.rank

    @property
    def n_ranks(self) -> int:
        """Number of ranks."""
        return self.comm.n_ranks

    @property
    def t(self) -> float:
        """Simulated time in ms."""
        # Without the rounding, 3 steps of 0.1 ms are 0.30000000000000004 ms.
        return round(self.n_steps * self.dt, 9)

    @property
    def min_delay(self) -> float:
        """The shortest delay: as given to ``setup``, else that of all synapses."""
        if self.given_min_delay != AUTO:
            return float(self.given_min_delay)
        return min((p.delay_range[0] for p in self.projections if len(p)), default=self.dt)

    @property
    def max_delay(self) -> float:
        """The longest delay: as given to ``setup``, else that of all synapses."""
        if self.given_max_delay != AUTO:
            return float(self.given_max_delay)
        return max((p.delay_range[1] for p in self.projections if len(p)), default=self.dt)

    @property
    def least_delay(self) -> float:
        """The delay of synapses for which none is given."""
        return self.dt if self.given_min_delay == AUTO else float(self.given_min_delay)

    def clear(self) -> None:
        """Forget everything that has been described."""
        self.close()
        self.recorders: set[Any] = set()
        self.write_on_end: list[Any] = []
        self.populations: list[Any] = []
        self.projections: list[Any] = []
        self.current_sources: list[Any] = []
        self.id_counter = 0
        self.segment_counter = 0
        self.running = False
        self.t_start = 0
        self.n_steps = 0

    def close(self) -> None:
        """Close the running network, after its recordings have been fetched."""
        if self.engine is not None:
            self.engine.close()
            self.engine = None

    def run_until(self, time_ms: float) -> None:
        """Run until a time, in ms, to the nearest step. Collective."""
        self.running = True
        end = round(time_ms / self.dt)
        if self.make_engine is None:
            raise RuntimeError("distsnn.pynn.control must be imported first")
        if not self.populations:
            # Time passes without cells too.
            self.n_steps = max(self.n_steps, end)
            return
        engine = self.engine = self.make_engine(self)
        # PyNN allows a run to now, which does nothing.
        if end > self.n_steps:
            engine.run(end)
            self.n_steps = end

    def run(self, duration_ms: float) -> None:
        """Run for a time in ms. Collective."""
        self.run_until(self.t + duration_ms)

    def reset(self) -> None:
        """Return to time 0, in a new segment of the recordings. Collective."""
        self.running = False
        self.n_steps = 0
        self.segment_counter += 1
        if self.engine is not None:
            self.engine.reset()

    def together(self, value: Any) -> Any:
        """Return the value that rank 0 has, on every rank. Collective."""
        return value if self.n_ranks == 1 else self.comm.broadcast(value)

    def population_of(self, ids: np.ndarray) -> np.ndarray:
        """Return the index of the population of each cell, int64."""
        # The numbers of the cells of a population are consecutive.
        firsts = np.array([int(population.first_id) for population in self.populations])
        return np.asarray(np.searchsorted(firsts, ids, side="right") - 1)


state = State()
