"""Neuron models that are written as text and compiled like those that come with distsnn."""

from typing import TYPE_CHECKING

from distsnn.faces import lazy_face

if TYPE_CHECKING:
    from distsnn.equations.equations import Equations as Equations

__getattr__, __dir__, __all__ = lazy_face(__name__, {".equations": ("Equations",)})
