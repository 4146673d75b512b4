"""Limits of the size of a sum-of-products rule: reading and compiling it end, and no sum overflows."""

from __future__ import annotations

import math

from distsnn.kernels.formats import MAX_DELAY_STEPS
from distsnn.kernels.plastic.product_numbers import FRACTION_BITS, MAX_TRACE

MAX_CHARACTERS = 4096
MAX_PRODUCTS = 64
MAX_DIGITS = 9  # of a number in the text
MAX_POWER = 64  # of 2^k in the text

# The compiled product is formed in 64 bits, of which one is the sign.
MAX_PRODUCT = 2**63 - 1
MAX_OF_9_BITS = 256  # of weight and tag
MAX_REWARD = 128


def largest(variable: str) -> int:
    """Return the largest absolute value of a variable."""
    if variable in ("x0", "y0"):
        return 1
    if variable in ("w", "t"):
        return MAX_OF_9_BITS
    if variable == "d":
        return MAX_DELAY_STEPS
    return MAX_REWARD if variable == "r1" else MAX_TRACE


def largest_product(mantissa: int, exponent: int, sizes: list[int]) -> int:
    """Return the largest absolute value that a product takes in 1/128; sizes: of its factors."""
    # m 2^e in units of 1/128 is m 2^(e + 7)
    shift = max(0, exponent + FRACTION_BITS)
    return (abs(mantissa) * math.prod(sizes)) << shift
