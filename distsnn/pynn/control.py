"""Setting up, running and asking for the state of the simulation."""

from __future__ import annotations

from typing import Any

from pyNN import common
from pyNN.common.control import DEFAULT_MIN_DELAY, DEFAULT_TIMESTEP
from pyNN.recording import get_io

from distsnn.pynn import simulator
from distsnn.pynn.limits import require_time
from distsnn.pynn.running.engine import running_engine

state = simulator.state
state.make_engine = running_engine


def setup(
    timestep: float = DEFAULT_TIMESTEP, min_delay: Any = DEFAULT_MIN_DELAY, **extra_params: Any
) -> int:
    """Forget what was described before and begin anew; return the number of this rank.

    timestep, min_delay, max_delay: in ms. rng_seed: of everything that distsnn draws (42). Parameters
    that other simulators know have no effect, as PyNN has it.
    """
    require_time("setup.timestep", timestep, above=0.0)
    common.setup(timestep, min_delay, **extra_params)
    state.clear()
    state.dt = float(timestep)
    state.given_min_delay = min_delay
    state.given_max_delay = extra_params.get("max_delay", simulator.AUTO)
    state.seed = int(extra_params.get("rng_seed", simulator.DEFAULT_SEED))
    return rank()


def end(compatible_output: bool = True) -> None:
    """Write what ``record`` was given files for. Collective."""
    # The list is emptied first: PyNN scripts may call this twice.
    to_write, state.write_on_end = state.write_on_end, []
    for population, variables, filename in to_write:
        population.write_data(get_io(filename), variables)
    if state.engine is not None:
        state.engine.collect()


# PyNN makes these from the state, which runs and counts the time.
_run, _run_until = common.build_run(simulator)
reset = common.build_reset(simulator)
initialize = common.initialize
get_current_time, get_time_step, get_min_delay, get_max_delay, _, rank = common.build_state_queries(
    simulator
)


def run(simtime: float, callbacks: Any = None) -> float:
    """Run for a time in ms, and return the time. Collective.

    callbacks: functions of the time that return when they are to be called next. Raises PyNN's
    InvalidParameterValueError for what is no time.
    """
    require_time("run.simtime", simtime)
    return float(_run(simtime, callbacks))


run_for = run


def run_until(time_point: float, callbacks: Any = None) -> float:
    """Run until a time in ms, and return it. Collective. callbacks: see ``run``."""
    require_time("run_until.time_point", time_point)
    return float(_run_until(time_point, callbacks))


def num_processes() -> int:
    """Return the number of ranks."""
    return state.n_ranks
