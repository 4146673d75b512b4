"""A network description as lines of text, which ranks compare.

The fields of a description are found by walking through its objects, so a field that is added later
is compared without a change here. Arrays are represented by digests of their bytes.
"""

from __future__ import annotations

import hashlib
import inspect
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from functools import cached_property
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

import numpy as np

from distsnn.network.description import (
    Modulation,
    Population,
    Probe,
    Projection,
    Stimulus,
    WeightProbe,
)
from distsnn.network.network import Network

MAX_DEPTH = 40  # of objects within objects; deeper ones count by their type alone
_PLAIN = (int, float, complex, str, bytes, bool, type(None))
# The end of a default ``repr``, which differs from rank to rank.
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def describe_network(network: Network) -> list[tuple[str, str]]:
    """Return pairs of a label and a value as text for everything that a network consists of."""
    # ("dt_ms", "0.1"), ("populations in number", "2"), ("population 'exc': size", "820"), ...
    describer = Describer()
    return [
        pair
        for name, value in vars(network).items()
        for pair in _parts(name.lstrip("_"), value, describer)
    ]


def describe(label: str, value: Any) -> list[tuple[str, str]]:
    """Return pairs of a label and text for one object: of a dataclass, one pair for each field."""
    describer = Describer()
    return list(_fields(label, value, describer)) or [(label, describer.text_of(value))]


def derived(network: Network, **quantities: Any) -> list[tuple[str, str]]:
    """Return pairs for what each rank computes from the description with its own maths library.

    quantities: by label. The thresholds of Poisson input are added to them.
    """
    pairs = [pair for label, value in quantities.items() for pair in describe(label, value)]
    for stimulus in network.stimuli:
        if stimulus.what.has_receptor:
            thresholds = stimulus.what.thresholds(network.dt_ms)
            pairs += describe(
                f"thresholds of Poisson input to {stimulus.target.name!r}", thresholds
            )
    return pairs


def _parts(name: str, value: Any, describer: Describer) -> Iterator[tuple[str, str]]:
    """Yield the parts of a list, each with its fields, and any other value as a whole."""
    if not isinstance(value, list):
        yield name, describer.text_of(value)
        return
    yield f"{name} in number", str(len(value))
    for part in value:
        yield from _fields(_label(name, part), part, describer)


def _fields(label: str, part: Any, describer: Describer) -> Iterator[tuple[str, str]]:
    """Yield a pair for each field of a dataclass; nothing for other objects."""
    if not is_dataclass(part) or isinstance(part, type):
        return
    for field in fields(part):
        yield f"{label}: {field.name}", describer.text_of(getattr(part, field.name))


def _label(list_name: str, part: Any) -> str:
    """Return what a part of a network is called in messages."""
    match part:
        case Population():
            return f"population {part.name!r}"
        case Projection():
            return part.name
        case Stimulus():
            owner = part.target.name
        case Probe():
            owner = part.population.name
        case WeightProbe() | Modulation():
            owner = part.projection.name
        case _:
            return f"{list_name} {type(part).__name__}"
    return f"{type(part).__name__} of {owner}"


class Describer:
    """Describes values as text. Each object is walked once, so that large arrays are read once."""

    def __init__(self) -> None:
        self._texts: dict[int, str] = {}  # by the identity of the object
        self._objects: list[Any] = []  # kept alive, so that no identity is used again

    def text_of(self, value: Any, depth: int = 0) -> str:
        """Return the text of a value; equal values have the same text on all ranks."""
        kind = type(value)
        if kind in _PLAIN or isinstance(value, _PLAIN):
            return repr(value)
        # Lists and tuples count by their entries, so that equal copies are equal.
        if (kind is list or kind is tuple) and depth <= MAX_DEPTH:
            return f"[{', '.join([self.text_of(entry, depth + 1) for entry in value])}]"
        # Parts of the network are described once, by describe_network.
        if isinstance(value, Population | Projection):
            return f"<{value.name}>"
        text = self._texts.get(id(value))
        if text is None:
            if depth > MAX_DEPTH:
                return f"<{type(value).__qualname__}>"
            # Preliminary, for an object that contains itself.
            self._texts[id(value)] = f"<{type(value).__qualname__}>"
            self._objects.append(value)
            text = self._texts[id(value)] = self._text_of_content(value, depth + 1)
        return text

    def _text_of_content(self, value: Any, depth: int) -> str:
        if isinstance(value, np.ndarray) and value.dtype != object:
            return _text_of_array(value)
        if isinstance(value, np.generic):
            return f"{value.dtype}:{value!r}"
        if isinstance(value, Mapping):
            pairs = [
                f"{self.text_of(key, depth)}: {self.text_of(entry, depth)}"
                for key, entry in value.items()
            ]
            return f"{{{', '.join(pairs)}}}"
        if isinstance(value, Set):
            # The order of a set differs between processes.
            return f"{{{', '.join(sorted(self.text_of(entry, depth) for entry in value))}}}"
        if isinstance(value, Sequence | np.ndarray):
            return f"[{', '.join(self.text_of(entry, depth) for entry in value)}]"
        # A compiled function counts as the Python function that it wraps.
        definition = inspect.unwrap(value) if callable(value) else value
        if isinstance(definition, type | FunctionType | BuiltinFunctionType | MethodType):
            return f"{definition.__module__}.{definition.__qualname__}"
        return self._text_of_object(value, depth)

    def _text_of_object(self, value: Any, depth: int) -> str:
        """Return the fields of a dataclass, else the attributes, else what ``repr`` gives."""
        if is_dataclass(value):
            attributes = {field.name: getattr(value, field.name) for field in fields(value)}
        else:
            attributes = _own_attributes(value)
        if not attributes:
            return _ADDRESS.sub("", repr(value))
        texts = [f"{name}={self.text_of(entry, depth)}" for name, entry in attributes.items()]
        return f"{type(value).__qualname__}({', '.join(texts)})"


def _own_attributes(value: Any) -> dict[str, Any]:
    """Return the attributes of an object except cached ones, which only some ranks may have."""
    try:
        attributes = vars(value)
    except TypeError:  # only __slots__
        return {}
    cached = {
        name
        for owner in type(value).__mro__
        for name, attribute in vars(owner).items()
        if isinstance(attribute, cached_property)
    }
    return {name: entry for name, entry in attributes.items() if name not in cached}


def _text_of_array(array: np.ndarray) -> str:
    """Return type, shape and a digest of the bytes of an array."""
    content = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    digest = hashlib.blake2b(content.data, digest_size=8).hexdigest()
    return f"{array.dtype}{list(array.shape)} #{digest}"
