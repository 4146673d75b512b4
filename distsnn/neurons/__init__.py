"""Neuron models: one model, one file."""

from distsnn.neurons.integrate_fire import IntegrateFire
from distsnn.neurons.lif_delta import LifDelta
from distsnn.neurons.lif_exp import LifExp

__all__ = ["IntegrateFire", "LifDelta", "LifExp"]
