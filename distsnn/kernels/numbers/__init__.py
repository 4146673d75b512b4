"""Arithmetic with the same bits on every machine: random words, exponentials, fixed point, digests."""

from distsnn.kernels.numbers.threefry import stream_key

__all__ = ["stream_key"]
