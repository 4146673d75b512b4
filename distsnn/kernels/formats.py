"""Bit formats of packets and of rows of synapses, and every limit that follows from them.

Packet between ranks, 32 bits, most significant first:

    step within the batch (6) | physical fabric, its lowest bit (1) | axon at the destination (25)

Header of a segment of a row, 32 bits:

    steps to wait (13) | is the last segment (1) | synapses of the segment (18)

A longer wait is a chain of segments without synapses.

Synapse, 32 bits: weight in quanta of its lane (16, signed) | index into the ring (16). A sum of
weights is an int32.

Row of plastic synapses: a chain of segments, one per delay, in ascending order of the delay. A segment
is a header of four words of 32 bits and a word for each synapse:

    word 0    is the last segment (1) | synapses of the segment (31)
    word 1    steps from the segment before, or from the spike (16) | steps from synapse to soma (16)
    word 2    first mark
    word 3    second mark
    then      slot of the target neuron on the rank, one word for each synapse

What the two marks mean depends on the rule's family (0 at the start of a run): with traces the step in
which the axon's last spike reached the synapses, and the first step whose postsynaptic spikes the
synapses have not been given; in short-term plasticity the step of the last spike, and whether there was
one; in sums of products the low and the high half of a mask of 64 steps. Columns of float32 run in
parallel with the words: a value for each synapse, and in the column "weights" the traces of the
segment's axon at words 0 and 1.
"""

from __future__ import annotations

AXON_BITS = 25
FABRIC_BITS = 1
STEP_BITS = 6
AXON_MASK = (1 << AXON_BITS) - 1
FABRIC_SHIFT = AXON_BITS
FABRIC_MASK = (1 << FABRIC_BITS) - 1
STEP_SHIFT = AXON_BITS + FABRIC_BITS
assert STEP_SHIFT + STEP_BITS == 32

MAX_AXONS = 1 << AXON_BITS  # source neurons that reach one rank
MAX_BATCH = 1 << STEP_BITS  # steps between two exchanges

SEGMENT_BITS = 18
WAIT_BITS = 13
IS_LAST = 1 << SEGMENT_BITS
N_MASK = IS_LAST - 1
WAIT_SHIFT = SEGMENT_BITS + 1
assert WAIT_SHIFT + WAIT_BITS == 32

MAX_SEGMENT = N_MASK  # synapses of one axon with one delay onto one ring
MAX_WAIT = (1 << WAIT_BITS) - 1  # steps that one header can say

PLASTIC_HEADER = 4  # words
PLASTIC_WAIT, PLASTIC_MARK_1, PLASTIC_MARK_2 = 1, 2, 3  # words of the header after the first
PLASTIC_N_BITS = 31
PLASTIC_IS_LAST = 1 << PLASTIC_N_BITS
PLASTIC_N_MASK = PLASTIC_IS_LAST - 1
PLASTIC_BACK_BITS = 16
PLASTIC_BACK_MASK = (1 << PLASTIC_BACK_BITS) - 1
PLASTIC_WAIT_SHIFT = PLASTIC_BACK_BITS

NO_ROW = 0xFFFFFFFF  # pointer to the row of an axon that has none
MAX_WORDS = NO_ROW  # words of a table: every pointer is below NO_ROW

DELAY_BITS = 16  # of a drawn delay
MAX_DELAY_STEPS = (1 << DELAY_BITS) - 1
assert min(PLASTIC_BACK_BITS, 32 - PLASTIC_WAIT_SHIFT) >= DELAY_BITS

RING_BITS = 16  # of a synapse's index into its ring
RING_SIZE = 1 << RING_BITS  # the most sums of a ring

WEIGHT_BITS = 16
MAX_QUANTA = (1 << (WEIGHT_BITS - 1)) - 1  # of one weight
MAX_SUM = (1 << 31) - 1  # of the weights, in quanta, that a neuron gets on one lane in one step

MAX_OUTCOMES = 1 << 16  # different values that can be drawn from one distribution

CORE_BITS = 16  # of the number of a core on its rank
MAX_CORES = 1 << CORE_BITS  # cores of one rank


def bits_for(n: int) -> int:
    """Return how many bits tell n things apart."""
    return max(0, (n - 1).bit_length())
