"""Neuron models and learning rules that are written as text and compiled like the packaged ones."""

from typing import TYPE_CHECKING

from distsnn.faces import lazy_face

if TYPE_CHECKING:
    from distsnn.equations.equations import Equations as Equations
    from distsnn.equations.learning.synapse_equations import SynapseEquations as SynapseEquations

__getattr__, __dir__, __all__ = lazy_face(
    __name__,
    {".equations": ("Equations",), ".learning.synapse_equations": ("SynapseEquations",)},
)
