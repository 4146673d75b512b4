"""Neuron models: one model, one file.

A file gives the equations and their source, a frozen dataclass of parameters, and the kernel that
advances many neurons by one step; ``docs/models/own_model.md`` shows how to write one. Every file
in this folder is found by ``all_models``; a file elsewhere by ``load_model``.
"""

from distsnn.neurons.adaptive_lif import AdaptiveLif
from distsnn.neurons.adex import AdEx
from distsnn.neurons.compartment_tree import Compartment, CompartmentTree
from distsnn.neurons.integrate_fire import IntegrateFire
from distsnn.neurons.izhikevich import Izhikevich
from distsnn.neurons.lif_alpha import LifAlpha
from distsnn.neurons.lif_cond_alpha import LifCondAlpha
from distsnn.neurons.lif_cond_exp import LifCondExp
from distsnn.neurons.lif_delta import LifDelta
from distsnn.neurons.lif_exp import LifExp
from distsnn.neurons.lif_floor import LifFloor
from distsnn.neurons.loihi_cuba import LoihiCuba
from distsnn.neurons.loihi_tree import LoihiCompartment, LoihiTree
from distsnn.neurons.model import NeuronModel
from distsnn.neurons.nir_cuba_lif import NirCubaLif
from distsnn.neurons.nir_if import NirIf
from distsnn.neurons.nir_lif import NirLif
from distsnn.neurons.poisson_neuron import PoissonNeuron
from distsnn.neurons.registry import all_models, load_model

__all__ = [
    "AdEx",
    "AdaptiveLif",
    "Compartment",
    "CompartmentTree",
    "IntegrateFire",
    "Izhikevich",
    "LifAlpha",
    "LifCondAlpha",
    "LifCondExp",
    "LifDelta",
    "LifExp",
    "LifFloor",
    "LoihiCompartment",
    "LoihiCuba",
    "LoihiTree",
    "NeuronModel",
    "NirCubaLif",
    "NirIf",
    "NirLif",
    "PoissonNeuron",
    "all_models",
    "load_model",
]
