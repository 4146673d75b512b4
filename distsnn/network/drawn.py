"""All synapses of a network, drawn in one process: for analysis and pictures, not for a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from distsnn.checks import instance
from distsnn.network.description import Projection
from distsnn.network.draw import draw_sources, draw_weights
from distsnn.network.network import Network
from distsnn.network.weights.quanta import Quanta


@dataclass(frozen=True, eq=False)
class DrawnSynapses:
    """The synapses of one projection, by target.

    source, target: int64 gid of each. receptor: int64, of the target's model. weight: float32, as
    it is stored: a multiple of its lane's quantum.
    """

    projection: Projection
    source: np.ndarray
    target: np.ndarray
    receptor: np.ndarray
    weight: np.ndarray


def drawn_synapses(network: Network) -> Iterator[DrawnSynapses]:
    """Yield the synapses of each projection of a network, the same as in a run.

    Raises UsageError for anything but a network.
    """
    instance("drawn_synapses: network", network, Network)
    return _drawn(network)


def _drawn(network: Network) -> Iterator[DrawnSynapses]:
    quanta = Quanta(network)
    for projection in network.projections:
        size = projection.target.size
        counts, sources = draw_sources(projection, 0, size, network.seed)
        code = quanta.code(projection)
        drawn, lanes = draw_weights(projection, 0, counts, network.seed, code, sources)
        of_lane = code.receptor_of_lane()
        receptor_of_lane = np.array([of_lane.get(lane, 0) for lane in range(max(of_lane) + 1)])
        yield DrawnSynapses(
            projection,
            sources.astype(np.int64) + projection.source.gid_start,
            np.repeat(np.arange(size), counts) + projection.target.gid_start,
            receptor_of_lane[lanes],
            code.decode(drawn, lanes),
        )
