"""Weights with as many bits as the chip stores, and what that costs.

A link's weights are rounded to whole multiples of one step, w_q = q round(w / q) with
q = max |w| / (2^(bits - 1) - 1): symmetric, with the sign among the bits. Biases and parameters of
neurons keep their values.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from distsnn.nir.wiring import Link, Program


@dataclass(frozen=True)
class WeightLoss:
    """What rounding did to the weights of a link.

    step: q. snr_db: 10 log10(sum w^2 / sum (w - w_q)^2), infinite if nothing was lost. n_zeroed:
    weights that became 0.
    """

    source: str
    target: str
    n_synapses: int
    step: float
    snr_db: float
    n_zeroed: int


def quantised(program: Program, bits: int | None) -> tuple[Program, list[WeightLoss]]:
    """Return a program whose links have weights of ``bits`` bits, and the loss of each link.

    None leaves the weights as they are, without losses.
    """
    if bits is None:
        return program, []
    layers, losses = [], []
    for layer in program.layers:
        links = []
        for link in layer.links:
            rounded, loss = _rounded(link, layer.name, bits)
            links.append(rounded)
            losses.append(loss)
        layers.append(replace(layer, links=tuple(links)))
    return replace(program, layers=tuple(layers)), losses


def _rounded(link: Link, target: str, bits: int) -> tuple[Link, WeightLoss]:
    # One step for all weights of the link, as a core has for a list of synapses.
    weights = link.matrix.data
    largest = float(np.abs(weights).max(initial=0.0))
    step = largest / (2 ** (bits - 1) - 1) or 1.0
    # w_q = q round(w / q)
    stored = np.round(weights / step) * step
    # signal and noise: sums of squares of weights and of their errors
    signal, noise = float(weights @ weights), float((weights - stored) @ (weights - stored))
    snr_db = 10.0 * math.log10(signal / noise) if signal and noise else math.inf
    loss = WeightLoss(link.source, target, weights.size, step, snr_db, int((stored == 0).sum()))
    matrix = link.matrix.copy()
    matrix.data = stored
    # Weights that became 0 are no synapses.
    matrix.eliminate_zeros()
    return replace(link, matrix=matrix), loss
