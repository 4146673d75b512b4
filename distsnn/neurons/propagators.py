"""Exact propagators of linear equations over one step, in float64 on the host.

dx/dt = A x  has the solution  x(t + h) = exp(A h) x(t) = x(t) + (exp(A h) - 1) x(t).

Kernels use the second form: what is added in a step is small, and exp(A h) - 1 keeps its digits in
float32 whereas exp(A h), close to 1, would lose them.

Source: Rotter & Diesmann 1999, Biol Cybern 81:381 (exact integration of linear neurons).
"""

from __future__ import annotations

import math

import numpy as np

N_TERMS = 20


def matrix_expm1(matrix: np.ndarray, step: float) -> np.ndarray:
    """Return exp(matrix step) - 1, float64 [n, n], by Taylor series and doubling.

    matrix: float64 [n, n], in 1/time. Doubling: exp(2x) - 1 = e e + 2 e, where e = exp(x) - 1.
    """
    scaled = np.asarray(matrix, dtype=np.float64) * step
    size = float(np.abs(scaled).sum(axis=1).max(initial=0.0))
    n_doublings = max(0, int(np.ceil(np.log2(size * 4.0)))) if size > 0 else 0
    scaled = scaled / 2.0**n_doublings
    term = np.eye(scaled.shape[0])
    result = np.zeros_like(scaled)
    for order in range(1, N_TERMS):
        term = term @ scaled / order
        result = result + term
    for _ in range(n_doublings):
        result = result @ result + 2.0 * result
    return result


def peak_mv_per_pa(c_m_pf: float, tau_m_ms: float, tau_syn_ms: float) -> float:
    """Return the highest depolarisation by an exponential current of 1 pA, in mV.

    v(t) = tau_m tau_s / (C (tau_s - tau_m)) (exp(-t / tau_s) - exp(-t / tau_m)), at its peak.
    """
    if math.isclose(tau_m_ms, tau_syn_ms, rel_tol=1e-6):
        return tau_m_ms / c_m_pf / math.e
    ratio = tau_m_ms / tau_syn_ms
    peak = tau_m_ms * math.log(ratio) / (ratio - 1.0)
    size = tau_m_ms * tau_syn_ms / (c_m_pf * (tau_syn_ms - tau_m_ms))
    return size * (math.exp(-peak / tau_syn_ms) - math.exp(-peak / tau_m_ms))
