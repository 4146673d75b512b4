"""The spectral radius of a liquid's recurrent weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from distsnn.liquid.liquid import Liquid
from distsnn.network import Network
from distsnn.network.draw import draw_sources, draw_weights
from distsnn.network.weights.quanta import Quanta


def spectral_radius(network: Network, n_neurons: int, effect: Sequence[float]) -> float:
    """Return the largest |eigenvalue| of the recurrent weights, each times ``effect``.

    effect: what a weight of 1 onto each receptor does in all, in units of the threshold; so that 1
    means that a spike brings forth about one other. By Arnoldi-like power iteration on blocks.
    """
    matrix = weight_matrix(network, n_neurons, effect)
    return radius_of(matrix)


def weight_matrix(network: Network, n_neurons: int, effect: Sequence[float]) -> np.ndarray:
    """Return the recurrent weights times effect, float32 [onto, from].

    Of synapses with short-term plasticity: what the first spike of a rested one delivers.
    """
    quanta = Quanta(network)
    matrix = np.zeros((n_neurons, n_neurons), dtype=np.float32)
    for projection in network.projections:
        if projection.source.gid_start >= n_neurons:
            continue
        size = projection.target.size
        counts, sources = draw_sources(projection, 0, size, network.seed)
        code = quanta.code(projection)
        drawn, lanes = draw_weights(projection, 0, counts, network.seed, code)
        weights = code.decode(drawn, lanes)
        targets = np.repeat(np.arange(size), counts) + projection.target.gid_start
        if projection.plasticity is not None:
            weights = weights * projection.plasticity.rested_share
        place = (targets, sources.astype(np.int64) + projection.source.gid_start)
        of_lane = code.receptor_of_lane()
        effects = np.array([effect[of_lane.get(lane, 0)] for lane in range(max(of_lane) + 1)])
        np.add.at(matrix, place, effects.astype(np.float32)[lanes] * weights)
    return matrix


def radius_of(matrix: np.ndarray, n_vectors: int = 24, n_rounds: int = 60) -> float:
    """Return the largest |eigenvalue|: exactly for small matrices, else by subspace iteration."""
    n = matrix.shape[0]
    if n <= 600:
        return float(np.abs(np.linalg.eigvals(matrix.astype(np.float64))).max())
    random = np.random.Generator(np.random.Philox(key=1))
    basis = np.linalg.qr(random.standard_normal((n, n_vectors)))[0]
    for _ in range(n_rounds):
        basis = np.linalg.qr(matrix @ basis)[0]
    small = basis.T @ (matrix @ basis)
    return float(np.abs(np.linalg.eigvals(small)).max())


def effects_of(liquid: Liquid) -> tuple[float, float]:
    """Return what 1 nA onto each receptor adds to v in all, over the way from reset to threshold."""
    c = liquid.column
    way = c.v_threshold_mv - min(0.0, c.v_reset_mv)
    return (c.tau_syn_e_ms / c.tau_m_ms / way, c.tau_syn_i_ms / c.tau_m_ms / way)
