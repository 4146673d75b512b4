"""Limits of a network's settings, and checks of them."""

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
NAME = re.compile(r"[A-Za-z0-9_]{1,64}")  # of a layer or read-out, part of names of files
RESERVED = {"input", "svm", "readouts", "seed", "title", "layers"}


def check_all(prefix: str, settings: object, limits: Iterable[tuple[str, float, float]]) -> None:
    """Raise UsageError unless low <= value <= high for each (name, low, high).

    Limits of type int are those of whole numbers.
    """
    for name, low, high in limits:
        # Limits of whole numbers are ints, those of real ones floats.
        setting, value = f"{prefix}.{name}", vars(settings)[name]
        if isinstance(low, int) and isinstance(high, int):
            whole(setting, value, low, high, error=UsageError)
        else:
            number(setting, value, low, high, error=UsageError)


def check_name(kind: str, name: object) -> None:
    """Raise UsageError unless a name can be part of the name of a file."""
    if not isinstance(name, str) or not NAME.fullmatch(name) or name in RESERVED:
        limit = f"up to 64 letters, digits and _, none of {', '.join(sorted(RESERVED))}"
        raise UsageError(must_be(f"name of a {kind}", limit, name, "Rename it."))
