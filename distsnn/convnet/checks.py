"""Limits of a network's settings, and settings from plain data: names and types are checked."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from distsnn.checks import is_number, is_whole, must_be
from distsnn.errors import UsageError
from distsnn.kernels.formats import AXON_BITS

MAX_SYNAPSES = 32767  # of a neuron: their sum is below 2^31 quanta
MAX_THRESHOLD = 32000.0  # in units of weights, so that it is below 2^31 quanta
MAX_NEURONS = 1 << AXON_BITS  # of a layer
MAX_KERNEL = math.isqrt(MAX_SYNAPSES)
MAX_PIXELS = 65535  # along a side
MAX_WINNERS = 65535
MAX_BINS = 63
NAME = re.compile(r"[A-Za-z0-9_]{1,64}")  # of a layer or read-out, part of names of files
RESERVED = {"input", "svm", "readouts", "seed", "title", "layers"}


def check_name(kind: str, name: object) -> None:
    """Raise UsageError unless a name can be part of the name of a file."""
    if not isinstance(name, str) or not NAME.fullmatch(name) or name in RESERVED:
        limit = f"up to 64 letters, digits and _, none of {', '.join(sorted(RESERVED))}"
        raise UsageError(must_be(f"name of a {kind}", limit, name, "Rename it."))


def require_known(source: str, plain: Mapping[str, Any], known: Iterable[str]) -> None:
    """Raise UsageError for a name that is not known. source: object of the message."""
    unknown = [name for name in plain if name not in set(known)]
    if unknown:
        limit = f"of the settings {', '.join(sorted(known))}"
        raise UsageError(f"{source}: must be {limit}, got {unknown[0]!r}. Choose one of these.")


def mapping(source: str, plain: Any) -> Mapping[str, Any]:
    """Return a table of names and values. Raises UsageError for anything else."""
    if not isinstance(plain, Mapping) or not all(isinstance(name, str) for name in plain):
        raise UsageError(must_be(source, "a table of names and values", plain, "Correct it."))
    return plain


def made(kind: Any, source: str, plain: Mapping[str, Any]) -> Any:
    """Make a dataclass from plain data, each value converted to the type of its default."""
    require_known(source, plain, [entry.name for entry in fields(kind)])
    values = {}
    for entry in fields(kind):
        if entry.name in plain:
            values[entry.name] = _converted(f"{source}.{entry.name}", plain[entry.name], entry.type)
        elif entry.name in ("maps", "kernel"):
            raise UsageError(must_be(f"{source}.{entry.name}", "at least 1", None, "Give one."))
    return kind(**values)


def seed_of(name: str, value: Any) -> int:
    """Return a whole number, given as a number or as text. Raises UsageError."""
    return int(_converted(name, value, "int"))


def _converted(name: str, value: Any, kind: Any) -> Any:
    """Return the value as the type that the dataclass names; numbers also from text."""
    # Words for flags on the command line and in TOML.
    words = {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False}
    limit = {"bool": "true or false", "int": "a whole number", "float": "a number"}.get(
        kind, "text"
    )
    try:
        if kind == "bool":
            return words[str(value).lower()]
        if kind == "str" and isinstance(value, (str, int, float)):
            return str(value)
        is_text = isinstance(value, str) and value.isascii() and "_" not in value
        if is_number(value) or is_text:
            return _whole(value) if kind == "int" else float(value)
    except (ValueError, KeyError, OverflowError):
        pass
    raise UsageError(must_be(name, limit, value, "Correct it."))


def _whole(value: Any) -> int:
    """Return a whole number, also from 1e3; digits in text are kept that a float would lose."""
    if is_whole(value) or (isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]{1,30}", value)):
        return int(value)
    # 1e3 is whole, 1.5 is not.
    if float(value) != int(float(value)):
        raise ValueError
    return int(float(value))
