"""Given spikes onto neurons, without a population of their own."""

from __future__ import annotations

from distsnn.kernels.compile.declare import kernel


@kernel("i8(i8, i8[:], i8[:], i8[:], f4[:], f4[:])")
def drive_trains(t, steps, start, targets, weights, arrived):
    """arrived[target] += weight for every spike of step t.

    steps: int64, ascending, those that have spikes. The spikes of steps[k] are start[k] ..
    start[k + 1] - 1 of targets (int64) and weights (float32). arrived: float32, flat.
    """
    first, end = 0, steps.size
    while first < end:
        middle = (first + end) >> 1
        if steps[middle] < t:
            first = middle + 1
        else:
            end = middle
    if first < steps.size and steps[first] == t:
        for i in range(start[first], start[first + 1]):
            arrived[targets[i]] += weights[i]
    return 0
