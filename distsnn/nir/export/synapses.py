"""The synapses of a network as weight matrices, one for each projection and delay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import NetworkError
from distsnn.network import Constant, DrawnSynapses, Network, Projection, drawn_synapses
from distsnn.network.distributions.listed import Listed
from distsnn.network.draw import draw_delays, given_values

MAX_WEIGHTS = 1 << 28
MAX_DELAYS = 256


@dataclass(frozen=True, eq=False)
class Matrix:
    """Weights of all synapses of a projection with the same delay.

    weights: float64 [targets, sources], 0 where there is no synapse; several add up. steps: delay.
    """

    source: str
    target: str
    weights: np.ndarray
    steps: int


def matrices_of(network: Network) -> list[Matrix]:
    """Return the matrices of all projections. Raises NetworkError for what NIR cannot say."""
    for projection in network.projections:
        _require_plain(projection)
    return [
        matrix for synapses in drawn_synapses(network) for matrix in _matrices(network, synapses)
    ]


def _matrices(network: Network, synapses: DrawnSynapses) -> list[Matrix]:
    projection = synapses.projection
    source, target = projection.source, projection.target
    pre, post = synapses.source - source.gid_start, synapses.target - target.gid_start
    counts = np.bincount(post, minlength=target.size).astype(np.int32)
    steps = draw_delays(projection, 0, counts, network.seed, pre.astype(np.uint32))
    weights = _weights(synapses, counts, network.seed)
    # NIR delays whole signals: synapses of each delay are a matrix of their own.
    delays = np.unique(steps)
    if delays.size > MAX_DELAYS:
        raise _refused(projection, "delays", f"at most {MAX_DELAYS} different ones", delays.size)
    matrices = []
    for delay in delays.tolist():
        own = steps == delay
        table = np.zeros((target.size, source.size))
        # Several synapses between two neurons act as one with the sum of their weights.
        np.add.at(table, (post[own], pre[own]), weights[own])
        matrices.append(Matrix(source.name, target.name, table, delay))
    return matrices


def _weights(synapses: DrawnSynapses, counts: np.ndarray, seed: int) -> np.ndarray:
    """Return the weights as they were given, or as stored where they were drawn."""
    given = synapses.projection.weight
    if isinstance(given, Listed):
        return given_values(synapses.projection, given, 0, counts, seed)
    if isinstance(given, Constant):
        return np.full(synapses.weight.size, given.expected())
    return synapses.weight


def _require_plain(projection: Projection) -> None:
    if projection.plasticity is not None:
        name = type(projection.plasticity).__name__
        raise _refused(projection, "plasticity", "left out, since NIR has none", name)
    size = projection.source.size * projection.target.size
    if size > MAX_WEIGHTS:
        raise _refused(projection, "pairs", f"at most {MAX_WEIGHTS}", size)


def _refused(projection: Projection, part: str, limit: str, got: object) -> NetworkError:
    return NetworkError(must_be(f"{projection.name}: {part}", limit, got, "Change the network."))
