"""Calls of neuron models and learning rules."""

from __future__ import annotations

from typing import Any

import distsnn
from distsnn import network as net
from distsnn import neurons, plasticity
from public_calls.call import Call
from public_calls.objects import sized


def as_model(model: Any) -> None:
    """Add neurons of a model."""
    sized(model)


def as_learning(rule: Any) -> None:
    """Connect with a learning rule."""
    low, high = rule.weight_bounds or (0.5, 1.0)
    made = sized(None)
    made.connect("p", "p", net.AllToAll(), weight=0.5 * (low + high), plasticity=rule)


def of_models() -> dict[str, Call]:
    """Calls of neuron models."""
    models = {name: Call(model, behave=as_model) for name, model in neurons.all_models().items()}
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
    }  # fmt: skip


def of_rules() -> dict[str, Call]:
    """Calls of learning rules."""
    return {
        "SynapseEquations": Call(
            distsnn.SynapseEquations,
            lambda: {"text": "a = 0.1", "on_pre": "u -= 0.1", "on_post": "u += 0.1", "w_max": 1.0},
            {"text": "equations", "parameters": "parameter"},
            behave=as_learning,
        ),
        "HomeostaticScaling": Call(distsnn.HomeostaticScaling, lambda: {"target_hz": 5.0}),
        "PairStdp": Call(plasticity.PairStdp, lambda: {"w_max": 1.0}, behave=as_learning),
        "TripletStdp": Call(plasticity.TripletStdp, lambda: {"w_max": 1.0}, behave=as_learning),
        "Oja": Call(plasticity.Oja, lambda: {"w_max": 1.0}, behave=as_learning),
        "RewardStdp": Call(plasticity.RewardStdp, lambda: {"w_max": 1.0}, behave=as_learning),
        "SumOfProducts": Call(plasticity.SumOfProducts, lambda: {"rule": "dw = 2^-2*x1*y0"},
                              behave=as_learning),
        "StochasticRelease": Call(plasticity.StochasticRelease, behave=as_learning),
        "TsodyksMarkram": Call(plasticity.TsodyksMarkram, behave=as_learning),
        "TsodyksMarkram.liquid": Call(plasticity.TsodyksMarkram.liquid,
                                      lambda: {"connection": "EE"}),
        "VogelsStdp": Call(plasticity.VogelsStdp, lambda: {"w_max": 1.0}, behave=as_learning),
        "all_rules": Call(plasticity.all_rules),
        "load_rule": Call(plasticity.load_rule, lambda: {"path_or_name": "Oja"},
                          {"path_or_name": "rule"}),
    }  # fmt: skip
