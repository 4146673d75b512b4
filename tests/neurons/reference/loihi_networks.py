"""Random small networks of Loihi compartments, drawn from a seed with Python's own generator.

Used by ``make_loihi.py``, which runs them in another emulator, and by the tests. A network is
plain data: blocks (parameters of ``LoihiCuba``, one set per block), connections (dense matrices of
mantissas) and input spikes. A spike of step t arrives at step t + 1.
"""

from __future__ import annotations

import hashlib
import random

import numpy as np

N_STEPS = 200
NAMES = ("u", "v", "spiked")


def draw_parameters(draw: random.Random) -> dict[str, int | str]:
    """Return the parameters of one block: ordinary ones and the ends of every range."""
    decay = lambda top: draw.choice((0, top, draw.randint(0, top), draw.randint(0, 400)))  # noqa: E731
    return {
        "decay_u": decay(4095),
        "decay_v": decay(4096),
        "threshold_mantissa": int(10 ** draw.uniform(0.0, 5.1)),
        "bias_mantissa": draw.choice((0, 0, draw.randint(-4095, 4095))),
        "bias_exponent": draw.randint(0, 7),
        "refractory_steps": draw.choice((0, 1, 2, 5, draw.randint(0, 63))),
        "weight_exponent": draw.randint(-6, 7),
        "v_min_exponent": draw.choice((0, 8, 20, 23, 23)),
        "v_max_exponent": draw.choice((0, 3, 7, 7)),
        "noise_target": draw.choice(("none", "none", "current", "voltage")),
        "noise_exponent": draw.randint(0, 15),
        "noise_offset": draw.randint(-64, 64),
    }


def draw_network(seed: int) -> dict:
    """Return {"blocks": [(n, parameters)], "connections": [...], "inputs": {step: [index]}}.

    A connection is (source block or -1 for the inputs, target block, int64 [source, target]).
    """
    draw = random.Random(seed)
    blocks = [(draw.randint(2, 16), draw_parameters(draw)) for _ in range(draw.randint(1, 3))]
    n_inputs = draw.randint(1, 8)
    connections = []
    for target, (n, parameters) in enumerate(blocks):
        for source in range(-1, len(blocks)):
            if source >= 0 and draw.random() < 0.4:
                continue
            n_source = n_inputs if source < 0 else blocks[source][0]
            extra = draw.randint(0, min(3, 7 - parameters["weight_exponent"]))
            low, high = draw.choice(((0, 255), (-256, 0), (-256, 255), (0, 20)))
            matrix = [[draw.randint(low, high) << extra for _ in range(n)] for _ in range(n_source)]
            connections.append((source, target, np.array(matrix, dtype=np.int64)))
    rate = draw.choice((0.02, 0.1, 0.5))
    inputs = {
        step: [i for i in range(n_inputs) if draw.random() < rate] for step in range(1, N_STEPS)
    }
    return {"blocks": blocks, "connections": connections, "inputs": inputs, "n_inputs": n_inputs}


def noise_key(seed: int, block: int) -> int:
    """Return the key of a block's random words, 64 bits, not 0."""
    return ((seed + 1) << 32) | (block + 1)


def digest(history: dict[str, np.ndarray]) -> str:
    """Return 16 hex digits of the SHA-256 of u, v and spiked, int32 [steps, compartments]."""
    hashed = hashlib.sha256()
    for name in NAMES:
        hashed.update(np.ascontiguousarray(history[name], dtype="<i4").tobytes())
    return hashed.hexdigest()[:16]
