"""From a running network to the next one: what it leaves, and how the next one takes it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.pynn.populations import Population
from distsnn.pynn.running.carrying import NO_SPIKES, SILENT_STEPS, Carried, UnderWay, arrivals
from distsnn.pynn.running.description import Description, Wired
from distsnn.pynn.running.inputs import Inputs
from distsnn.pynn.running.readings import Readings
from distsnn.simulation import Simulation
from distsnn.time_grid import nearest_steps

# Of cells that know no refractory time (Izhikevich): far from a spike, in mV.
REST = {"v": -70.0}


@dataclass(eq=False)
class Parts:
    """The parts of a running network.

    began_at: the step at which it was built. n_before: how many networks there were before in the
    segment. came_with: the spikes that were under way then.
    """

    description: Description
    simulation: Simulation
    inputs: Inputs
    readings: Readings
    began_at: int
    n_before: int
    came_with: list[UnderWay]


def states_of(
    simulation: Simulation, description: Description, p: Population
) -> dict[str, np.ndarray]:
    """Return the state variables of the model of a population. Collective."""
    engine = description.engine_of(p)
    return {name: simulation.get(engine, name) for name in engine.model.states}


def go_to_now(simulation: Simulation, description: Description, carried: Carried) -> None:
    """Let the spikes that are under way begin, and give all cells their states. Collective."""
    cells = description.neurons()
    # New cells begin as described, once the step before now has passed.
    begins = {p.index: states_of(simulation, description, p) for p in cells}
    for population in cells:
        has_refractory = "refractory" in begins[population.index]
        silent = {"refractory": SILENT_STEPS} if has_refractory else REST
        simulation.set(description.engine_of(population), **silent)
    # This step takes the spikes that are under way into the delays of the new network.
    simulation.run(description.network.dt_ms)
    simulation.clear()
    for population in cells:
        states = carried.states.get(population.index, begins[population.index])
        simulation.set(description.engine_of(population), **states)
    for wired in description.wired:
        weights = carried.weights.get(wired.projection.index)
        if weights is not None:
            simulation.set_weights(wired.engine, weights[wired.places] * wired.scale)


def leave(parts: Parts) -> Carried:
    """Return what the next network needs to go on from here. Collective."""
    state, description = parts.description.state, parts.description
    require_carriable(parts)
    parts.readings.collect()
    carried = Carried(
        state.n_steps, parts.n_before + 1, len(description.populations), parts.inputs.given
    )
    for population in description.neurons():
        carried.states[population.index] = states_of(parts.simulation, description, population)
    for projection in dict.fromkeys(wired.projection for wired in description.wired):
        if projection.synapse_type.changes_weights:
            carried.weights[projection.index] = projection.column("weight")
    for wired in description.wired:
        carried.under_way += under_way(parts, wired)
    # What was under way before, and still is.
    elapsed = state.n_steps - parts.began_at
    carried.under_way += [spikes.after(elapsed) for spikes in parts.came_with]
    return carried


def under_way(parts: Parts, wired: Wired) -> list[UnderWay]:
    """Return the spikes of a part of a projection that have not arrived. Collective."""
    now, handed = parts.description.state.n_steps, parts.inputs.given.handed
    spikes = parts.readings.recent.get(wired.source, NO_SPIKES)
    if wired.source in handed:
        # A spike at the end of a step is one of that step.
        ends, cells = handed[wired.source]
        is_new = (ends > parts.began_at) & (ends <= now)
        spikes = ends[is_new] - 1, cells[is_new]
    if not spikes[0].size:
        return []
    synapses = parts.simulation.connections(wired.engine)
    delays = nearest_steps(synapses.delays_ms, parts.description.state.dt).astype(np.int64)
    chosen, left = arrivals(spikes, synapses.pre, delays, now)
    if not chosen.size:
        return []
    rule = wired.engine.plasticity
    # Learning needs the cell before the synapse; releasing at random does not.
    rule = None if rule is None or rule.changes_weights else rule
    post, weights = synapses.post[chosen], synapses.weights[chosen]
    return [UnderWay(wired.target, wired.receptor, rule, post, weights, left)]


def require_carriable(parts: Parts) -> None:
    """Raise NotImplementedError for synapses with a state of their own, which would be lost."""
    now_ms = parts.description.state.t
    for projection in [wired.projection for wired in parts.description.wired]:
        # Facilitation and depression go on between spikes and cannot be read.
        if projection.synapse_type.has_state:
            raise NotImplementedError(
                f"{projection.label}: cells, synapses, larger weights, delays, recordings and "
                "electrodes must be given before the first run or after a reset(), got some at "
                f"{now_ms} ms. Synapses of {type(projection.synapse_type).__name__} cannot be "
                "carried over."
            )
