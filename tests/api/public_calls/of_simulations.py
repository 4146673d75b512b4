"""Calls of what is built once and run in pieces, and of the neurons and synapses in it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import distsnn
from distsnn import stimuli
from distsnn.running.synapses import Connections
from public_calls.call import Call, bound, keeping
from public_calls.objects import small


def simulation() -> distsnn.Simulation:
    """A simulation of the small network, whose rates can be set."""
    made = small()
    made.stimulate("a", stimuli.Poisson(rate_hz=10.0, weight=1.0))
    return distsnn.Simulation(made)


def of_projection(name: str) -> Callable[..., Any]:
    """A method that takes a projection of the simulation whose it is."""

    def call(**arguments: Any) -> Any:
        made = simulation()
        own = {"projection": made.network.projections[0], **arguments}
        return getattr(made, name)(**own)

    return keeping(call, getattr(distsnn.Simulation, name))


def values_set(neurons: Any, v: Any, tau_m_ms: Any, rate_hz: Any) -> None:
    """Set a state variable, a parameter and an input, and run."""
    made = simulation()
    made.set(neurons, v=v, tau_m_ms=tau_m_ms, rate_hz=rate_hz)
    made.run(0.1)


def played() -> distsnn.Simulation:
    """A simulation with a population of given spikes."""
    made = small()
    made.population("given", 2, distsnn.SpikeSource([0.5], [1]))
    return distsnn.Simulation(made)


def with_current(what: Any) -> None:
    """Replace the current of a simulation by another, and run."""
    made = small()
    stimulus: Any = made.stimulate("a", distsnn.Current(1.0))
    running = distsnn.Simulation(made)
    running.set_input(stimulus, what)
    running.run(0.1)


input_set = keeping(with_current, with_current)


@cache
def synapses() -> Connections:
    """The synapses of the first projection of the simulation."""
    made = simulation()
    return made.connections(made.network.projections[0])


def of_simulations() -> dict[str, Call]:
    """Calls of what is built once and run in pieces, and of the neurons and synapses in it."""
    whose = {"neurons": "population"}  # what messages call it
    methods = {
        "run": Call(bound("run", simulation), lambda: {"duration_ms": 0.1},
                    unlike=("progress = class",)),
        "every": Call(bound("every", simulation), lambda: {"interval_ms": 0.1, "function": print}),
        "get": Call(bound("get", simulation), lambda: {"neurons": "a", "name": "v"}, whose),
        "set": Call(values_set, lambda: {"neurons": "a", "v": 1.0, "tau_m_ms": 10.0,
                                         "rate_hz": 10.0}, whose),
        "spike_counts": Call(bound("spike_counts", simulation), lambda: {"neurons": "a"}, whose),
        "connections": Call(of_projection("connections")),
        "weights": Call(of_projection("weights")),
        "set_weights": Call(of_projection("set_weights"), lambda: {"weights": 0.5}),
        "learning": Call(bound("learning", simulation), lambda: {"is_on": False}),
        "reset": Call(bound("reset", simulation)),
        "clear": Call(bound("clear", simulation)),
        "result": Call(bound("result", simulation)),
    }  # fmt: skip
    replaced = {
        "set_spikes": Call(bound("set_spikes", played),
                           lambda: {"population": "given", "times_ms": [0.5], "sources": [0]},
                           {"population": "population"}),
        "set_input": Call(input_set, lambda: {"what": distsnn.Current(1.0)}),
    }  # fmt: skip
    return {
        **{f"ReplacedInputs.{name}": call for name, call in replaced.items()},
        **{f"Simulation.{name}": call for name, call in methods.items()},
        **{
            f"Connections.{name}": Call(bound(name, synapses))
            for name in ("in_degrees", "out_degrees", "matrix")
        },
    }
