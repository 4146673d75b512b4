"""Calls of runs and their results."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

import distsnn
from distsnn import storage
from distsnn.comm.serial import SerialComm
from distsnn.storage import weights
from public_calls.call import Call, bound, with_options
from public_calls.objects import result, small, with_lines


def run(**arguments: Any) -> Any:
    """Run for one step what can be run at all."""
    return distsnn.simulate(**arguments)


def built(**arguments: Any) -> None:
    """Build a simulation and close it."""
    distsnn.Simulation(**arguments).close()


def close_figure(axes: Any) -> None:
    """Close the figure that a plot has made."""
    import_module("matplotlib.pyplot").close(axes.figure)


def of_runs() -> dict[str, Call]:
    """Calls of what runs a network."""
    return {
        "Settings": Call(distsnn.Settings),
        "Simulation": Call(with_options(built, distsnn.Simulation), lambda: {"network": small()}),
        "simulate": Call(with_options(run, distsnn.simulate),
                         lambda: {"network": small(), "duration_ms": 0.1},
                         unlike=("progress = class",)),
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
    }  # fmt: skip


def of_results() -> dict[str, Call]:
    """Calls of results and of their files."""
    path = {"path": "nowhere"}
    return {
        "Result.sample_times": Call(
            bound("sample_times", result), lambda: {"population": "a", "variable": "v"}
        ),
        "Result.weight_errors": Call(bound("weight_errors", result)),
        "Result.account": Call(bound("account", result)),
        "Result.energy": Call(bound("energy", result)),
        "Result.packets_between_cores": Call(bound("packets_between_cores", result)),
        "Result.spikes": Call(bound("spikes", result), lambda: {"population": "a"}),
        "Result.spike_steps": Call(bound("spike_steps", result), lambda: {"population": "a"}),
        "Result.statistics": Call(bound("statistics", result), lambda: {"population": "a"}),
        "Result.trace": Call(bound("trace", result), lambda: {"population": "a", "variable": "v"}),
        "Result.to_dataframe": Call(bound("to_dataframe", result)),
        "Result.to_xarray": Call(bound("to_xarray", result)),
        "Result.to_neo": Call(bound("to_neo", result)),
        "Result.plot_raster": Call(bound("plot_raster", result), behave=close_figure),
        "Result.plot_rates": Call(bound("plot_rates", result), behave=close_figure),
        "Result.plot_trace": Call(
            bound("plot_trace", result), lambda: {"population": "a", "variable": "v"},
            behave=close_figure,
        ),
        "Result.weights": Call(
            bound("weights", result), lambda: {"projection": result().network.projections[0]}
        ),
        "load_spikes": Call(storage.load_spikes, lambda: dict(path), {"path": ""}),
        "load_counters": Call(storage.load_counters, lambda: dict(path), {"path": ""}),
        "load_traces": Call(storage.load_traces, lambda: dict(path), {"path": ""}),
        "load_weights": Call(weights.load_weights, lambda: dict(path),
                             {"path": "", "projection": ""}),
        "synapses_from": Call(weights.synapses_from, lambda: dict(path),
                              {"path": "", "projection": ""}),
        "save_weights": Call(weights.save_weights, lambda: {"result": result(), **path},
                             {"path": ""}),
    }  # fmt: skip
