"""Compiled code: numbers in, numbers out. Imports nothing else of distsnn but checks and errors.

A kernel is a Python function with a declared signature. It is compiled once per machine, in a
process of its own, to object code that every rank loads without importing the compiler; see
``declare.py`` for how to write one and ``docs/decisions`` for why it is done so.
"""

from distsnn.kernels.compile.declare import Kernel, device, kernel
from distsnn.kernels.compile.library import ensure_compiled

__all__ = ["Kernel", "device", "ensure_compiled", "kernel"]
