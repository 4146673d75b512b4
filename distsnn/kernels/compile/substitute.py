"""Copies of kernels with some of the device functions that they call replaced."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

from distsnn.kernels.compile.declare import Kernel, device
from distsnn.kernels.compile.parcel import ROOM, names_of

Function = Callable[..., Any]


def substituted(kernel: Kernel, changes: Mapping[Function, Function]) -> Kernel:
    """Return a kernel that calls ``changes[f]`` instead of f, for each device function f in it.

    Looked through are the functions of this room that it reaches by global names.
    """
    made: dict[Function, Function] = dict(changes)
    function = _rebuilt(kernel.python, made)
    return Kernel(function, kernel.signature, kernel.module, kernel.name)


def plain_function(value: Any) -> Any:
    """Return the Python function of a device function, which may be compiled, or the value itself."""
    return getattr(value, "py_func", value)


def _rebuilt(function: FunctionType, made: dict[Function, Function]) -> FunctionType:
    """Return a plain function, or a copy with other globals if any of those it reads changes."""
    around = function.__globals__
    changed: dict[str, Function] = {}
    for name in names_of(function.__code__):
        value = around.get(name)
        plain = plain_function(value)
        if not isinstance(plain, FunctionType) or not plain.__module__.startswith(f"{ROOM}."):
            continue
        if value not in made:
            rebuilt = _rebuilt(plain, made)
            made[value] = value if rebuilt is plain else device(rebuilt)
        if made[value] is not value:
            changed[name] = made[value]
    if not changed:
        return function
    copy = FunctionType(
        function.__code__, {**around, **changed}, function.__name__, function.__defaults__,
        function.__closure__,
    )  # fmt: skip
    copy.__module__ = function.__module__
    return copy
