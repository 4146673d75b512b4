"""Nodes that are neurons: their parameters, one value per element, and their models."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from distsnn.checks import MAX_FLOAT32
from distsnn.neurons import NeuronModel, NirCubaLif, NirIf, NirLif
from distsnn.neurons.nir_neuron import NEVER
from distsnn.nir.graph import Graph, Node, Shape
from distsnn.nir.nodes.kinds import NEURONS, SILENT

MS_PER_S = 1e3
AT_ONCE = 1e-6  # s, a time constant after which nothing is left of any step
DEFAULTS = {"v_reset": 0.0, "w_in": 1.0}
TIMES = ("tau", "tau_syn", "tau_mem")


@dataclass(frozen=True)
class Rules:
    """How equations become steps.

    dt_ms: the step. method: "exact", or "euler" as in snnTorch and Norse. reset: "value", to v_reset
    as NIR says, or "subtract", by the threshold.
    """

    dt_ms: float = 1.0
    method: str = "exact"
    reset: str = "value"


def parameters_of(graph: Graph, node: Node, shape: Shape) -> dict[str, np.ndarray]:
    """Return the parameters of a neuron node by their names in NIR, float64 [neurons].

    A node that never spikes has thresholds that are never reached. Raises InputFileError.
    """
    n = math.prod(shape)
    needed, optional = NEURONS[node.kind]
    parameters: dict[str, np.ndarray] = {}
    for name in (*needed, *optional):
        # What older files lack has the default of NIR.
        values = node.numbers.get(name, np.array(DEFAULTS.get(name, 0.0)))
        values = np.asarray(values, dtype=np.float64).ravel()
        if values.size not in (1, n):
            limit = f"one of {n} values in {name}, as its input has elements"
            raise graph.refused(limit, f"{values.size}", "Export the graph again.", node)
        if name in TIMES and not (values > 0).all():
            limit = f"one with {name} above 0"
            raise graph.refused(limit, f"{values.min():g}", "Correct it.", node)
        # Neurons keep them in 32 bits.
        if np.abs(values).max(initial=0.0) > MAX_FLOAT32:
            limit = f"one with {name} that float32 holds"
            raise graph.refused(limit, f"{np.abs(values).max():g}", "Correct it.", node)
        parameters[name] = np.broadcast_to(values, n)
    if node.kind in SILENT:
        parameters["v_threshold"] = np.full(n, NEVER)
        parameters["v_reset"] = np.zeros(n)
    return parameters


def model_of(
    kind: str, parameters: dict[str, np.ndarray], bias: np.ndarray, first_step: int, rules: Rules
) -> NeuronModel:
    """Return the model of the neurons of a node."""
    # Values that all neurons share stay one number, with which kernels are faster.
    given = {name: _shared(values) for name, values in parameters.items()}
    common: dict[str, Any] = {
        "bias": _shared(bias), "first_step": first_step, "reset": rules.reset,
    }  # fmt: skip
    if kind == "Threshold":
        # What does not remember: all of a step's input, nothing of the steps before it.
        return NirLif(
            tau_ms=AT_ONCE * rules.dt_ms, v_threshold=given["threshold"], v_reset=0.0,
            **{**common, "reset": "value"},
        )  # fmt: skip
    for name in TIMES:
        # NIR has seconds, models have milliseconds.
        if name in parameters:
            given.pop(name)
            given[f"{name}_ms"] = _shared(parameters[name] * MS_PER_S)
    if kind in ("IF", "I"):
        return NirIf(**given, **common)
    if kind in ("LIF", "LI"):
        return NirLif(**given, **common, method=rules.method)
    return NirCubaLif(**given, **common, method=rules.method)


def _shared(values: np.ndarray) -> Any:
    """Return one number where all neurons have the same, otherwise the array."""
    return float(values[0]) if values.size and (values == values[0]).all() else values
