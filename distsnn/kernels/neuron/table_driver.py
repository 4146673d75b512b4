"""The step of models whose number of variables is set at run time: multi-compartment neurons.

Whereas ``driver`` names each state array, this driver hands ``step`` the whole table of states, once
as float32 and once as int32, and each receptor is a row of the inputs. One compiled kernel thus
serves trees of any size.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from distsnn.kernels.compile.declare import Kernel
from distsnn.kernels.neuron.constants import require_record
from distsnn.kernels.neuron.driver import (
    CONSTANTS_ROW,
    LANE_SIZE,
    N_RECEPTORS,
    RING_START,
    SLOT_MASK,
    SLOT_SIZE,
    START,
    ModelKernel,
    N,
    add_lanes,
    add_stimuli,
    read_ring,
    signature_of,
)

ROWS_PER_RECEPTOR = 3  # of inputs: one for the input, two as scratch for ``step``


def takes_table(kernel: Kernel) -> bool:
    """Return whether a kernel takes the table of states as one array instead of row by row."""
    return kernel.signature.arrays[-1][1] == 2


def table_driver(step: Callable[..., Any], constants: type) -> ModelKernel:
    """Return the kernel that runs ``step`` over all slices of a rank.

    constants: the ``NamedTuple`` class that the model's ``constants()`` returns; its fields may be
    arrays, so ``step`` gets the row of float32 that they fill one after the other.

    ``step(row, a, b, rows, whole, inputs, current, spiked)``: the slice has the slots a .. b - 1. rows
    float32 and whole int32 [variables, slots] are the same memory. inputs float32 [3 n_receptors,
    at least b - a]: the first n_receptors rows hold the input. current float32 and spiked uint8
    [b - a].
    """

    require_record(constants)

    def advance(
        t, slices, layout, constants, quanta, stimuli, weights, thresholds, arrived, ring, current,
        inputs, noise, spiked, rows, whole,
    ):  # fmt: skip
        slot = (t & layout[SLOT_MASK]) * layout[SLOT_SIZE]
        for row in range(slices.shape[0]):
            a = slices[row, START]
            n = slices[row, N]
            b = a + n
            start = slices[row, RING_START] + slot
            for r in range(slices[row, N_RECEPTORS]):
                at = start + r * layout[LANE_SIZE]
                read_ring(ring, at, n, quanta[row, r], inputs[r])
            n_receptors = slices[row, N_RECEPTORS]
            add_lanes(row, start, n_receptors, slices, layout, quanta, ring, inputs)
            add_stimuli(t, row, slices, stimuli, weights, thresholds, arrived, inputs, noise)
            c = constants[slices[row, CONSTANTS_ROW]]
            step(c, a, b, rows, whole, inputs, current[a:b], spiked[a:b])
        return 0

    signature = signature_of(["f4[:,:]", "i4[:,:]"])
    return ModelKernel(advance, signature, step.__module__, "advance", constants=constants)
