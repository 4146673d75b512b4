"""Linear support vector machines, one class against the rest, by dual coordinate descent.

    min over w, b of   (|w|^2 + b^2) / 2 + C sum over i of max(0, 1 - y_i (w x_i + b))^2

All binary classifiers take a sample in turn while it is in the cache. Samples are int16 numbers n
with a shift and a scale per column, x_j = (n_j - shift_j) scale_j. So the code keeps u instead of w:

    u_j = w_j scale_j,   kappa = sum_j u_j shift_j,   w x = sum_j u_j n_j - kappa

    w += d x:   u_j += d (gain_j n_j - drop_j),   kappa += d (cross_i - cross_of_shift)

with gain = scale^2, drop = scale^2 shift, cross_i = sum_j drop_j n_ij, cross_of_shift = sum_j drop_j
shift_j.

Source: Hsieh et al. 2008, A dual coordinate descent method for large-scale linear SVM (ICML), as in
LIBLINEAR's L2-loss solver; samples that stay unchanged are left out for some epochs (shrinking).
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel

LANES = 128  # columns come in multiples of it
SHRINK_AFTER = 3  # epochs without a change after which a sample is left out for a class
MIN_VIOLATION = 1e-6  # below it nothing changes
# Numbers of a class: sum of u shift; b; the largest violation and the changes of an epoch.
KAPPA, BIAS, MAX_VIOLATION, N_CHANGED = range(4)
N_NUMBERS = 4


@device
def dot(u, x, lanes):
    """Return the sum of u x, always in the same order: 128 sums side by side."""
    for k in range(LANES):
        lanes[k] = np.float32(0.0)
    for first in range(0, u.size, LANES):
        a, b = u[first : first + LANES], x[first : first + LANES]
        for k in range(LANES):
            lanes[k] += a[k] * b[k]
    half = LANES // 2
    # Then half onto half, always in the same order: the same bits on every machine.
    while half > 0:
        for k in range(half):
            lanes[k] += lanes[k + half]
        half //= 2
    return lanes[0]


@device
def add_sample(d, x, gain, drop, u):
    """Change u by d times the sample."""
    for k in range(u.size):
        # u += d scale^2 (n - shift) = d (gain n - drop)
        u[k] += d * (gain[k] * x[k] - drop[k])


@kernel(
    "i8(i8, i8, i8, i4[:], i2[:,:], i4[:], f4[:,:], f4[:], f4[:], f4[:], f8[:], f8[:], "
    "f4[:,:], u1[:,:], f8[:,:], f4[:], f4[:])"
)
def descend(
    first, end, visits_all, order, samples, labels, u, gain, drop, constants, cross, squares, alpha,
    unchanged, of_class, x, lanes,
):  # fmt: skip
    """Visit samples order[first:end] once.

    constants: [1 / (2 C), cross_of_shift]. squares: |x_i|^2 + 1. alpha [samples, classes] >= 0, the
    dual variables. unchanged [samples, classes]: visits without a change so far; a sample that was
    unchanged for some visits is left out unless visits_all. of_class [classes, 4]: kappa, bias; the
    largest violation and the number of changes are updated. x, lanes: room for one sample and 128 sums.
    """
    per_c = np.float64(constants[0])
    cross_of_shift = np.float64(constants[1])
    for position in range(first, end):
        i = np.int64(order[position])
        sample = samples[i]
        is_loaded = False
        for c in range(u.shape[0]):
            if not visits_all and unchanged[i, c] >= np.uint8(SHRINK_AFTER):
                continue
            if not is_loaded:
                is_loaded = True
                for k in range(sample.size):
                    x[k] = np.float32(sample[k])
            y = 1.0 if np.int64(labels[i]) == c else -1.0
            # G = y (w x + b) - 1 + alpha / 2C, projected onto alpha >= 0.
            # w x + b = u n - kappa + b
            output = np.float64(dot(u[c], x, lanes)) - of_class[c, KAPPA] + of_class[c, BIAS]
            a = np.float64(alpha[i, c])
            slope = y * output - 1.0 + a * per_c
            violation = min(slope, 0.0) if a == 0.0 else slope
            of_class[c, MAX_VIOLATION] = max(of_class[c, MAX_VIOLATION], abs(violation))
            if abs(violation) < MIN_VIOLATION:
                if unchanged[i, c] < np.uint8(255):
                    unchanged[i, c] += np.uint8(1)
                continue
            unchanged[i, c] = np.uint8(0)
            # alpha = max(alpha - G / (|x|^2 + 1 + 1 / 2C), 0);  w += (change of alpha) y x
            new = np.float64(np.float32(max(a - slope / (squares[i] + per_c), 0.0)))
            d = (new - a) * y
            alpha[i, c] = np.float32(new)
            add_sample(np.float32(d), x, gain, drop, u[c])
            of_class[c, KAPPA] += d * (cross[i] - cross_of_shift)
            of_class[c, BIAS] += d
            of_class[c, N_CHANGED] += 1.0
    return 0


@kernel("i8(i2[:,:], f4[:], f4[:], f8[:], f8[:])")
def measure(samples, gain, drop, cross, squares):
    """cross[i] = sum of drop n_i, squares[i] = sum of (gain n_i - 2 drop) n_i, in double."""
    for i in range(samples.shape[0]):
        sample = samples[i]
        crossed, squared = 0.0, 0.0
        for k in range(sample.size):
            n = np.float64(sample[k])
            crossed += np.float64(drop[k]) * n
            # |x|^2 without its constant term: sum of scale^2 (n^2 - 2 shift n)
            squared += np.float64(gain[k]) * n * n
        cross[i] = crossed
        squares[i] = squared - 2.0 * crossed
    return 0


@kernel("i8(i2[:,:], f4[:,:], f8[:,:], f8[:,:], f4[:], f4[:])")
def outputs(samples, u, of_class, values, x, lanes):
    """values[i, c] = w_c x_i + b_c."""
    for i in range(samples.shape[0]):
        for k in range(samples.shape[1]):
            x[k] = np.float32(samples[i, k])
        for c in range(u.shape[0]):
            output = np.float64(dot(u[c], x, lanes))
            values[i, c] = output - of_class[c, KAPPA] + of_class[c, BIAS]
    return 0
