"""Every array that hangs on an object, so that nothing is left out of an account of memory."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np


def arrays_of(thing: Any) -> list[np.ndarray]:
    """Return the arrays that own the memory which ``thing`` holds, each once."""
    found: dict[int, np.ndarray] = {}
    seen: set[int] = set()
    todo = [thing]
    while todo:
        item = todo.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, np.ndarray):
            while isinstance(item.base, np.ndarray):
                item = item.base
            found[id(item)] = item
        else:
            todo.extend(_parts(item))
    return list(found.values())


def _parts(item: Any) -> Iterator[Any]:
    if isinstance(item, dict):
        yield from item.values()
    elif isinstance(item, (list, tuple, set)):
        yield from item
    elif type(item).__module__.partition(".")[0] == "distsnn":
        if dataclasses.is_dataclass(item):
            yield from (getattr(item, field.name, None) for field in dataclasses.fields(item))
        yield from getattr(item, "__dict__", {}).values()
        for name in getattr(type(item), "__slots__", ()):
            yield getattr(item, name, None)
