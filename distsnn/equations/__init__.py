"""Neuron models that are written as text and compiled like those that come with distsnn."""

from distsnn.faces import lazy_face

__getattr__, __dir__, __all__ = lazy_face(__name__, {".equations": ("Equations",)})
