"""The network of Izhikevich 2003 as its script has it, in plain numpy and apart from distsnn.

Source: Izhikevich 2003, IEEE Trans Neural Networks 14:1569, section III.
"""

from __future__ import annotations

import numpy as np

N_E, N_I = 800, 200


def izhikevich_script(seed: int, n_ms: int = 1000) -> tuple[np.ndarray, np.ndarray]:
    """Return the ms and the cells of all spikes, int64; cells from 800 on are inhibitory."""
    rng = np.random.default_rng(seed)
    r_e, r_i = rng.random(N_E), rng.random(N_I)
    a = np.concatenate([np.full(N_E, 0.02), 0.02 + 0.08 * r_i])
    b = np.concatenate([np.full(N_E, 0.2), 0.25 - 0.05 * r_i])
    c = np.concatenate([-65.0 + 15.0 * r_e**2, np.full(N_I, -65.0)])
    d = np.concatenate([8.0 - 6.0 * r_e**2, np.full(N_I, 2.0)])
    n = N_E + N_I
    weights = np.hstack([0.5 * rng.random((n, N_E)), -rng.random((n, N_I))])
    sd = np.concatenate([np.full(N_E, 5.0), np.full(N_I, 2.0)])
    v = np.full(n, -65.0)
    u = b * v
    fired_at: list[np.ndarray] = []
    for _ in range(n_ms):
        drive = sd * rng.standard_normal(n)
        fired = np.flatnonzero(v >= 30.0)
        fired_at.append(fired)
        v[fired] = c[fired]
        u[fired] += d[fired]
        drive += weights[:, fired].sum(axis=1)
        for _ in range(2):
            v += 0.5 * (0.04 * v**2 + 5.0 * v + 140.0 - u + drive)
        u += a * (b * v - u)
    ms = np.repeat(np.arange(n_ms), [fired.size for fired in fired_at])
    return ms, np.concatenate(fired_at)
