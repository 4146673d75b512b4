"""What the plastic synapses of one projection need to know of the rank that they are on."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from distsnn.checks import choice
from distsnn.core.delivery.layout import RingLayout
from distsnn.errors import NetworkError
from distsnn.kernels import Kernel
from distsnn.kernels.compile.of_class import kernel_of_class
from distsnn.mapping.plan import Slice
from distsnn.network import Network, Projection
from distsnn.network.weights.lanes import WeightCode

KERNELS_OF_FAMILY = {
    "traces": ("deliver", "sweep"),
    "reward": ("deliver", "sweep", "reward"),
    "products": ("deliver", "learn_epoch"),
}
FAMILIES = ("short_term", *KERNELS_OF_FAMILY)


@dataclass(frozen=True)
class Place:
    """A projection on a rank.

    cores: slices by local core. axon_gids: uint32, the rank's axons. gid_of_slot: uint32, its
    neurons. ring: int32, its input rings. lane, quantum: of the weights; the quantum is
    negative where the receptor gets the sizes of negative weights. code: of the weights at the
    start. batch: steps between exchanges.
    """

    network: Network
    projection: Projection
    cores: Sequence[Sequence[Slice]]
    layout: RingLayout
    axon_gids: np.ndarray
    gid_of_slot: np.ndarray
    ring: np.ndarray
    lane: int
    quantum: float
    code: WeightCode
    batch: int

    @property
    def slots(self) -> np.ndarray:
        """Slots of the target population's neurons on the rank, int64."""
        parts = [
            np.arange(piece.size) + (core << self.layout.lid_bits) + piece.lid_start
            for core, slices in enumerate(self.cores)
            for piece in slices
            if piece.population == self.projection.target.index
        ]
        return np.concatenate([np.empty(0, dtype=np.int64), *parts])

    @property
    def ring_facts(self) -> tuple[int, int, int]:
        """CORE_BITS, INDEX_START and SLOT_SHIFT of the kernels."""
        core_bits = self.layout.lid_bits + self.layout.core_bits
        return core_bits, self.lane << core_bits, self.layout.slot_shift


def kernel_names(rule: Any) -> tuple[str, ...]:
    """Return the names of the kernels that a rule's family needs."""
    choice(f"rule {type(rule).__name__}: family", rule.family, FAMILIES, error=NetworkError)
    if rule.family == "short_term":
        return ("deliver",) if rule.is_shared else ("deliver_each",)
    return KERNELS_OF_FAMILY[rule.family]


def kernels_of_rule(rule: Any) -> dict[str, Kernel]:
    """Return the kernels of a rule by name: of its class, or of the file or cell that defines it.

    Raises NetworkError where it lacks one.
    """
    names = kernel_names(rule)
    made = getattr(rule, "kernel_module", None)  # of a rule made from text
    if made is not None:
        return {name: getattr(sys.modules[made], name) for name in names}
    remedy = "End the file with deliver, sweep = trace_kernels(...)."
    return {
        name: kernel_of_class(type(rule), name, "rule", "family", remedy) for name in names
    }
