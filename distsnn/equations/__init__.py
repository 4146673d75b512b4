"""Neuron models and learning rules that are written as text and compiled like the packaged ones."""

from distsnn.faces import lazy_face

__getattr__, __dir__, __all__ = lazy_face(
    __name__,
    {".equations": ("Equations",), ".learning.synapse_equations": ("SynapseEquations",)},
)
