"""Triplet spike-timing-dependent plasticity.

With u = (w - w_min) / (w_max - w_min) in 0 .. 1, two traces of presynaptic spikes (r_1: tau_+, r_2:
tau_x) and two of postsynaptic ones (o_1: tau_-, o_2: tau_y), each growing by 1 at a spike, all read
just before the spike:

    postsynaptic spike   u <- u + r_1 (A_2+ + A_3+ o_2)      at most 1
    presynaptic spike    u <- u - o_1 (A_2- + A_3- r_2)      at least 0

pairing "nearest": a spike sets its traces to 1. The defaults are the minimal model for visual cortex,
all-to-all.

Source: Pfister & Gerstner 2006, J Neurosci 26:9673, eqs. 2-4 and table 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from distsnn.kernels import device
from distsnn.kernels.plastic.traces import trace_kernels
from distsnn.plasticity.parameters import PAIRINGS, RANGE, RECEPTOR, require_sound
from distsnn.plasticity.trace_rule import TraceRule


@dataclass(frozen=True)
class TripletStdp(TraceRule):
    """Parameters of triplet STDP. w_max, w_min: in the receptor's unit; a_...: shares of the range."""

    w_max: float
    w_min: float = 0.0
    a2_plus: float = 0.0  # A_2+, of pairs
    a3_plus: float = 6.5e-3  # A_3+, of triplets
    a2_minus: float = 7.1e-3  # A_2-, of pairs
    a3_minus: float = 0.0  # A_3-, of triplets
    tau_plus_ms: float = 16.8  # of r_1
    tau_minus_ms: float = 33.7  # of o_1
    tau_x_ms: float = 101.0  # of r_2
    tau_y_ms: float = 114.0  # of o_2
    pairing: str = "all"

    parameter_units: ClassVar[dict[str, str]] = {
        "w_max": RECEPTOR, "w_min": RECEPTOR, "a2_plus": RANGE, "a3_plus": RANGE,
        "a2_minus": RANGE, "a3_minus": RANGE,
    }  # fmt: skip
    choices: ClassVar[dict[str, tuple[str, ...]]] = {"pairing": PAIRINGS}

    def __post_init__(self) -> None:
        require_sound(self)

    @property
    def pre_taus_ms(self) -> tuple[float, ...]:
        """Time constants of the presynaptic traces."""
        # r_1 of pairs, r_2 of triplets
        return (self.tau_plus_ms, self.tau_x_ms)

    @property
    def post_taus_ms(self) -> tuple[float, ...]:
        """Time constants of the postsynaptic traces."""
        # o_1 of pairs, o_2 of triplets
        return (self.tau_minus_ms, self.tau_y_ms)


@device
def potentiate(u, r1, o2, a2_plus, a3_plus):
    """The weight after a postsynaptic spike."""
    # u + r_1 (A_2+ + A_3+ o_2)   (eq. 4)
    change = r1 * (a2_plus + a3_plus * o2)
    return max(min(u + change, np.float32(1.0)), np.float32(0.0))


@device
def depress(u, o1, r2, a2_minus, a3_minus):
    """The weight after a presynaptic spike."""
    # u - o_1 (A_2- + A_3- r_2)   (eq. 3)
    change = o1 * (a2_minus + a3_minus * r2)
    return max(min(u - change, np.float32(1.0)), np.float32(0.0))


deliver, sweep = trace_kernels(potentiate, depress)
