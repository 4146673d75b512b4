"""Arithmetic with the same bits on every machine: random words, exponentials, fixed point, digests."""
