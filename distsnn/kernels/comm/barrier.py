"""The polling half of a barrier in shared memory.

A barrier has a phase number that grows by one each time all ranks pass. Every rank owns one flag word,
in which it stores the number of the phase that it has reached; a phase is complete once no flag is
behind it. Even and odd phases may have flags of their own, so that a flag can lie in the region of
memory that the rank writes in that phase anyway.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel

FLAG_STRIDE = 16  # words between flags that different ranks write: one 64-byte cache line each

# Wake-up words of a barrier, each at the start of a cache line of its own, by phase parity:
#   line 0, 1   last even, last odd phase in which a rank went to sleep
#   line 2, 3   last even, last odd phase that was completed (the futex words)
# They are used by ``distsnn.comm.shared.futex.WakeUpWords``.
N_WAKE_UP_WORDS = 4 * FLAG_STRIDE

# State of a barrier as seen by one rank, int64 [5]: current phase, this rank, number of ranks,
# words from the flag of one rank to that of the next, words from the even flags to the odd ones.
PHASE, RANK, N_RANKS, RANK_STRIDE, PARITY_STRIDE = range(5)


def new_barrier(
    rank: int, n_ranks: int, rank_stride: int = FLAG_STRIDE, parity_stride: int = 0
) -> np.ndarray:
    """Return the state of a barrier before its first phase, int64 [5]."""
    return np.array([0, rank, n_ranks, rank_stride, parity_stride], dtype=np.int64)


@device
def all_arrived(barrier, flags):
    """Return whether no rank is behind the current phase.

    Flags hold the phase modulo 2^32. A rank may be one phase ahead.
    """
    phase = np.uint32(barrier[PHASE])
    first = (barrier[PHASE] & 1) * barrier[PARITY_STRIDE]
    for r in range(barrier[N_RANKS]):
        # the signed difference is right across the wrap-around at 2^32
        if np.int32(flags[first + r * barrier[RANK_STRIDE]] - phase) < np.int32(0):
            return 0
    return 1


@kernel("i8(i8[:], u4[:], u4[:])")
def arrive(barrier, flags, wake_up):
    """Enter the next phase and set the flag of this rank; return 1 if sleeping ranks must be woken.

    There is no memory fence between the store to the flag and the load of the wake-up word, since it
    would cost as much as the rest of the kernel. A rank that falls asleep in that very moment can
    therefore be missed, which is why the first sleep of ``WakeUpWords`` is short.
    """
    barrier[PHASE] += 1
    parity = barrier[PHASE] & 1
    own_flag = parity * barrier[PARITY_STRIDE] + barrier[RANK] * barrier[RANK_STRIDE]
    flags[own_flag] = np.uint32(barrier[PHASE])
    # usually no rank sleeps in this phase
    if wake_up[parity * FLAG_STRIDE] != np.uint32(barrier[PHASE]):
        return 0
    return all_arrived(barrier, flags)


@kernel("i8(i8[:], u4[:])")
def have_all_arrived(barrier, flags):
    """Return 1 if all ranks have reached the current phase, else 0."""
    return all_arrived(barrier, flags)
