"""One stream of random numbers for each purpose.

A draw depends on the seed, the purpose and the numbers of what it is drawn for, never on what was
drawn before elsewhere. Streams of numpy, for what is drawn once, in Python; compiled code draws with
the same keys (``kernels/numbers/threefry.py``).
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.numbers.threefry import stream_key


def generator(seed: int, purpose: str, *ids: int) -> np.random.Generator:
    """Return a generator (Philox) whose key is made of the seed, a purpose, and further numbers."""
    return np.random.Generator(np.random.Philox(key=stream_key(seed, purpose, *ids)))
