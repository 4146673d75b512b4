"""Hebbian learning of rates in spiking form, kept in bounds by Oja's decay.

With u = (w - w_min) / (w_max - w_min) in 0 .. 1, a trace r of presynaptic spikes (tau_pre) and a trace
o of postsynaptic ones (tau_post), each growing by 1 at a spike:

    postsynaptic spike   u <- u + eta (r - alpha (1 + o) u)

r estimates the presynaptic rate x, the spike and its trace 1 + o the postsynaptic rate y, so this is
du/dt = eta (x y - alpha y^2 u). For independent Poisson trains of rates x and y, u tends to

    u = x tau_pre / (alpha (1 + y tau_post)).

Source: Oja 1982, J Math Biol 15:267, in the spiking form of Gerstner & Kistler 2002, Spiking Neuron
Models, ch. 11 (expansion in rates; terms local to postsynaptic spikes).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from distsnn.kernels import device
from distsnn.kernels.plastic.traces import trace_kernels
from distsnn.plasticity.parameters import RANGE, RECEPTOR, require_least, require_sound
from distsnn.plasticity.trace_rule import TraceRule


@dataclass(frozen=True)
class Oja(TraceRule):
    """Parameters of the Oja-like rule. w_max, w_min: in the receptor's unit; eta: learning rate."""

    w_max: float
    w_min: float = 0.0
    eta: float = 0.001  # learning rate
    alpha: float = 1.0  # strength of the decay
    tau_pre_ms: float = 20.0  # of r
    tau_post_ms: float = 100.0  # of o

    parameter_units: ClassVar[dict[str, str]] = {
        "w_max": RECEPTOR, "w_min": RECEPTOR, "eta": RANGE, "alpha": "1",
    }  # fmt: skip

    def __post_init__(self) -> None:
        require_sound(self)
        require_least(self, 0.0, "eta", "alpha")

    @property
    def pre_taus_ms(self) -> tuple[float, ...]:
        """Time constant of the presynaptic trace."""
        return (self.tau_pre_ms,)

    @property
    def post_taus_ms(self) -> tuple[float, ...]:
        """Time constants of the postsynaptic traces: o1, which nothing reads, and o2, which is o."""
        return (self.tau_post_ms, self.tau_post_ms)


@device
def potentiate(u, r1, o2, eta, alpha):
    """The weight after a postsynaptic spike."""
    # u + eta (r - alpha (1 + o) u)
    change = eta * (r1 - alpha * (np.float32(1.0) + o2) * u)
    return max(min(u + change, np.float32(1.0)), np.float32(0.0))


@device
def depress(u):
    """A presynaptic spike changes nothing."""
    # The mean of r o follows from the changes at postsynaptic spikes alone.
    return u


deliver, sweep = trace_kernels(potentiate, depress)
