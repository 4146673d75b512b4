"""Finds the kernels of a neuron model or learning rule, in its class or in its file or cell."""

from __future__ import annotations

import dataclasses
import importlib
import sys
from collections.abc import Iterator
from types import FunctionType
from typing import Any

from distsnn.errors import NetworkError
from distsnn.kernels.compile.declare import Kernel

PACKAGE = "distsnn."


def kernel_of_class(owner: type, name: str, kind: str, marker: str, remedy: str) -> Kernel:
    """Return the kernel ``name`` of a class: its own attribute, else what its file or cell defines.

    kind: what messages call the class. marker: the attribute that all classes of this kind have.
    Raises NetworkError where there is none, or it is not clear whose it is.
    """
    own = _own(owner, name)
    if own is not None:
        return own
    space = _space_of(owner)
    found = space.get(name)
    if not isinstance(found, Kernel):
        raise NetworkError(
            f"{kind} {owner.__name__}: must have a kernel {name!r} in its class or file, got none. "
            f"{remedy}"
        )
    if not owner.__module__.startswith(PACKAGE):
        _require_latest(owner, space, kind)
        _require_only(owner, space, name, kind, marker)
    return found


def _own(owner: type, name: str) -> Kernel | None:
    for base in owner.__mro__:
        if isinstance(vars(base).get(name), Kernel):
            return vars(base)[name]
    return None


def _space_of(owner: type) -> dict[str, Any]:
    """Return the names around a class. In a notebook or an ``exec`` there may be no module."""
    module = sys.modules.get(owner.__module__)
    if module is not None and vars(module).get(owner.__name__) is owner:
        return vars(module)
    for function in _functions_of(owner):
        if function.__module__ == owner.__module__:
            return function.__globals__
    return vars(module or importlib.import_module(owner.__module__))


def _functions_of(owner: type) -> Iterator[FunctionType]:
    """Yield the functions that a class defines, not those that ``dataclass`` adds."""
    for value in vars(owner).values():
        function = value.fget if isinstance(value, property) else value
        if isinstance(function, FunctionType) and not function.__code__.co_filename.startswith(
            "<str"
        ):
            yield function


def _require_latest(owner: type, space: dict[str, Any], kind: str) -> None:
    """An instance of a class whose cell has been run again would get the new one's kernels."""
    named = space.get(owner.__name__)
    is_replaced = isinstance(named, type) and named is not owner
    if is_replaced and owner.__qualname__ == owner.__name__:
        raise NetworkError(
            f"{kind} {owner.__name__}: must be of the class that has this name now, got one of an "
            "earlier definition. Make it anew."
        )


def _require_only(owner: type, space: dict[str, Any], name: str, kind: str, marker: str) -> None:
    """Two classes would share the kernel that was defined last, and one of them would be wrong."""
    others = {
        item.__name__
        for item in space.values()
        if isinstance(item, type)
        and dataclasses.is_dataclass(item)
        and item.__module__ == owner.__module__
        and hasattr(item, marker)
        and _own(item, name) is None
        and not issubclass(item, owner)
        and not issubclass(owner, item)
    }
    if others:
        raise NetworkError(
            f"{kind} {owner.__name__}: must have a kernel of its own beside "
            f"{', '.join(sorted(others))}, got one {name!r} for all. Define {name} in each class."
        )
