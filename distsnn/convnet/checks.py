"""Limits of a network's settings, and what raises where they are passed."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from distsnn.checks import must_be, number, whole
from distsnn.errors import UsageError
from distsnn.kernels.formats import AXON_BITS

MAX_SYNAPSES = 32767  # of a neuron: their sum is below 2^31 quanta
MAX_THRESHOLD = 32000.0  # in units of weights, so that it is below 2^31 quanta
MAX_NEURONS = 1 << AXON_BITS  # of a layer
MAX_KERNEL = math.isqrt(MAX_SYNAPSES)
MAX_PIXELS = 65535  # along a side
MAX_WINNERS = 65535
MAX_BINS = 63
NAME = re.compile(r"[A-Za-z0-9_]{1,64}")  # of a layer or read-out: a part of names of files
RESERVED = {"input", "svm", "readouts", "seed", "title", "layers"}


def check_all(prefix: str, settings: object, limits: Iterable[tuple[str, float, float]]) -> None:
    """Raise UsageError unless low <= value <= high for each (name, low, high).

    Whole limits are of whole numbers.
    """
    for name, low, high in limits:
        thing, value = f"{prefix}.{name}", getattr(settings, name)
        if isinstance(low, int) and isinstance(high, int):
            whole(thing, value, low, high, error=UsageError)
        else:
            number(thing, value, low, high, error=UsageError)


def check_flag(thing: str, value: object) -> None:
    """Raise UsageError unless a value is True or False."""
    if not isinstance(value, bool):
        raise UsageError(must_be(thing, "true or false", value, "Give one of them."))


def check_name(kind: str, name: object) -> None:
    """Raise UsageError unless a name can be a part of a file's."""
    if not isinstance(name, str) or not NAME.fullmatch(name) or name in RESERVED:
        limit = f"up to 64 letters, digits and _, none of {', '.join(sorted(RESERVED))}"
        raise UsageError(must_be(f"name of a {kind}", limit, name, "Rename it."))
