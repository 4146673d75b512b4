"""The step of all neurons of one model on one rank, in one call.

A model's file gives ``step``, the equations of n neurons of one population on one core. The driver
made here walks the rank's slices (a slice: the neurons of one population on one core), reads each
slice's input from the ring, adds its Poisson input and calls ``step``. It is made from text because
the number of state arrays and receptors differs between models and a compiled call must name each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from distsnn.kernels.compile.declare import Kernel, device
from distsnn.kernels.compile.signature import Signature
from distsnn.kernels.neuron.constants import reader, require_record
from distsnn.kernels.neuron.per_neuron import step_per_neuron
from distsnn.kernels.neuron.poisson import add_poisson, fill_noise

STATE_DTYPES = ("f4", "i4")
# Columns of the table of slices: first slot, neurons, index of the first neuron in the rings and in its
# population, range of its stimuli, row of its constants, key of its noise, receptors, lanes of weights.
START, N, RING_START, INDEX_START, FIRST_STIMULUS, END_STIMULUS, CONSTANTS_ROW = range(7)
NOISE_KEY_LOW, NOISE_KEY_HIGH, N_RECEPTORS, N_LANES = 7, 8, 9, 10
N_SLICE_COLUMNS = 11  # then the receptor of each lane
# Columns of the table of Poisson stimuli: receptor, key, range of thresholds, range of steps. A row
# whose first threshold is ARRIVED takes what other kernels have added up; see ``core/inputs``.
RECEPTOR, KEY_LOW, KEY_HIGH, FIRST_THRESHOLD, END_THRESHOLD, FIRST_STEP, END_STEP = range(7)
N_STIMULUS_COLUMNS = 7
ARRIVED = -1
# Entries of the ring's layout, ring index = [slot | lane | core | lid]: slots - 1, sums of a slot and
# of a lane.
SLOT_MASK, SLOT_SIZE, LANE_SIZE = range(3)
# t, slices, layout, constants, quanta, stimuli, weights, thresholds, arrived, ring, current, inputs,
# noise, spiked; then the states.
ARRAYS_BEFORE_STATES = (
    "i8", "i8[:,:]", "i8[:]", "f4[:,:]", "f4[:,:]", "i8[:,:]", "f4[:]", "u4[:]", "f4[:,:]", "i4[:]",
    "f4[:]", "f4[:,:]", "u4[:]", "u1[:]",
)  # fmt: skip


@device
def read_ring(ring, start, n, quantum, out):
    """out = ring * quantum; the sums are cleared for the next revolution of the ring."""
    sums = ring[start : start + n]
    for i in range(n):
        out[i] = np.float32(sums[i]) * quantum
        sums[i] = 0


@device
def add_lanes(row, start, n_receptors, slices, layout, quanta, ring, inputs):
    """Add the input on further lanes of the receptors, if there are any.

    A receptor has several lanes if its weights need several quanta: input = sum of quantum * sums.
    """
    n = slices[row, N]
    for lane in range(n_receptors, slices[row, N_LANES]):
        at = start + lane * layout[LANE_SIZE]
        sums = ring[at : at + n]
        # inputs[receptor of the lane] += quantum * sums
        out = inputs[slices[row, N_SLICE_COLUMNS + lane]]
        quantum = quanta[row, lane]
        for i in range(n):
            out[i] += np.float32(sums[i]) * quantum
            sums[i] = 0


@device
def take_arrived(arrived, start, n, out):
    """out += arrived[start : start + n], which is cleared for the next step."""
    sums = arrived[start : start + n]
    for i in range(n):
        out[i] += sums[i]
        sums[i] = np.float32(0.0)


@device
def add_stimuli(t, row, slices, stimuli, weights, thresholds, arrived, inputs, noise):
    """Add the input of slice ``row`` from outside at step ``t``."""
    n = slices[row, N]
    for j in range(slices[row, FIRST_STIMULUS], slices[row, END_STIMULUS]):
        if stimuli[j, FIRST_THRESHOLD] == ARRIVED:
            receptor = stimuli[j, RECEPTOR]
            take_arrived(arrived[receptor], slices[row, START], n, inputs[receptor])
        elif stimuli[j, FIRST_STEP] <= t < stimuli[j, END_STEP]:
            add_poisson(
                t,
                slices[row, INDEX_START],
                n,
                np.uint32(stimuli[j, KEY_LOW]),
                np.uint32(stimuli[j, KEY_HIGH]),
                thresholds[stimuli[j, FIRST_THRESHOLD] : stimuli[j, END_THRESHOLD]],
                weights[j],
                inputs[stimuli[j, RECEPTOR], :n],
                noise,
            )


@device
def draw_words(t, row, slices, noise):
    """Set noise[first + i] to the random word of neuron i of a slice at step t; return first.

    Words are 0 if the population has no key.
    """
    n = slices[row, N]
    low, high = np.uint32(slices[row, NOISE_KEY_LOW]), np.uint32(slices[row, NOISE_KEY_HIGH])
    # Neurons 2j and 2j + 1 share a block of two words, so a slice may start at the second word.
    first = slices[row, INDEX_START] & 1
    if low == np.uint32(0) and high == np.uint32(0):
        for i in range(n):
            noise[first + i] = np.uint32(0)
    else:
        fill_noise(t, slices[row, INDEX_START], n, low, high, noise)
    return first


@dataclass
class ModelKernel(Kernel):
    """The kernel of a model, with the class of the constants that its ``step`` reads.

    parts: step, types of the states, number of receptors, and whether it is noisy and takes the time,
    from which ``per_neuron`` makes variants; None for kernels that cannot have them.
    """

    constants: type = tuple
    parts: tuple[Callable[..., Any], tuple[str, ...], int, tuple[bool, bool]] | None = None
    is_per_neuron: bool = False
    _variants: dict[tuple[int, ...], ModelKernel] = field(default_factory=dict, repr=False)

    def per_neuron(self, varying: tuple[int, ...]) -> ModelKernel:
        """Return the kernel for neurons whose constants at these positions differ.

        It takes the constants as float32 [constants, slots].
        """
        if not varying or self.parts is None:
            return self
        if varying not in self._variants:
            step, dtypes, n_receptors, options = self.parts
            n_constants = len(self.constants._fields)  # type: ignore[attr-defined]
            rows = ", ".join(
                f"constants[{k}, a:b]" if k in varying else f"constants[{k}, a]"
                for k in range(n_constants)
            )
            variant = _driver(
                step_per_neuron(step, self.constants, varying), self.constants, dtypes,
                n_receptors, options, f"({rows},)",
            )  # fmt: skip
            variant.is_per_neuron = True
            self._variants[varying] = variant
        return self._variants[varying]


SHARED_CONSTANTS = "read_constants(constants[slices[row, CONSTANTS_ROW]], 0)"


@device
def time_of(t, dt_high, dt_low):
    """Return the time of step t, float32; dt_high + dt_low: dt as two float32 numbers."""
    return np.float32(np.float64(t) * (np.float64(dt_high) + np.float64(dt_low)))


def driver_source(
    n_states: int,
    n_receptors: int,
    is_noisy: bool = False,
    takes_time: bool = False,
    constants: str = SHARED_CONSTANTS,
) -> str:
    """Return the text of a driver for a model with this number of state arrays and receptors."""
    names = [f"state{i}" for i in range(n_states)]
    parts = ", ".join(f"{name}[a:b]" for name in names)
    inputs = ", ".join(f"inputs[{r}, :n]" for r in range(n_receptors))
    reads = "\n".join(
        f"        read_ring(ring, start + {r} * layout[LANE_SIZE], n, quanta[row, {r}], "
        f"inputs[{r}])"
        for r in range(n_receptors)
    )
    words = "noise[first : first + n]" if is_noisy else ""
    draws = "        first = draw_words(t, row, slices, noise)\n" if is_noisy else ""
    arguments = ", ".join(part for part in (parts, inputs, words) if part)
    return f"""
