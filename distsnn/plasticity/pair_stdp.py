"""Pair-based spike-timing-dependent plasticity.

With u = (w - w_min) / (w_max - w_min) in 0 .. 1 and traces of spikes, tau_+ dr/dt = -r at the synapse
from presynaptic spikes, tau_- do/dt = -o from postsynaptic ones, each growing by 1 at a spike:

    postsynaptic spike   u <- u + A_+ (1 - u)^mu_+ r      at most 1
    presynaptic spike    u <- u - A_- u^mu_- o            at least 0

mu = 0: additive; mu = 1: multiplicative; 0 < mu < 1: the power rule. pairing "all": all pairs count;
"nearest": a spike sets its trace to 1, so that each spike pairs with the nearest earlier one of the
other side only. A single pair changes w by A_+ (w_max - w_min) exp(-D / tau_+), D = t_post - t_pre > 0
at the synapse, or by -A_- (w_max - w_min) exp(D / tau_-), D < 0.

Source: Song, Miller & Abbott 2000, Nat Neurosci 3:919 (additive; their A_+ 0.005, A_- 1.05 A_+); van
Rossum, Bi & Turrigiano 2000, J Neurosci 20:8812 (multiplicative); Guetig, Aharonov, Rotter &
Sompolinsky 2003, J Neurosci 23:3697 (power); Morrison, Diesmann & Gerstner 2008, Biol Cybern 98:459
(pairing schemes, traces).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from distsnn.kernels import device
from distsnn.kernels.plastic.power import power
from distsnn.kernels.plastic.traces import trace_kernels
from distsnn.plasticity.parameters import PAIRINGS, RANGE, RECEPTOR, require_least, require_sound
from distsnn.plasticity.trace_rule import TraceRule


@dataclass(frozen=True)
class PairStdp(TraceRule):
    """Parameters of pair STDP. w_max, w_min: in the receptor's unit; a_...: shares of the range."""

    w_max: float
    w_min: float = 0.0
    a_plus: float = 0.005  # A_+
    a_minus: float = 0.00525  # A_-
    tau_plus_ms: float = 20.0  # of r
    tau_minus_ms: float = 20.0  # of o
    mu_plus: float = 0.0  # exponent of potentiation
    mu_minus: float = 0.0  # exponent of depression
    pairing: str = "all"

    parameter_units: ClassVar[dict[str, str]] = {
        "w_max": RECEPTOR, "w_min": RECEPTOR, "a_plus": RANGE, "a_minus": RANGE, "mu_plus": "1",
        "mu_minus": "1",
    }  # fmt: skip
    choices: ClassVar[dict[str, tuple[str, ...]]] = {"pairing": PAIRINGS}

    def __post_init__(self) -> None:
        require_sound(self)
        require_least(self, 0.0, "mu_plus", "mu_minus")

    @property
    def pre_taus_ms(self) -> tuple[float, ...]:
        """Time constants of the presynaptic traces."""
        # r decays with tau_+ and is read at postsynaptic spikes.
        return (self.tau_plus_ms,)

    @property
    def post_taus_ms(self) -> tuple[float, ...]:
        """Time constants of the postsynaptic traces."""
        # o decays with tau_- and is read at presynaptic spikes.
        return (self.tau_minus_ms,)


@device
def potentiate(u, r1, a_plus, mu_plus):
    """The weight after a postsynaptic spike."""
    # u + A_+ (1 - u)^mu_+ r   (Guetig et al. 2003, eqs. 1-2)
    change = a_plus * r1 * power(np.float32(1.0) - u, mu_plus)
    return max(min(u + change, np.float32(1.0)), np.float32(0.0))


@device
def depress(u, o1, a_minus, mu_minus):
    """The weight after a presynaptic spike."""
    # u - A_- u^mu_- o
    change = a_minus * o1 * power(u, mu_minus)
    return max(min(u - change, np.float32(1.0)), np.float32(0.0))


deliver, sweep = trace_kernels(potentiate, depress)
