"""Neuron models: one model, one file.

A file gives the equations and their source, a frozen dataclass of parameters, and the kernel that
advances many neurons by one step; ``docs/models/own_model.md`` shows how to write one. Every file
in this folder is found by ``all_models``; a file elsewhere by ``load_model``.
"""

from typing import TYPE_CHECKING

from distsnn.faces import lazy_face

if TYPE_CHECKING:
    from distsnn.neurons.adaptive_lif import AdaptiveLif as AdaptiveLif
    from distsnn.neurons.adex import AdEx as AdEx
    from distsnn.neurons.compartment_tree import Compartment as Compartment
    from distsnn.neurons.compartment_tree import CompartmentTree as CompartmentTree
    from distsnn.neurons.integrate_fire import IntegrateFire as IntegrateFire
    from distsnn.neurons.izhikevich import Izhikevich as Izhikevich
    from distsnn.neurons.lif_alpha import LifAlpha as LifAlpha
    from distsnn.neurons.lif_cond_alpha import LifCondAlpha as LifCondAlpha
    from distsnn.neurons.lif_cond_exp import LifCondExp as LifCondExp
    from distsnn.neurons.lif_delta import LifDelta as LifDelta
    from distsnn.neurons.lif_exp import LifExp as LifExp
    from distsnn.neurons.lif_floor import LifFloor as LifFloor
    from distsnn.neurons.loihi_cuba import LoihiCuba as LoihiCuba
    from distsnn.neurons.loihi_tree import LoihiCompartment as LoihiCompartment
    from distsnn.neurons.loihi_tree import LoihiTree as LoihiTree
    from distsnn.neurons.model import NeuronModel as NeuronModel
    from distsnn.neurons.nir_cuba_lif import NirCubaLif as NirCubaLif
    from distsnn.neurons.nir_if import NirIf as NirIf
    from distsnn.neurons.nir_lif import NirLif as NirLif
    from distsnn.neurons.poisson_neuron import PoissonNeuron as PoissonNeuron
    from distsnn.neurons.registry import all_models as all_models
    from distsnn.neurons.registry import load_model as load_model

__getattr__, __dir__, __all__ = lazy_face(
    __name__,
    {
        ".adaptive_lif": ("AdaptiveLif",),
        ".adex": ("AdEx",),
        ".compartment_tree": ("Compartment", "CompartmentTree"),
        ".integrate_fire": ("IntegrateFire",),
        ".izhikevich": ("Izhikevich",),
        ".lif_alpha": ("LifAlpha",),
        ".lif_cond_alpha": ("LifCondAlpha",),
        ".lif_cond_exp": ("LifCondExp",),
        ".lif_delta": ("LifDelta",),
        ".lif_exp": ("LifExp",),
        ".lif_floor": ("LifFloor",),
        ".loihi_cuba": ("LoihiCuba",),
        ".loihi_tree": ("LoihiCompartment", "LoihiTree"),
        ".model": ("NeuronModel",),
        ".nir_cuba_lif": ("NirCubaLif",),
        ".nir_if": ("NirIf",),
        ".nir_lif": ("NirLif",),
        ".poisson_neuron": ("PoissonNeuron",),
        ".registry": ("all_models", "load_model"),
    },
)
