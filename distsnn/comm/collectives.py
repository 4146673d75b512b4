"""Collective operations on numpy arrays of any size.

MPI counts what it sends in 32 bits, so no message is longer than ``max_bytes``, 1 GB by default.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from mpi4py import MPI

MAX_BYTES = 1 << 30
TAG_GATHER = 3


def alltoall_arrays(
    mpi_comm: Any, arrays: Sequence[np.ndarray], max_bytes: int = MAX_BYTES
) -> list[np.ndarray]:
    """Send arrays[r] to each rank r; return what each rank sent here. Collective.

    arrays: one-dimensional, of one dtype on all ranks. They are sent in rounds in which no rank
    sends or receives more than ``max_bytes``.
    """
    dtype = arrays[0].dtype
    # as bytes, so that the rounds do not depend on the dtype
    outgoing = [np.ascontiguousarray(array).view(np.uint8) for array in arrays]
    n_out = np.array([array.size for array in outgoing], dtype=np.int64)
    n_in = np.empty_like(n_out)
    mpi_comm.Alltoall(n_out, n_in)
    # all ranks take part in as many rounds as the longest array needs
    longest = mpi_comm.allreduce(int(n_out.max(initial=0)), MPI.MAX)
    incoming = [np.empty(int(n), dtype=np.uint8) for n in n_in]
    # each pair of ranks gets an equal share of a round
    part = max(1, max_bytes // mpi_comm.size)
    for first in range(0, longest, part):
        send = np.concatenate([array[first : first + part] for array in outgoing])
        to_send = np.clip(n_out - first, 0, part).astype(np.int32)
        to_receive = np.clip(n_in - first, 0, part).astype(np.int32)
        receive = np.empty(int(to_receive.sum()), dtype=np.uint8)
        mpi_comm.Alltoallv(
            [send, to_send, _starts(to_send), MPI.BYTE],
            [receive, to_receive, _starts(to_receive), MPI.BYTE],
        )
        for array, piece in zip(
            incoming, np.split(receive, np.cumsum(to_receive)[:-1]), strict=True
        ):
            array[first : first + piece.size] = piece
    return [array.view(dtype) for array in incoming]


def _starts(counts: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int32)


def gather_arrays(
    mpi_comm: Any, array: np.ndarray, root: int = 0, max_bytes: int = MAX_BYTES
) -> list[np.ndarray]:
    """Return the arrays of all ranks on ``root``, an empty list elsewhere. Collective.

    array: of one dtype on all ranks; only the first dimension may differ.
    """
    # Point to point: MPI_Gatherv would limit the sum of all arrays, not each of them.
    own = np.ascontiguousarray(array)
    shapes = mpi_comm.gather(own.shape, root)
    if mpi_comm.rank != root:
        content = own.reshape(-1).view(np.uint8)
        for first in range(0, content.size, max_bytes):
            mpi_comm.Send([content[first : first + max_bytes], MPI.BYTE], root, TAG_GATHER)
        return []
    gathered = []
    for rank, shape in enumerate(shapes):
        received = own.copy() if rank == root else np.empty(shape, dtype=own.dtype)
        content = received.reshape(-1).view(np.uint8)
        for first in range(0, content.size if rank != root else 0, max_bytes):
            mpi_comm.Recv([content[first : first + max_bytes], MPI.BYTE], rank, TAG_GATHER)
        gathered.append(received)
    return gathered


def reduce_sum(
    mpi_comm: Any,
    array: np.ndarray,
    root: int = 0,
    max_bytes: int = MAX_BYTES,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Return the sum over all ranks on ``root``, the array itself elsewhere. Collective.

    array: any shape, the same on all ranks; integers wrap modulo their width. out: contiguous,
    filled on ``root`` instead of a new array.
    """
    own = np.ascontiguousarray(array)
    total = own
    if mpi_comm.rank == root:
        total = np.empty_like(own) if out is None else out
    sent, received = own.reshape(-1), total.reshape(-1)
    n_part = max(1, max_bytes // own.dtype.itemsize)
    for first in range(0, sent.size, n_part):
        part = slice(first, first + n_part)
        target = received[part] if mpi_comm.rank == root else None
        mpi_comm.Reduce(sent[part], target, MPI.SUM, root)
    return total
