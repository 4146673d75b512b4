"""What the plastic synapses of one projection need to know of the rank that they are on."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from distsnn.core.layout import RingLayout
from distsnn.errors import NetworkError
from distsnn.kernels import Kernel
from distsnn.mapping.plan import Slice
from distsnn.network import Network, Projection
from distsnn.network.lanes import WeightCode


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


def module_of_rule(rule: Any) -> str:
    """Return the name of the module with a rule's kernels: that of its class, or its own."""
    return str(getattr(rule, "kernel_module", type(rule).__module__))


def kernels_of(rule: Any, *names: str) -> dict[str, Kernel]:
    """Return the kernels of these names in the file that defines a rule's class.

    Raises NetworkError where the file lacks one.
    """
    module_name = module_of_rule(rule)
    module = sys.modules.get(module_name) or importlib.import_module(module_name)
    found = {name: getattr(module, name, None) for name in names}
    for name, kernel in found.items():
        if not isinstance(kernel, Kernel):
            raise NetworkError(
                f"rule {type(rule).__name__}: its file {module_name} has no kernel '{name}'. "
                "End the file with deliver, sweep = trace_kernels(...)."
            )
    return found  # type: ignore[return-value]
