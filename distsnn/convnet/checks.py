"""Limits of a network's settings, and checks of them."""

from __future__ import annotations

import math
import re

from distsnn.checks import must_be
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
