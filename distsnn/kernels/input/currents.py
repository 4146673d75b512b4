"""Currents that change from step to step: waveforms, sines, white and Ornstein-Uhlenbeck noise.

Entries, rows and levels are those of ``levels``. In step t an entry adds to the current of its neuron

    waveform   level                                     its levels are in pA
    sine       level (offset + amplitude sin(2 pi (turns t + phase)))
    white      level (mean + sd z)                       z: normal, new in each interval
    OU         x,  x <- mean + a (x - mean) + b z        a = exp(-dt / tau), b = sd sqrt(1 - a^2)

where level is 1 from start to stop and 0 outside. x begins with its stationary distribution, mean
+ sd z, in the first step, which is exact for any dt. The noise of a block is a random block of two
words, whose key is the stimulus's and whose counter is (pair of positions, number of the interval).

Source: Uhlenbeck & Ornstein 1930, Phys Rev 36:823; Gillespie 1996, Phys Rev E 54:2084 (the exact
update).
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.input.levels import CHUNK, refresh_levels
from distsnn.kernels.numbers.circular import sine_of_turns
from distsnn.kernels.numbers.normal import normal_f4
from distsnn.kernels.numbers.threefry import threefry

# Rows of the parameters of sines, of white noise, of OU noise.
OFFSET, AMPLITUDE, TURNS, PHASE = range(4)
MEAN, SD, EVERY, START = range(4)
DECAY, KICK = 2, 3
STARTS = 2.0  # level of OU noise in its first step


@kernel("i8(i8, i8[:], f4[:], f4[:])")
def copy_constant(t, slots, constant, current):
    """current[slot] = constant[slot]: what the other kernels of this file add to."""
    for i in range(slots.size):
        current[slots[i]] = constant[slots[i]]
    return 0


@device
def scatter(first, n, targets, values, current):
    """current[target] += value for the entries first .. first + n - 1; dummies have no target.

    Mostly the targets follow each other, so that the loop over them vectorises.
    """
    at = targets[first]
    is_run = at >= 0
    for i in range(n):
        is_run &= targets[first + i] == at + i
    if is_run:
        own = current[at : at + n]
        for i in range(n):
            own[i] += np.float32(values[i])
        return
    for i in range(n):
        target = targets[first + i]
        if target >= 0:
            current[target] += np.float32(values[i])


@kernel("i8(i8, i8[:,:], i8[:], f8[:], i8[:], f8[:], u1[:], i8[:], f4[:])")
def drive_waveforms(t, rows, edges, levels, limits, level, is_active, targets, current):
    """Add the level of every entry at step t to the current of its neuron."""
    if t < limits[0] or t >= limits[1]:
        refresh_levels(t, rows, edges, levels, limits, level, is_active)
    for chunk in range(is_active.size):
        if is_active[chunk] != 0:
            first = chunk * CHUNK
            n = min(CHUNK, level.size - first)
            scatter(first, n, targets, level[first : first + n], current)
    return 0


@kernel("i8(i8, i8[:,:], i8[:], f8[:], i8[:], f8[:], u1[:], i8[:], f8[:,:], f8[:], f4[:])")
def drive_sines(
    t, rows, edges, levels, limits, level, is_active, targets, parameters, values, current
):
    """Add the sine of every entry at step t; parameters: float64 [4, entries]."""
    if t < limits[0] or t >= limits[1]:
        refresh_levels(t, rows, edges, levels, limits, level, is_active)
    for chunk in range(is_active.size):
        if is_active[chunk] == 0:
            continue
        first = chunk * CHUNK
        n = min(CHUNK, level.size - first)
        own, end = level[first : first + n], first + n
        offset, amplitude = parameters[OFFSET, first:end], parameters[AMPLITUDE, first:end]
        per_step, phase = parameters[TURNS, first:end], parameters[PHASE, first:end]
        for i in range(n):
            turns = per_step[i] * np.float64(t) + phase[i]
            sine, _ = sine_of_turns(turns - np.floor(turns))
            values[i] = own[i] * (offset[i] + amplitude[i] * sine)
        scatter(first, n, targets, values, current)
    return 0


@device
def draw_normal(first, n, keys, pairs, intervals, values):
    """values[:n] = standard normal numbers of the entries first .. first + n - 1; n: even.

    keys uint32 [2, blocks], low and high words. pairs: of positions, uint32. intervals: int64 [blocks].
    """
    block = first >> 1
    low, high, pair, interval = keys[0, block:], keys[1, block:], pairs[block:], intervals[block:]
    for j in range(n >> 1):
        k = interval[j]
        own_high = np.uint32(high[j] ^ np.uint32(k >> 32 & 0xFFFFFFFF))
        x, y = threefry(low[j], own_high, pair[j], np.uint32(k & 0xFFFFFFFF))
        values[2 * j] = np.float64(normal_f4(x))
        values[2 * j + 1] = np.float64(normal_f4(y))


@kernel(
    "i8(i8, i8[:,:], i8[:], f8[:], i8[:], f8[:], u1[:], i8[:], f8[:,:], u4[:,:], u4[:], i8[:], "
    "i8[:], i8[:], f8[:], f4[:])"
)
def drive_white(t, rows, edges, levels, limits, level, is_active, targets, parameters, keys, pairs,
                every, start, intervals, values, current):  # fmt: skip
    """Add white noise at step t; its interval begins every[block] steps after the one before.

    parameters: float64 [2, entries], mean and sd. start: int64 [blocks], first step.
    """
    if t < limits[0] or t >= limits[1]:
        refresh_levels(t, rows, edges, levels, limits, level, is_active)
    for chunk in range(is_active.size):
        if is_active[chunk] == 0:
            continue
        first = chunk * CHUNK
        n = min(CHUNK, level.size - first)
        for j in range(first >> 1, (first + n) >> 1):
            k = t - start[j]
            intervals[j] = k if every[j] == 1 else k // every[j]
        draw_normal(first, n, keys, pairs, intervals, values)
        own, end = level[first : first + n], first + n
        mean, sd = parameters[MEAN, first:end], parameters[SD, first:end]
        for i in range(n):
            values[i] = own[i] * (mean[i] + sd[i] * values[i])
        scatter(first, n, targets, values, current)
    return 0


@kernel(
    "i8(i8, i8[:,:], i8[:], f8[:], i8[:], f8[:], u1[:], i8[:], f8[:,:], u4[:,:], u4[:], f8[:], "
    "i8[:], f8[:], f4[:])"
)
def drive_ou(t, rows, edges, levels, limits, level, is_active, targets, parameters, keys, pairs,
             x, intervals, values, current):  # fmt: skip
    """Add Ornstein-Uhlenbeck noise at step t and advance x.

    parameters: float64 [4, entries], mean, sd, a and b. x: float64 [entries], less the mean: the only
    state of an input.
    """
    if t < limits[0] or t >= limits[1]:
        refresh_levels(t, rows, edges, levels, limits, level, is_active)
    for chunk in range(is_active.size):
        if is_active[chunk] == 0:
            continue
        first = chunk * CHUNK
        n = min(CHUNK, level.size - first)
        for j in range(first >> 1, (first + n) >> 1):
            intervals[j] = t
        draw_normal(first, n, keys, pairs, intervals, values)
        own, state, end = level[first : first + n], x[first : first + n], first + n
        mean, sd = parameters[MEAN, first:end], parameters[SD, first:end]
        decay, kick = parameters[DECAY, first:end], parameters[KICK, first:end]
        for i in range(n):
            starts = own[i] == STARTS
            a = 0.0 if starts else decay[i]
            b = sd[i] if starts else kick[i]
            state[i] = a * state[i] + b * values[i]
            values[i] = mean[i] + state[i] if own[i] != 0.0 else 0.0
        scatter(first, n, targets, values, current)
    return 0
