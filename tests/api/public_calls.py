"""Everything that a user can import and call, found by looking, with one valid call of each."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

import distsnn
from distsnn import convnet, events, neurons, plasticity, stimuli, storage, traffic
from distsnn import network as net
from distsnn.chip import load_chip
from distsnn.comm.serial import SerialComm
from distsnn.liquid import liquid, parameters, presets
from distsnn.mapping import make_plan
from distsnn.running.synapses import Connections
from distsnn.storage import weights

# Rooms whose names a user imports.
ROOMS = (
    "distsnn", "distsnn.chip", "distsnn.convnet", "distsnn.events", "distsnn.liquid.liquid",
    "distsnn.liquid.parameters", "distsnn.liquid.presets", "distsnn.mapping", "distsnn.network",
    "distsnn.neurons", "distsnn.plasticity", "distsnn.player", "distsnn.rate_sweep",
    "distsnn.simulation",
    "distsnn.stimuli", "distsnn.storage", "distsnn.storage.weights", "distsnn.traffic",
)  # fmt: skip
# Rooms that those are made of, and the command line: what they are given has been checked.
INNER_ROOMS = (
    "__main__", "checks", "cli", "comm", "core", "equations", "errors", "faces", "forecast", "gallery",
    "input_files", "kernels", "mesh", "named_files", "networks", "outputs", "parameters",
    "random_streams", "report", "running", "slow_decay",
    "time_grid", "uncaught", "version",
)  # fmt: skip
# What calls return, and what is given only what other calls returned: nobody fills it by hand.
RETURNED = {
    "Activity", "ConvNetwork", "DrawnSynapses", "Features", "Footprint", "LayerLearner",
    "Link", "Machine",
    "MeshCounters", "MeshTraffic", "Modulation", "Plan", "Population", "Probe", "Progress",
    "Projection", "Response", "Result", "Slice", "StepTime", "Stimulus", "Sweep",
    "TrafficMatrix", "Training",
    "WeightProbe", "energy_of", "energy_report", "evaluate", "fill_run_folder", "fill_weights",
    "links_of", "matrix_report", "spread_around", "traffic_report", "without_recurrence",
    "write_run",
}  # fmt: skip
# Base classes that a user's own inherit from.
BASES = {"Input", "NeuronModel"}
# Classes that a user calls methods of: all public ones are tried.
WITH_METHODS = (
    distsnn.Network, distsnn.Result, distsnn.Events, distsnn.SimulatedCamera, distsnn.Simulation,
    Connections,
)  # fmt: skip
CLASS_METHODS = {
    "LogNormal.from_log": distsnn.LogNormal, "SpikeSource.from_file": distsnn.SpikeSource,
    "SpikeSource.from_nmnist": distsnn.SpikeSource, "TsodyksMarkram.liquid":
    plasticity.TsodyksMarkram, "Events.of": distsnn.Events,
}  # fmt: skip
# What a population can be part of.
OPERATORS = {
    "Population.__getitem__": net.Population.__getitem__,
    "Population.__add__": net.Population.__add__,
}


@dataclass
class Call:
    """valid: makes the arguments of a call that works. behave: uses what it returned."""

    called: Callable[..., Any]
    valid: Callable[[], dict[str, Any]] = dict
    words: dict[str, str] = field(default_factory=dict)
    behave: Callable[[Any], Any] = lambda returned: None
    unlike: tuple[str, ...] = ()  # values that are right for a user's own function


def found_names() -> Iterator[tuple[str, Any]]:
    """Yield everything callable that the rooms have, once, by its name."""
    seen: set[int] = set()
    for room in ROOMS:
        module = import_module(room)
        listed = getattr(module, "__all__", None)
        names = listed or [
            name
            for name, item in vars(module).items()
            if not name.startswith("_") and getattr(item, "__module__", "") == room
        ]
        for name in names:
            item = getattr(module, name)
            is_protocol = getattr(item, "_is_protocol", False)
            is_callable = inspect.isclass(item) or inspect.isroutine(item)
            if is_callable and not is_protocol and id(item) not in seen:
                seen.add(id(item))
                yield name, item
    for owner in WITH_METHODS:
        for name, item in vars(owner).items():
            if not name.startswith("_") and inspect.isfunction(item):
                yield f"{owner.__name__}.{name}", item
    yield from CLASS_METHODS.items()
    yield from OPERATORS.items()


def small() -> distsnn.Network:
    """A network of two populations with one plastic, rewarded and one static projection."""
    made = distsnn.Network(dt_ms=0.1)
    made.population("a", 4, neurons.LifDelta())
    made.population("s", 2, distsnn.SpikeSource([1.0], [0]))
    made.connect("a", "a", net.AllToAll(), weight=0.5, plasticity=plasticity.RewardStdp(1.0))
    made.connect("s", "a", net.AllToAll(), weight=1.0)
    return made


def with_lines() -> distsnn.Network:
    """A network whose source waits for recordings."""
    made = sized(None)
    made.population("s", 2, distsnn.SpikeSource([], [], n_sources=2))
    return made


def sized(target: Any, n: int = 4) -> distsnn.Network:
    """A network with ``n`` neurons of a model, or of the usual one."""
    made = distsnn.Network(dt_ms=1.0)
    made.population("p", n, target if hasattr(target, "states") else neurons.LifExp())
    return made


def as_model(model: Any) -> None:
    """Add neurons of a model."""
    sized(model)


def as_weight(values: Any) -> None:
    """Use a distribution as weight, delay and initial state; the second may be out of range."""
    made = sized(None)
    made.connect("p", "p", net.AllToAll(), weight=values)
    made.population("q", 2, neurons.LifExp(), initial={"v": values})
    values.quantiles(np.array([0.1, 0.9]))
    values.cdf(np.array([-1.0, 0.0, 1.0]))


def as_rule(rule: Any) -> None:
    """Connect by a rule."""
    made = sized(None)
    made.connect("p", "p", rule, weight=None if getattr(rule, "weights", None) is not None else 1.0)
    str(made)


def as_positions(layout: Any) -> None:
    """Place neurons, and connect them by distance."""
    made = distsnn.Network(dt_ms=1.0)
    made.population("p", 4, neurons.LifExp(), positions=layout)
    made.connect("p", "p", net.Distance(net.Disc(1.0)), weight=net.ByDistance(1.0, per=1.0))
    str(made)


def on_sheet(rule: Any, weight: Any = 1.0) -> None:
    """Connect neurons on a sheet."""
    made = distsnn.Network(dt_ms=1.0)
    made.population("p", 4, neurons.LifExp(), positions=net.Grid2D(1.0))
    made.connect("p", "p", rule, weight=weight)
    list(net.drawn_synapses(made))
    str(made)


def as_profile(profile: Any) -> None:
    """Connect by a profile."""
    on_sheet(net.Distance(profile))
    on_sheet(net.Distance(profile, in_degree=1))
    on_sheet(net.AllToAll(), net.ByDistance(profile=profile))


def as_pair_values(values: Any) -> None:
    """Use values by distance as a weight."""
    on_sheet(net.AllToAll(), values)


def as_learning(rule: Any) -> None:
    """Connect with a learning rule."""
    low, high = rule.weight_bounds or (0.5, 1.0)
    made = sized(None)
    made.connect("p", "p", net.AllToAll(), weight=0.5 * (low + high), plasticity=rule)


def as_stimulus(stimulus: Any) -> None:
    """Drive neurons."""
    sized(None).stimulate("p", stimulus)


def as_source(source: Any) -> None:
    """Play spikes."""
    distsnn.Network(dt_ms=1.0).population("s", source.n_sources, source)
    source.most_per_step(1.0)


def as_chip(chip: Any) -> None:
    """Plan a network on a chip."""
    make_plan(small(), chip)


def as_liquid(made: liquid.Liquid) -> None:
    """Describe the network, if it is small."""
    if made.n_neurons < 500 and made.n_channels < 500:
        made.network()


def on_liquid(part: Any) -> None:
    """Describe a liquid with other numbers."""
    column = part if isinstance(part, parameters.Column) else small_column()
    wiring = part if isinstance(part, parameters.InputWiring) else parameters.InputWiring()
    as_liquid(liquid.Liquid(column, wiring, 20))


def small_column() -> parameters.Column:
    """A column of few neurons."""
    return parameters.Column(grid=(3, 3, 3))


def one_step(duration: Any) -> None:
    """Nothing: the run is its own use."""


POINTS = np.stack(np.unravel_index(np.arange(4), (2, 2, 1)), axis=1)
WIRED = {"pre": [0, 1], "post": [1, 2]}


def seen() -> distsnn.Events:
    """A recording of four events."""
    two = np.array([0, 1, 2, 1])
    return distsnn.Events.of(np.arange(4) * 1000, two, two, np.array([True, False, True, True]))


def conv_layers() -> tuple[Any, ...]:
    """The layers of a small convolutional network."""
    return (convnet.ConvSettings("conv1", 4, 3), convnet.PoolSettings("pool1"))


_CACHE: dict[str, Any] = {}


def result() -> distsnn.Result:
    """What a short run gave."""
    if "result" not in _CACHE:
        made = small()
        made.record_weights(made.projections[0], every_ms=0.1)
        _CACHE["result"] = distsnn.simulate(made, duration_ms=1.0)
    return _CACHE["result"]


def bound(name: str, owner: Callable[[], Any]) -> Callable[..., Any]:
    """Return a function that calls the method of a new owner each time, with its signature."""
    first = getattr(owner(), name)

    def call(**arguments: Any) -> Any:
        return getattr(owner(), name)(**arguments)

    call.__signature__ = inspect.signature(first)  # type: ignore[attr-defined]
    return call


def modulated(**arguments: Any) -> Any:
    """Modulate a projection of a new network."""
    made = small()
    own = {"projection": made.projections[0], **arguments}
    return made.modulate(**own)


def weights_recorded(**arguments: Any) -> Any:
    """Record weights of a new network."""
    made = small()
    return made.record_weights(**{"projection": made.projections[0], **arguments})


def keeping(call: Callable[..., Any], method: Any, *own: str) -> Callable[..., Any]:
    """Give a call the signature of a method; ``own`` parameters are filled in by the call."""
    found = inspect.signature(method)
    kept = [one for name, one in found.parameters.items() if name != "self"]
    call.__signature__ = found.replace(parameters=kept)  # type: ignore[attr-defined]
    return call


def run(**arguments: Any) -> Any:
    """Run for one step what can be run at all."""
    return distsnn.simulate(**arguments)


def simulated() -> Callable[..., Any]:
    """``simulate`` with its options as parameters."""
    found = inspect.signature(distsnn.simulate)
    options = [
        inspect.Parameter(one.name, inspect.Parameter.KEYWORD_ONLY)
        for one in dataclasses.fields(distsnn.Settings)
    ]
    kept = [one for one in found.parameters.values() if one.name != "options"]
    run.__signature__ = found.replace(parameters=[*kept, *options])  # type: ignore[attr-defined]
    return run


def chip_parts() -> dict[str, Any]:
    """The fields of a chip that exists."""
    made = load_chip("truenorth")
    return {one.name: getattr(made, one.name) for one in dataclasses.fields(made)}


def matrix_path() -> dict[str, Any]:
    """A file of traffic in the current folder."""
    Path("traffic.csv").write_text("0, 1, 5\n")
    return {"path": "traffic.csv"}


def calls() -> dict[str, Call]:
    """Return a call for everything that needs arguments or is used in a way of its own."""
    models = {name: Call(model, behave=as_model) for name, model in neurons.all_models().items()}
    here = {"network": small(), "chip": load_chip("loihi")}
    path = {"path": "nowhere"}
    return {
        **models,
        "Compartment": Call(neurons.Compartment, lambda: {"name": "c"}),
        "LoihiCompartment": Call(neurons.LoihiCompartment, lambda: {"name": "c"}),
        "all_models": Call(neurons.all_models),
        "load_model": Call(neurons.load_model, lambda: {"path_or_name": "LifExp"},
                           {"path_or_name": "model"}),
        "Equations": Call(
            distsnn.Equations,
            lambda: {
                "text": "dv/dt = -v/tau", "threshold": "v > 1", "reset": "v = 0",
                "parameters": {"tau": 10.0},
            },
            {"text": "equations", "receptors": "receptor"},
            behave=as_model,
        ),
        "Constant": Call(net.Constant, lambda: {"value": 1.0}, behave=as_weight),
        "Uniform": Call(net.Uniform, lambda: {"low": 0.0, "high": 1.0}, behave=as_weight),
        "Normal": Call(net.Normal, lambda: {"mean": 1.0, "sd": 0.1}, behave=as_weight),
        "LogNormal": Call(net.LogNormal, lambda: {"mean": 1.0, "sd": 0.1}, behave=as_weight),
        "LogNormal.from_log": Call(net.LogNormal.from_log, lambda: {"mu": 0.0, "sigma": 0.1},
                                   behave=as_weight),
        "drawn_synapses": Call(lambda network: list(net.drawn_synapses(network)),
                               lambda: {"network": small()}, {"network": "network"}),
        "Gamma": Call(net.Gamma, lambda: {"mean": 1.0, "sd": 0.5}, behave=as_weight),
        "Shared": Call(net.Shared, lambda: {"draw": "r", "start": 0.0, "end": 1.0},
                       behave=as_weight),
        "AllToAll": Call(net.AllToAll, behave=as_rule),
        "OneToOne": Call(net.OneToOne, behave=as_rule),
        "FixedInDegree": Call(net.FixedInDegree, lambda: {"k": 2}, behave=as_rule),
        "FixedOutDegree": Call(net.FixedOutDegree, lambda: {"k": 2}, behave=as_rule),
        "FixedTotalNumber": Call(net.FixedTotalNumber, lambda: {"n": 2}, behave=as_rule),
        "FixedProbability": Call(net.FixedProbability, lambda: {"p": 0.5}, behave=as_rule),
        "PatchInDegree": Call(net.PatchInDegree, lambda: {"k": 2, "source_patches": [[0]]},
                              behave=as_rule),
        "ExplicitList": Call(net.ExplicitList, lambda: dict(WIRED), behave=as_rule),
        **of_space(),
        "DistanceDependent": Call(
            net.DistanceDependent,
            lambda: {"c": 0.5, "length": 1.0, "from_points": POINTS, "onto_points": POINTS},
            behave=as_rule,
        ),
        "PairStdp": Call(plasticity.PairStdp, lambda: {"w_max": 1.0}, behave=as_learning),
        "TripletStdp": Call(plasticity.TripletStdp, lambda: {"w_max": 1.0}, behave=as_learning),
        "Oja": Call(plasticity.Oja, lambda: {"w_max": 1.0}, behave=as_learning),
        "RewardStdp": Call(plasticity.RewardStdp, lambda: {"w_max": 1.0}, behave=as_learning),
        "SumOfProducts": Call(plasticity.SumOfProducts, lambda: {"rule": "dw = 2^-2*x1*y0"},
                              behave=as_learning),
        "TsodyksMarkram": Call(plasticity.TsodyksMarkram, behave=as_learning),
        "TsodyksMarkram.liquid": Call(plasticity.TsodyksMarkram.liquid,
                                      lambda: {"connection": "EE"}),
        "all_rules": Call(plasticity.all_rules),
        "load_rule": Call(plasticity.load_rule, lambda: {"path_or_name": "Oja"},
                          {"path_or_name": "rule"}),
        "Poisson": Call(stimuli.Poisson, lambda: {"rate_hz": 10.0, "weight": 1.0},
                        behave=as_stimulus),
        "Current": Call(stimuli.Current, lambda: {"pa": 1.0}, behave=as_stimulus),
        "SpikeSource": Call(stimuli.SpikeSource, lambda: {"times_ms": [1.0], "sources": [0]},
                            behave=as_source),
        "SpikeSource.from_file": Call(stimuli.SpikeSource.from_file, lambda: dict(path),
                                      {"path": "", "population": ""}),
        "SpikeSource.from_nmnist": Call(stimuli.SpikeSource.from_nmnist, lambda: dict(path),
                                        {"path": ""}),
        "poisson_thresholds": Call(stimuli.poisson_thresholds, lambda: {"mean": 1.0}),
        "Network": Call(net.Network, behave=lambda made: made.population("p", 2,
                                                                         neurons.LifExp())),
        "Network.expected_synapses": Call(bound("expected_synapses", small)),
        "Network.find": Call(bound("find", small), lambda: {"name": "a"}, {"name": "population"}),
        "Network.population": Call(
            bound("population", small),
            lambda: {"name": "new", "size": 4, "model": neurons.LifExp()},
        ),
        "Network.connect": Call(
            bound("connect", small),
            lambda: {"source": "a", "target": "a", "rule": net.AllToAll(), "weight": 0.5},
            {"source": "population", "target": "population"},
        ),
        "Network.modulate": Call(
            keeping(modulated, net.Network.modulate),
            lambda: {"source": "s", "amount": 1.0, "delay_ms": 1.0},
            {"source": "population"},
        ),
        "Network.record_weights": Call(
            keeping(weights_recorded, net.Network.record_weights), lambda: {"every_ms": 0.1}
        ),
        "Network.stimulate": Call(
            bound("stimulate", small),
            lambda: {"target": "a", "what": stimuli.Poisson(10.0, 1.0)},
            {"target": "population"},
        ),
        "Network.record": Call(bound("record", small), lambda: {"population": "a",
                                                                "variable": "v"}),
        "Network.record_spikes": Call(bound("record_spikes", small), lambda: {"population": "a"}),
        "Network.records_spikes": Call(bound("records_spikes", small), lambda: {"population": "a"}),
        "Settings": Call(distsnn.Settings),
        "simulate": Call(simulated(), lambda: {"network": small(), "duration_ms": 0.1},
                         unlike=("progress = class",)),
        "Result.sample_times": Call(
            bound("sample_times", result), lambda: {"population": "a", "variable": "v"}
        ),
        "Result.weight_errors": Call(bound("weight_errors", result)),
        "Result.spikes": Call(bound("spikes", result), lambda: {"population": "a"}),
        "Result.spike_steps": Call(bound("spike_steps", result), lambda: {"population": "a"}),
        "Result.statistics": Call(bound("statistics", result), lambda: {"population": "a"}),
        "Result.weights": Call(
            bound("weights", result), lambda: {"projection": result().network.projections[0]}
        ),
        "Player": Call(
            distsnn.Player,
            lambda: {"network": with_lines(), "source": "s", "n_steps": 10, "most_input": 2,
                     "settings": distsnn.Settings(), "comm": SerialComm()},
            {"source": ""},
        ),
        "Recording": Call(
            distsnn.Recording,
            lambda: {"step": np.array([0]), "line": np.array([0]), "n_steps": 5},
        ),
        "start": Call(distsnn.start, words={"n_ranks": "ranks"}),
        "sweep": Call(distsnn.sweep, lambda: {"network": small(), "settings": distsnn.Settings(),
                                              "comm": SerialComm(), "rates_hz": []},
                      unlike=("rates_hz = list", "rates_hz = pair", "rates_hz = matrix",
                              "say = class")),
        "poisson_copy": Call(import_module("distsnn.rate_sweep").poisson_copy,
                             lambda: {"network": small(), "rate_hz": 10.0}),
        "make_plan": Call(make_plan, lambda: dict(here)),
        "Chip": Call(distsnn.Chip, chip_parts, behave=as_chip),
        "load_chip": Call(load_chip, lambda: {"name_or_path": "loihi"}, {"name_or_path": "chip"}),
        "known_chips": Call(import_module("distsnn.chip").known_chips),
        "Limits": Call(import_module("distsnn.chip").Limits, lambda: {"neurons_per_core": 8}),
        "SynapseFormat": Call(
            import_module("distsnn.chip").SynapseFormat,
            lambda: {"weight_bits": 8, "block_synapses": 4, "block_overhead_bits": 0,
                     "word_bits": 64},
        ),
        "EventEnergy": Call(import_module("distsnn.chip").EventEnergy),
        "EventTime": Call(import_module("distsnn.chip").EventTime),
        "account": Call(
            traffic.account,
            lambda: {"chip": load_chip("loihi"), "traffic": traffic.TrafficMatrix.from_array(
                np.zeros((load_chip("loihi").n_cores,) * 2, np.int64))},
        ),
        "account_matrix_file": Call(traffic.account_matrix_file, matrix_path, {"path": ""}),
        "read_matrix_file": Call(traffic.read_matrix_file, lambda: {**path, "n_cores": 4},
                                 {"path": "", "n_cores": ""}),
        "load_spikes": Call(storage.load_spikes, lambda: dict(path), {"path": ""}),
        "load_counters": Call(storage.load_counters, lambda: dict(path), {"path": ""}),
        "load_traces": Call(storage.load_traces, lambda: dict(path), {"path": ""}),
        "load_weights": Call(weights.load_weights, lambda: dict(path),
                             {"path": "", "projection": ""}),
        "synapses_from": Call(weights.synapses_from, lambda: dict(path),
                              {"path": "", "projection": ""}),
        "save_weights": Call(weights.save_weights, lambda: {"result": result(), **path},
                             {"path": ""}),
        **of_simulations(),
        **of_events(path),
        **of_liquids(),
        **of_convnets(path),
    }  # fmt: skip


def of_space() -> dict[str, Call]:
    """Calls of positions, profiles and what depends on the distance."""
    return {
        "Grid1D": Call(net.Grid1D, behave=as_positions),
        "Grid2D": Call(net.Grid2D, behave=as_positions),
        "Grid3D": Call(net.Grid3D, lambda: {"shape": (1, 2, 2)}, behave=as_positions),
        "RandomPositions": Call(net.RandomPositions, behave=as_positions),
        "GivenPositions": Call(net.GivenPositions, lambda: {"points": [0.1, 0.2, 0.3, 0.4]},
                               behave=as_positions),
        "Gaussian": Call(net.Gaussian, lambda: {"sd": 0.1}, behave=as_profile),
        "Exponential": Call(net.Exponential, lambda: {"length": 0.1}, behave=as_profile),
        "Disc": Call(net.Disc, lambda: {"radius": 0.1}, behave=as_profile),
        "SampledProfile": Call(net.SampledProfile, lambda: {
            "distances": [0.1, 0.2], "values": [1.0, 0.0]}, behave=as_profile),
        "Distance": Call(net.Distance, lambda: {"profile": net.Disc(0.8)}, behave=on_sheet),
        "ByDistance": Call(net.ByDistance, lambda: {"base": 1.0, "profile": net.Disc(0.8)},
                           behave=as_pair_values),
    }  # fmt: skip


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


def chosen(key: Any) -> Any:
    """Index a population, and join what was chosen with another one."""
    return small().find("a")[key]


def joined(other: Any) -> Any:
    """Join a population with something."""
    made = small()
    return made.find("a") + (made.find("s") if isinstance(other, str) and other == "s" else other)


def values_set(neurons: Any, v: Any, tau_m_ms: Any, rate_hz: Any) -> None:
    """Set a state variable, a parameter and an input, and run."""
    made = simulation()
    made.set(neurons, v=v, tau_m_ms=tau_m_ms, rate_hz=rate_hz)
    made.run(0.1)


def synapses() -> Connections:
    """The synapses of the first projection of the simulation."""
    if "synapses" not in _CACHE:
        made = simulation()
        _CACHE["synapses"] = made.connections(made.network.projections[0])
    return _CACHE["synapses"]


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
    return {
        **{f"Simulation.{name}": call for name, call in methods.items()},
        **{
            f"Connections.{name}": Call(bound(name, synapses))
            for name in ("in_degrees", "out_degrees", "matrix")
        },
        "Population.__getitem__": Call(chosen, lambda: {"key": 0}, {"key": "index"}),
        "Population.__add__": Call(joined, lambda: {"other": "s"}, {"other": "assembly"}),
    }


def of_events(path: dict[str, Any]) -> dict[str, Call]:
    """Calls of event cameras."""
    one = {"t_us": [0, 5], "x": [0, 1], "y": [0, 1], "on": [True, False]}
    frames = {"frames": np.zeros((2, 3, 4)), "times_us": [0.0, 1000.0]}
    return {
        "Events": Call(distsnn.Events, lambda: {
            "t_us": np.array([0, 5]), "x": np.array([0, 1], np.uint16),
            "y": np.array([0, 1], np.uint16), "on": np.array([True, False]), "width": 2,
            "height": 2}, dict.fromkeys((*one, "width", "height"), "events")),
        "Events.of": Call(distsnn.Events.of, lambda: dict(one),
                          {"width": "pixel", "height": "pixel"}),
        "Events.chosen": Call(bound("chosen", seen), lambda: {"which": np.array([0])},
                              {"which": "events"}),
        "Events.between": Call(bound("between", seen), lambda: {"start_ms": 0, "stop_ms": 2.0},
                               {"start_ms": "ms", "stop_ms": "ms"}),
        "Events.cropped": Call(bound("cropped", seen),
                               lambda: {"x": 0, "y": 0, "width": 2, "height": 2},
                               dict.fromkeys(("x", "y", "width", "height"), "events")),
        "Events.thinned": Call(bound("thinned", seen)),
        "Events.n_channels": Call(bound("n_channels", seen)),
        "Events.channels": Call(bound("channels", seen)),
        "Events.of_polarity": Call(bound("of_polarity", seen), lambda: {"polarity": "on"}),
        "Events.steps": Call(bound("steps", seen), lambda: {"dt_ms": 1.0}),
        "SimulatedCamera": Call(distsnn.SimulatedCamera,
                                behave=lambda made: made.see(**frames)),
        "SimulatedCamera.see": Call(bound("see", distsnn.SimulatedCamera), lambda: dict(frames),
                                    {"times_us": "times"}),
        "read_events": Call(events.read_events, lambda: dict(path), {"path": "", "form": ""}),
        "read_frames": Call(events.read_frames, lambda: dict(path), {"path": ""}),
        "read_picture": Call(events.read_picture, lambda: dict(path), {"path": ""}),
        "write_events": Call(events.write_events, lambda: {"events": seen(), "path": "new.csv"},
                             {"path": ""}),
        "draw_events": Call(events.draw_events, lambda: {"events": seen(), "path": "new.png"},
                            {"path": ""}),
        "moved": Call(events.moved, lambda: {"picture": np.zeros((3, 4)), "n_frames": 2,
                                             "pixels_x": 1.0, "pixels_y": 0.0},
                      {"n_frames": "frames", "pixels_x": "pixels", "pixels_y": "pixels"}),
    }  # fmt: skip


def of_liquids() -> dict[str, Call]:
    """Calls of liquids."""
    parts = {"column": small_column(), "wiring": parameters.InputWiring()}
    return {
        "Column": Call(parameters.Column, lambda: {"grid": (3, 3, 3)}, behave=on_liquid),
        "InputWiring": Call(parameters.InputWiring, behave=on_liquid),
        "ReadoutTimes": Call(parameters.ReadoutTimes),
        "Preset": Call(parameters.Preset, lambda: {**parts, "times": parameters.ReadoutTimes()}),
        "Liquid": Call(liquid.Liquid, lambda: {**parts, "n_channels": 20}, behave=as_liquid),
        "preset": Call(presets.preset, lambda: {"name": "sounds"}, {"name": "preset"}),
        "with_settings": Call(presets.with_settings, lambda: {
            "base": presets.preset("sounds"), "settings": {}}, {"settings": "setting"}),
    }  # fmt: skip


def of_convnets(path: dict[str, Any]) -> dict[str, Call]:
    """Calls of convolutional networks."""
    return {
        "ConvSettings": Call(convnet.ConvSettings, lambda: {"name": "c", "maps": 4, "kernel": 3}),
        "PoolSettings": Call(convnet.PoolSettings, lambda: {"name": "p"}),
        "InputSettings": Call(convnet.InputSettings),
        "SvmSettings": Call(convnet.SvmSettings),
        "SdnnSettings": Call(convnet.SdnnSettings, lambda: {
            "title": "t", "layers": conv_layers(), "readouts": {"r": "pool1 1x1"}}),
        "ImageSet": Call(convnet.ImageSet, lambda: {
            "images": np.zeros((2, 3, 3), np.uint8), "labels": np.array([0, 1]),
            "classes": ("a", "b"), "source": "here"}),
        "load_images": Call(convnet.load_images, lambda: {**path, "part": "train"},
                            {"path": "", "part": "", "size": ""}),
        "load_preset": Call(convnet.load_preset, lambda: {"name": convnet.preset_names()[0]},
                            {"name": ""}),
        "load_trained": Call(convnet.load_trained, lambda: dict(path), {"path": ""}),
        "override": Call(convnet.override, lambda: {
            "settings": convnet.load_preset(convnet.preset_names()[0]), "changes": []},
            {"changes": "--set"}),
        "preset_names": Call(convnet.preset_names),
    }  # fmt: skip
