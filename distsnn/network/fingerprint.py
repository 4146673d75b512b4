"""A description as lines of text, to be compared between ranks.

Everything that is part of a description is found by walking through its fields, so that what is
added to a description later is compared without more ado. Arrays are told by digests of their bytes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from functools import cached_property
from typing import Any

import numpy as np

from distsnn.network.description import Population, Projection
from distsnn.network.network import Network

MAX_DEPTH = 40
_PLAIN = (int, float, complex, str, bytes, bool, type(None))
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def describe_network(network: Network) -> list[tuple[str, str]]:
    """Return pairs of what it is and its value as text, for all that a network consists of."""
    teller = Teller()
    return [
        pair
        for name, value in vars(network).items()
        for pair in _parts(name.lstrip("_"), value, teller)
    ]


def describe(what: str, value: Any) -> list[tuple[str, str]]:
    """Return pairs for one object: of a dataclass one for each field."""
    teller = Teller()
    return list(_fields(what, value, teller)) or [(what, teller.tell(value))]


def derived(network: Network, **found: Any) -> list[tuple[str, str]]:
    """Return pairs for what every rank computes from the description, also with the system's maths.

    found: by name. Added are the thresholds of Poisson input.
    """
    pairs = [pair for name, value in found.items() for pair in describe(name, value)]
    for one in network.stimuli:
        if one.what.has_receptor:
            thresholds = one.what.thresholds(network.dt_ms)
            pairs += describe(f"thresholds of Poisson input to {one.target.name!r}", thresholds)
    return pairs


def _parts(name: str, value: Any, teller: Teller) -> Iterator[tuple[str, str]]:
    """The parts of a list one by one, each with its fields; anything else in one piece."""
    if not isinstance(value, list):
        yield name, teller.tell(value)
        return
    yield f"{name} in number", str(len(value))
    for part in value:
        yield from _fields(_label(name, part), part, teller)


def _fields(label: str, part: Any, teller: Teller) -> Iterator[tuple[str, str]]:
    if not is_dataclass(part) or isinstance(part, type):
        return
    for one in fields(part):
        yield f"{label}: {one.name}", teller.tell(getattr(part, one.name))


def _label(name: str, part: Any) -> str:
    if isinstance(part, Population):
        return f"population {part.name!r}"
    if isinstance(part, Projection):
        return part.name
    for of in ("target", "population", "projection"):
        if hasattr(part, of):
            return f"{type(part).__name__} of {getattr(getattr(part, of), 'name', '?')}"
    return f"{name} {type(part).__name__}"


class Teller:
    """Describes values as text. A value that occurs again is not repeated: arrays are read once."""

    def __init__(self) -> None:
        self._told: dict[int, str] = {}
        self._kept: list[Any] = []  # so that no other object gets the identity of one told

    def tell(self, value: Any, depth: int = 0) -> str:
        """Return one text for a value, the same for equal values on all ranks."""
        kind = type(value)
        if kind in _PLAIN or isinstance(value, _PLAIN):
            return repr(value)
        if (kind is list or kind is tuple) and depth <= MAX_DEPTH:
            return f"[{', '.join([self.tell(one, depth + 1) for one in value])}]"
        if isinstance(value, Population | Projection):
            return f"<{value.name}>"
        found = self._told.get(id(value))
        if found is None:
            if depth > MAX_DEPTH:
                return f"<{type(value).__qualname__}>"
            self._told[id(value)] = f"<{type(value).__qualname__}>"  # for what contains itself
            self._kept.append(value)
            found = self._told[id(value)] = self._tell(value, depth + 1)
        return found

    def _tell(self, value: Any, depth: int) -> str:
        if isinstance(value, np.ndarray) and value.dtype != object:
            return _of_array(value)
        if isinstance(value, np.generic):
            return f"{value.dtype}:{value!r}"
        if isinstance(value, Mapping):
            pairs = [f"{self.tell(k, depth)}: {self.tell(v, depth)}" for k, v in value.items()]
            return f"{{{', '.join(pairs)}}}"
        if isinstance(value, Set):
            return f"{{{', '.join(sorted(self.tell(one, depth) for one in value))}}}"
        if isinstance(value, Sequence | np.ndarray):
            return f"[{', '.join(self.tell(one, depth) for one in value)}]"
        name = getattr(value, "__qualname__", None)
        if name is not None:  # a class or a function
            return f"{value.__module__}.{name}"
        return self._tell_object(value, depth)

    def _tell_object(self, value: Any, depth: int) -> str:
        """The fields of a dataclass, else the attributes, else what ``repr`` says."""
        if is_dataclass(value):
            known = {one.name: getattr(value, one.name) for one in fields(value)}
        else:
            kind = type(value)
            known = {
                name: one
                for name, one in getattr(value, "__dict__", {}).items()
                if not isinstance(getattr(kind, name, None), cached_property)
            }
        if not known:
            return _ADDRESS.sub("", repr(value))
        inside = ", ".join(f"{name}={self.tell(one, depth)}" for name, one in known.items())
        return f"{type(value).__qualname__}({inside})"


def _of_array(array: np.ndarray) -> str:
    content = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    digest = hashlib.blake2b(content.data, digest_size=8).hexdigest()
    return f"{array.dtype}{list(array.shape)} #{digest}"
