"""The spectral radius of a liquid's recurrent weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from distsnn.liquid.liquid import Liquid
from distsnn.network import Network, drawn_synapses

MAX_EXACT = 600  # neurons whose eigenvalues are all computed
N_VECTORS, N_ROUNDS = 24, 60  # of the subspace iteration for larger liquids


def spectral_radius(network: Network, n_neurons: int, effect: Sequence[float]) -> float:
    """Return the largest |eigenvalue| of the recurrent weights, each times ``effect``.

    effect: total change of v per unit of weight onto each receptor, in units of the threshold, so
    that 1 means that a spike causes about one other. By subspace iteration for large liquids.
    """
    return radius_of(weight_matrix(network, n_neurons, effect))


def weight_matrix(network: Network, n_neurons: int, effect: Sequence[float]) -> np.ndarray:
    """Return the recurrent weights times ``effect``, float32 [target, source].

    For synapses with short-term plasticity: what the first spike after a long rest delivers.
    """
    matrix = np.zeros((n_neurons, n_neurons), dtype=np.float32)
    for synapses in drawn_synapses(network):
        if synapses.projection.source.gid_start >= n_neurons:
            continue
        weights, rule = synapses.weight, synapses.projection.plasticity
        if rule is not None:
            weights = weights * rule.rested_share
        factor = np.array(effect, dtype=np.float32)[synapses.receptor]
        # Several synapses of a pair add up.
        np.add.at(matrix, (synapses.target, synapses.source), factor * weights)
    return matrix


def radius_of(matrix: np.ndarray) -> float:
    """Return the largest |eigenvalue|: exactly for small matrices, else by subspace iteration."""
    n = matrix.shape[0]
    if n <= MAX_EXACT:
        return float(np.abs(np.linalg.eigvals(matrix.astype(np.float64))).max())
    random = np.random.Generator(np.random.Philox(key=1))
    # Random orthonormal start; the key is fixed, so the result is reproducible.
    basis = np.linalg.qr(random.standard_normal((n, N_VECTORS)))[0]
    for _ in range(N_ROUNDS):
        # B <- orthonormal basis of W B: converges to the dominant invariant subspace.
        basis = np.linalg.qr(matrix @ basis)[0]
    # Rayleigh-Ritz: the eigenvalues of the matrix restricted to the subspace.
    small = basis.T @ (matrix @ basis)
    return float(np.abs(np.linalg.eigvals(small)).max())


def effects_of(liquid: Liquid) -> tuple[float, float]:
    """Return the total change of v by 1 nA onto each receptor, relative to threshold minus reset.

    The integral of exp(-t / tau_syn) is tau_syn; the membrane divides it by tau_m (R = 1 MOhm).
    """
    c = liquid.column
    to_threshold_mv = c.v_threshold_mv - min(0.0, c.v_reset_mv)
    return (
        # delta v / (v_threshold - v_reset) = tau_syn / tau_m / to_threshold per nA
        c.tau_syn_e_ms / c.tau_m_ms / to_threshold_mv,
        c.tau_syn_i_ms / c.tau_m_ms / to_threshold_mv,
    )
