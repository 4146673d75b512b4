"""All computed synapses onto the neurons of a rank."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from distsnn.core.delivery.computed import kinds
from distsnn.core.delivery.computed.part import ComputedPart, Site
from distsnn.core.delivery.layout import RingLayout
from distsnn.core.delivery.synapse_table import salts_of_lanes
from distsnn.kernels import Kernel
from distsnn.mapping.plan import Slice
from distsnn.network import Network, Projection
from distsnn.network.weights.quanta import Quanta

AnyPart = ComputedPart[Any]


class ComputedSynapses:
    """The projections of a rank whose synapses are computed.

    digest: order-independent sum over their synapses, as that of ``SynapseTable``.
    """

    def __init__(
        self,
        network: Network,
        cores: Sequence[Sequence[Slice]],
        layout: RingLayout,
        quanta: Quanta,
        axon_gids: np.ndarray,
        batch: int,
    ) -> None:
        self.parts: list[AnyPart] = []
        digest = np.zeros(1, dtype=np.uint64)
        for projection in network.projections:
            if projection.is_computed:
                pieces = [
                    (piece, core)
                    for core, slices in enumerate(cores)
                    for piece in slices
                    if piece.population == projection.target.index
                ]
                if pieces:
                    site = Site(projection, pieces, layout, quanta, axon_gids, batch, network.seed)
                    part = part_of(projection)(site)
                    part.add_marks(salts_of_lanes(quanta, projection.target.index), digest)
                    self.parts.append(part)
        self.digest = int(digest[0])

    def bind(self, own_axons: np.ndarray, received: np.ndarray, ring: np.ndarray) -> None:
        """Bind all kernels to the arrays of a step's axons and packets, and to the rings."""
        for part in self.parts:
            part.bind(own_axons, received, ring)

    def begin_run(self) -> None:
        """Forget the spikes that are on their way."""
        for part in self.parts:
            part.n_waiting.fill(0)

    @property
    def n_bytes(self) -> int:
        """Memory of all parts, in bytes."""
        return sum(part.n_bytes for part in self.parts)


def part_of(projection: Projection) -> type[AnyPart]:
    """Return the class that computes the synapses of a projection."""
    by_rule_type = {part.rule_type: part for part in _all_parts()}
    bases = type(projection.rule).__mro__  # from the rule's own class to its most general base
    return next(by_rule_type[base] for base in bases if base in by_rule_type)


def kernels_of_computed(network: Network) -> list[str | Kernel]:
    """Return the modules and kernels to compile for the computed synapses of a network."""
    computed = [projection for projection in network.projections if projection.is_computed]
    if not computed:
        return []
    kernels = {id(kernel): kernel for kernel in (part_of(p).kernel for p in computed)}
    return ["distsnn.kernels.delivery.marks", *kernels.values()]


def _all_parts() -> Iterator[type[AnyPart]]:
    # Importing a file of the folder is what makes its class a subclass of ComputedPart.
    for info in pkgutil.iter_modules(kinds.__path__, f"{kinds.__name__}."):
        importlib.import_module(info.name)
    yield from ComputedPart.__subclasses__()
