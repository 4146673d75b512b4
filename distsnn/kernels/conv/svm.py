"""Linear support vector machines, one class against the rest, by dual coordinate descent.

    min over w, b of   (|w|^2 + b^2) / 2 + C sum over i of max(0, 1 - y_i (w x_i + b))^2

A sample is looked at for all classes while it is in the cache. Samples are int16 numbers n with a
shift and a scale per column, x_j = (n_j - shift_j) scale_j, so that w x = sum_j u_j n_j - kappa with
u_j = w_j scale_j, kappa = sum_j u_j shift_j. A change of w by d x changes u_j by d (gain_j n_j -
drop_j), gain = scale^2, drop = scale^2 shift, and kappa by d (cross_i - cross_of_shift), cross_i =
sum_j scale_j^2 shift_j n_ij.

Source: Hsieh et al. 2008, A dual coordinate descent method for large-scale linear SVM (ICML), as in
LIBLINEAR's L2-loss solver.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel

LANES = 128  # columns come in multiples of it
SHRINK_AFTER = 3  # looks without a change after which a sample rests for a class
# Numbers of a class.
KAPPA, BIAS, MAX_VIOLATION, N_CHANGED = range(4)


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
    while half > 0:
        for k in range(half):
            lanes[k] += lanes[k + half]
        half //= 2
    return lanes[0]


@device
def add_sample(d, x, gain, drop, u):
    """Change u by d times the sample."""
    for k in range(u.size):
        u[k] += d * (gain[k] * x[k] - drop[k])


@kernel(
    "i8(i8, i8, i8, i4[:], i2[:,:], i4[:], f4[:,:], f4[:], f4[:], f4[:], f8[:], f8[:], "
    "f4[:,:], u1[:,:], f8[:,:], f4[:], f4[:])"
)
def descend(
    first,
    end,
    visits_all,
    order,
    samples,
    labels,
    u,
    gain,
    drop,
    constants,
    cross,
    squares,
    alpha,
    unchanged,
    of_class,
    x,
    lanes,
):
    """Look at samples order[first:end] once.

    constants: [1 / (2 C), cross_of_shift]. squares: |x_i|^2 + 1. alpha [samples, classes] >= 0.
    unchanged [samples, classes]: looks without a change so far; who was unchanged for some looks is passed
    over unless visits_all. of_class [classes, 4]: kappa, bias; the largest violation and number
    of changes are updated. x, lanes: room for one sample and 128 sums.
    """
    per_c = np.float64(constants[0])
    cross_of_shift = np.float64(constants[1])
    n_classes = u.shape[0]
    for position in range(first, end):
        i = np.int64(order[position])
        sample = samples[i]
        is_loaded = False
        for c in range(n_classes):
            if not visits_all and unchanged[i, c] >= np.uint8(SHRINK_AFTER):
                continue
            if not is_loaded:
                is_loaded = True
                for k in range(sample.size):
                    x[k] = np.float32(sample[k])
            y = 1.0 if np.int64(labels[i]) == c else -1.0
            output = np.float64(dot(u[c], x, lanes)) - of_class[c, KAPPA] + of_class[c, BIAS]
            a = np.float64(alpha[i, c])
            slope = y * output - 1.0 + a * per_c
            violation = min(slope, 0.0) if a == 0.0 else slope
            of_class[c, MAX_VIOLATION] = max(of_class[c, MAX_VIOLATION], abs(violation))
            if abs(violation) < 1e-6:
                if unchanged[i, c] < np.uint8(255):
                    unchanged[i, c] += np.uint8(1)
                continue
            unchanged[i, c] = np.uint8(0)
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
            squared += np.float64(gain[k]) * n * n
        cross[i] = crossed
        squares[i] = squared - 2.0 * crossed
    return 0


@kernel("i8(i2[:,:], f4[:,:], f8[:,:], f8[:,:], f4[:], f4[:])")
def outputs(samples, u, of_class, found, x, lanes):
    """found[i, c] = w_c x_i + b_c."""
    for i in range(samples.shape[0]):
        for k in range(samples.shape[1]):
            x[k] = np.float32(samples[i, k])
        for c in range(u.shape[0]):
            output = np.float64(dot(u[c], x, lanes))
            found[i, c] = output - of_class[c, KAPPA] + of_class[c, BIAS]
    return 0
