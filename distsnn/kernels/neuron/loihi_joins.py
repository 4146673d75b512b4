"""One compartment of a tree of Loihi compartments, and what its children do to it.

Every function works on arrays over the neurons of a slice. ``distsnn.neurons.loihi_tree`` has the
equations.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device
from distsnn.kernels.numbers.fixed_point import decayed, wrapped

JOINS = ("none", "add", "min", "max", "or", "and", "pass", "block")
NONE, ADD, MIN, MAX, OR, AND, PASS, BLOCK = range(8)
Q_BITS, U_BITS = 21, 23
MOST = 2.0**24  # up to here the sum of weights that arrive is exact


@device
def sum_of(c, u, bias, arriving, current, s, misfit):
    """s = sum of one compartment before the join; misfit = 1 where a number wrapped."""
    keep_u, shift, most = np.int32(c[0]), np.int32(c[4]), np.float32(MOST)
    for i in range(u.size):
        weights = np.int32(min(max(arriving[i], -most), most))
        q_whole = np.int32(weights << shift)
        q = wrapped(q_whole, Q_BITS)
        u_whole = np.int32(decayed(u[i], keep_u) + q)
        u_1 = wrapped(u_whole, U_BITS)
        u[i] = u_1
        s[i] = np.int32(u_1 + bias[i] + np.int32(current[i]))
        wraps = (q != q_whole) | (u_1 != u_whole) | (abs(arriving[i]) > most)
        misfit[i] = np.float32(1.0) if wraps else misfit[i]


@device
def take_child(join, is_first, number, above, s, gate):
    """Take one child into its parent's s and gate, by the parent's join."""
    if join == ADD or (join >= PASS and not is_first):
        for i in range(s.size):
            s[i] = np.int32(s[i] + number[i])
    elif join == MIN:
        for i in range(s.size):
            s[i] = min(s[i], number[i])
    elif join == MAX:
        for i in range(s.size):
            s[i] = max(s[i], number[i])
    elif join == AND:
        for i in range(s.size):
            gate[i] = np.int32(gate[i] & above[i])
    elif join == BLOCK:
        for i in range(s.size):
            gate[i] = np.int32(np.int32(1) - above[i])
    else:  # or; pass, first child
        for i in range(s.size):
            gate[i] = np.int32(gate[i] | above[i])


@device
def fire(c, v, refractory, s, above, misfit, spiked, is_root):
    """s -> v -> spike; s becomes the number for the parent."""
    keep_v, threshold, n_refractory = np.int32(c[1]), np.int32(c[2]), np.int32(c[3])
    v_min, v_max = np.int32(1 - (np.int64(1) << np.int64(c[5]))), np.int32(c[6])
    hands_v, spikes = c[8] > np.float32(0.0), c[9] > np.float32(0.0)
    for i in range(v.size):
        fitting = wrapped(s[i], U_BITS)
        v_whole = np.int32(decayed(v[i], keep_v) + fitting)
        v_1 = np.int32(0) if refractory[i] > 0 else min(max(v_whole, v_min), v_max)
        is_above = v_1 > threshold
        fires = is_above & spikes
        wraps = (fitting != s[i]) | (v_whole > v_max)
        misfit[i] = np.float32(1.0) if wraps else misfit[i]
        v_handed = v_1 if spikes | is_above else np.int32(0)
        s[i] = v_handed if hands_v else fitting
        above[i] = np.int32(1) if is_above else np.int32(0)
        v[i] = np.int32(0) if fires else v_1
        left = n_refractory if fires else refractory[i]
        refractory[i] = max(np.int32(left - np.int32(1)), np.int32(0))
        if is_root:
            spiked[i] = np.uint8(1) if fires else np.uint8(0)
