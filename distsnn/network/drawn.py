"""All synapses of a network, drawn in one process, for analysis and figures; a run draws its own."""

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
    """The synapses of one projection, in ascending order of the targets.

    source, target: int64, gids. receptor: int64, index into the receptors of the target's model.
    weight: float64 as stored, a multiple of the quantum of its lane, in the receptor's unit.
    """

    projection: Projection
    source: np.ndarray
    target: np.ndarray
    receptor: np.ndarray
    weight: np.ndarray


def drawn_synapses(network: Network) -> Iterator[DrawnSynapses]:
    """Yield the synapses of each projection of a network, the same as in a run.

    Raises UsageError if ``network`` is not a Network.
    """
    instance("drawn_synapses: network", network, Network)
    return _drawn(network)


def _drawn(network: Network) -> Iterator[DrawnSynapses]:
    quanta = Quanta(network)
    for projection in network.projections:
        size = projection.target.size
        counts, sources = draw_sources(projection, 0, size, network.seed)
        code = quanta.code(projection)
        weight_quanta, lanes = draw_weights(projection, 0, counts, network.seed, code, sources)
        # Lane -> receptor as an array; lanes of other projections are not looked up.
        receptors = code.receptor_of_lane()
        receptor_of_lane = np.array([receptors.get(lane, 0) for lane in range(max(receptors) + 1)])
        yield DrawnSynapses(
            projection,
            # indices within the populations -> gids
            sources.astype(np.int64) + projection.source.gid_start,
            np.repeat(np.arange(size), counts) + projection.target.gid_start,
            receptor_of_lane[lanes],
            code.decode(weight_quanta, lanes),
        )