def advance(t, slices, layout, constants, quanta, stimuli, weights, thresholds, arrived,
            ring, current, inputs, noise, spiked, {", ".join(names)}):
    slot = (t & layout[SLOT_MASK]) * layout[SLOT_SIZE]
    for row in range(slices.shape[0]):
        a = slices[row, START]
        n = slices[row, N]
        b = a + n
        start = slices[row, RING_START] + slot
{reads}
        if slices[row, N_LANES] > {n_receptors}:
            add_lanes(row, start, {n_receptors}, slices, layout, quanta, ring, inputs)
        add_stimuli(t, row, slices, stimuli, weights, thresholds, arrived, inputs, noise)
{draws}        c = {constants}
        step(c, {"t, " if takes_time else ""}{arguments}, current[a:b], spiked[a:b])
    return 0
"""


def driver(
    step: Callable[..., Any],
    constants: type,
    states: Mapping[str, str] | None = None,
    receptors: Sequence[str] = (),
    is_noisy: bool = False,
    takes_time: bool = False,
) -> ModelKernel:
    """Return the kernel that runs ``step`` over all slices of a rank.

    constants: the ``NamedTuple`` class that the model's ``constants()`` returns. states: name ->
    dtype ('f4' or 'i4'). receptors: their names.

    ``step(c, *states, *inputs, current, spiked)``: c a record of float32 constants, read by name;
    states arrays [n] of their dtypes; inputs one float32 array [n] per receptor, in the weights'
    unit; current float32 [n], pA; spiked uint8 [n], to be set to 1 or 0 for each neuron. With
    ``is_noisy`` there is before current: words uint32 [n], one random word per neuron and step, a
    function of the network's seed, the population, the neuron and the step (0 for populations whose
    model is not noisy). With ``takes_time`` the step t, an integer, follows c; ``time_of`` makes it a
    time. Raises NetworkError if ``constants`` is no NamedTuple class.
    """
    require_record(constants)
    dtypes = tuple((states or {}).values())
    options = is_noisy, takes_time
    kernel = _driver(step, constants, dtypes, len(receptors), options, SHARED_CONSTANTS)
    kernel.parts = step, dtypes, len(receptors), options
    return kernel


def _driver(
    step: Callable[..., Any],
    constants: type,
    dtypes: tuple[str, ...],
    n_receptors: int,
    options: tuple[bool, bool],
    reading: str,
) -> ModelKernel:
    """Return the kernel that runs ``step``.

    options: is_noisy and takes_time, see ``driver``. reading: the text of what it gets as constants.
    """
    names: dict[str, Any] = {
        "step": step,
        "read_constants": reader(constants),
        "read_ring": read_ring,
        "add_lanes": add_lanes,
        "add_stimuli": add_stimuli,
        "draw_words": draw_words,
        **{name: globals()[name] for name in ("START", "N", "RING_START", "CONSTANTS_ROW")},
        **{name: globals()[name] for name in ("N_LANES", "SLOT_MASK", "SLOT_SIZE", "LANE_SIZE")},
    }
    source = driver_source(len(dtypes), n_receptors, *options, reading)
    exec(compile(source, "<neuron driver>", "exec"), names)
    signature = signature_of([f"{dtype}[:]" for dtype in dtypes])
    return ModelKernel(names["advance"], signature, step.__module__, "advance", constants=constants)


def signature_of(states: Sequence[str]) -> Signature:
    """Return the signature of a driver whose state arrays have these types."""
    return Signature.parse(f"i8({', '.join([*ARRAYS_BEFORE_STATES, *states])})")
