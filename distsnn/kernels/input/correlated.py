"""Correlated Poisson trains: each is a thinned copy of one mother train.

    M ~ Poisson(m / c),   count of a neuron ~ Binomial(M, c),   m = rate dt, c: correlation

The count of each neuron is Poisson(m), and those of two neurons have the correlation c. M is the
number of thresholds <= a word that all neurons share; the count of a neuron is found in the same way
from its own word and the distribution function of Binomial(M, c). The key of the mother's word is
the stimulus's, its counter (2^32 - 1, t): no pair of positions has this number.

Source: the multiple interaction process of Kuhn, Aertsen & Rotter 2003, Neural Comput 15:67.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.neuron.poisson import (
    COMPARE_LIMIT,
    count_below,
    count_by_comparing,
    count_by_searching,
    fill_noise,
)
from distsnn.kernels.numbers.threefry import threefry

# Columns of a row, a stimulus: key, thresholds of the mother, steps, first entry and end.
KEY_LOW, KEY_HIGH, FIRST_THRESHOLD, END_THRESHOLD, FIRST_STEP, END_STEP = range(6)
FIRST_RUN, END_RUN = 6, 7
FIRST_TABLE = 8  # of Binomial(0, c) in starts; NO_TABLE: thresholds are made when needed
N_ROW_COLUMNS = 9
NO_TABLE = -1
# Columns of a run, neurons with neighbouring positions: first position, number, first target.
POSITION, N_NEURONS, TARGET = range(3)
N_RUN_COLUMNS = 3
MOTHER = 0xFFFFFFFF
N_WORDS = 4294967296.0
NEGLIGIBLE = 1e-20  # share of P(mode)


@device
def binomial_thresholds(n, p, out):
    """Write 2^32 P(count <= k), rounded, for Binomial(n, p) below 2^32 to out; return their number.

    Weights relative to that of the mode, outwards until they are negligible. out: uint32 [n + 1] at
    least; weights are summed twice, so that no other array is needed.
    """
    mode = min(n, np.int64(np.float64(n + 1) * p))
    odds = p / (1.0 - p) if p < 1.0 else 0.0
    # w(k) / w(k - 1) = (n - k + 1) / k  p / (1 - p)
    lowest, below, w = mode, 0.0, 1.0
    while lowest > 0 and odds > 0.0 and w > NEGLIGIBLE:
        w *= np.float64(lowest) / (np.float64(n - lowest + 1) * odds)
        lowest -= 1
        below += w
    highest, above, v = mode, 0.0, 1.0
    while highest < n and v > NEGLIGIBLE:
        highest += 1
        v *= np.float64(n - highest + 1) / np.float64(highest) * odds
        above += v
    total = below + 1.0 + above
    n_out = 0
    for _ in range(lowest):
        out[n_out] = np.uint32(0)
        n_out += 1
    # P(count <= k) = 1 - sum of the weights above, which is summed from the far end.
    cumulated = 0.0
    v = w
    for k in range(lowest, highest + 1):
        if k > lowest:
            v *= np.float64(n - k + 1) / np.float64(k) * odds
        cumulated += v
        word = np.rint(cumulated / total * N_WORDS)
        if word >= N_WORDS or k == n:
            break
        out[n_out] = np.uint32(word)
        n_out += 1
    return n_out


@kernel("i8(f8[:], i8[:], i8[:], u4[:])")
def fill_binomial_tables(p, largest, starts, tables):
    """Write the thresholds of Binomial(n, p[k]), n = 0 .. largest[k], one after the other, k by k.

    starts: int64, one for each table and the end of the last. tables: uint32, n + 1 words for each.
    """
    table, end = 0, 0
    for k in range(p.size):
        for n in range(largest[k] + 1):
            starts[table] = end
            if n > 0:
                end += binomial_thresholds(n, p[k], tables[end:])
            table += 1
    starts[table] = end
    return 0


@kernel("i8(i8, i8[:,:], i8[:,:], u4[:], f8[:], f4[:], u4[:], i8[:], u4[:], u4[:], i8[:], f4[:])")
def drive_correlated(
    t,
    rows,
    runs,
    mothers,
    correlations,
    weights,
    thresholds,
    starts,
    tables,
    noise,
    targets,
    arrived,
):
    """arrived[target] += weight * count of every neuron of every stimulus at step t.

    mothers: thresholds of M, uint32. correlations float64, weights float32: by row. thresholds
    uint32: as many as M can be, and one more. starts, tables: of ``fill_binomial_tables``.
    noise: uint32 [2 longest run + 4]. targets: int64, of the runs. arrived: float32, flat.
    """
    for row in range(rows.shape[0]):
        if t < rows[row, FIRST_STEP] or t >= rows[row, END_STEP]:
            continue
        low, high = np.uint32(rows[row, KEY_LOW]), np.uint32(rows[row, KEY_HIGH])
        turned = np.uint32(high ^ np.uint32(t >> 32 & 0xFFFFFFFF))
        word, _ = threefry(low, turned, np.uint32(MOTHER), np.uint32(t & 0xFFFFFFFF))
        table = mothers[rows[row, FIRST_THRESHOLD] : rows[row, END_THRESHOLD]]
        n_mother = count_below(word, table, 0)
        if n_mother == 0:
            continue
        place = rows[row, FIRST_TABLE]
        if place == NO_TABLE:
            own = thresholds[: binomial_thresholds(n_mother, correlations[row], thresholds)]
        else:
            own = tables[starts[place + n_mother] : starts[place + n_mother + 1]]
        n_thresholds, n_certain = own.size, count_below(np.uint32(0), own, 0)
        for run in range(rows[row, FIRST_RUN], rows[row, END_RUN]):
            position, n = runs[run, POSITION], runs[run, N_NEURONS]
            fill_noise(t, position, n, low, high, noise)
            words = noise[position & 1 : (position & 1) + n]
            counts = noise[n + 2 : 2 * n + 2]
            if n_thresholds - n_certain <= COMPARE_LIMIT:
                count_by_comparing(words, own, n_certain, counts)
            else:
                count_by_searching(words, own, n_certain, counts)
            for i in range(n):
                target = targets[runs[run, TARGET] + i]
                arrived[target] += np.float32(counts[i]) * weights[row]
    return 0
