"""Everything that a user can import and call, found by looking."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import distsnn
from distsnn import network as net
from distsnn import plasticity
from distsnn.running.session import ReplacedInputs
from distsnn.running.synapses import Connections

# Rooms whose names a user imports.
ROOMS = (
    "distsnn", "distsnn.chip", "distsnn.convnet", "distsnn.events", "distsnn.liquid.liquid",
    "distsnn.liquid.parameters", "distsnn.liquid.presets", "distsnn.mapping", "distsnn.network",
    "distsnn.nir",
    "distsnn.homeostasis", "distsnn.neurons", "distsnn.plasticity", "distsnn.player",
    "distsnn.rate_sweep", "distsnn.simulation", "distsnn.sonata",
    "distsnn.stimuli", "distsnn.storage", "distsnn.storage.weights", "distsnn.traffic",
)  # fmt: skip
# Rooms that those are made of, and the command line: what they are given has been checked.
INNER_ROOMS = (
    "__main__", "checks", "cli", "comm", "core", "equations", "errors", "faces", "forecast", "gallery",
    "input_files", "kernels", "mesh", "named_files", "networks", "outputs", "parameters",
    "pynn",
    "random_streams", "report", "running", "slow_decay",
    "time_grid", "uncaught", "version",
)  # fmt: skip
# What calls return, and what is given only what other calls returned: nobody fills it by hand.
RETURNED = {
    "Activity", "ConvNetwork", "Cost", "DrawnSynapses", "Features", "Footprint", "LayerLearner",
    "Labelled", "Link", "Machine", "MeshCounters", "MeshTraffic", "Modulation", "NirNetwork",
    "Outputs", "Plan", "Played", "Population", "Probe", "Progress", "Projection", "Response",
    "SonataConfig", "SonataNetwork", "write_outputs",
    "Result", "ScaledProjection", "Slice", "StepTime", "Stimulus", "Sweep",
    "TrafficMatrix", "Training",
    "WeightLoss", "WeightProbe",
    "energy_of", "energy_report", "evaluate", "fill_run_folder", "fill_weights",
    "links_of", "matrix_report", "mean_cost", "spread_around", "traffic_report",
    "without_recurrence",
    "write_run",
}  # fmt: skip
# Base classes that a user's own inherit from.
BASES = {"Input", "NeuronModel"}
# Classes that a user calls methods of: all public ones are tried.
WITH_METHODS = (
    distsnn.Network, distsnn.Result, distsnn.Events, distsnn.SimulatedCamera, distsnn.Simulation,
    Connections, ReplacedInputs,
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
