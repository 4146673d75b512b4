"""Inhibitory plasticity, by which inhibition comes to balance the excitation of its target.

With the strength s = |w| as a share of the range, 0 .. 1, and traces r of presynaptic and o of
postsynaptic spikes, both of time constant tau and each growing by 1 at a spike:

    postsynaptic spike   s <- s + eta r                               at most 1
    presynaptic spike    s <- s + eta (o - alpha),   alpha = 2 rho tau   at least 0

Near coincidences of either order strengthen a synapse, other presynaptic spikes weaken it. For
independent trains of rates x and y the mean change is eta x tau (2 y - 2 rho) per unit of time, so that
strengths come to rest when the target fires at the rate rho.

Source: Vogels, Sprekeler, Zenke, Clopath & Gerstner 2011, Science 334:1569, eqs. 1-2; tau 20 ms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from distsnn.kernels import device
from distsnn.kernels.plastic.traces import trace_kernels
from distsnn.plasticity.parameters import RANGE, RECEPTOR, fail, require_least, require_sound
from distsnn.plasticity.trace_rule import TraceRule


@dataclass(frozen=True)
class VogelsStdp(TraceRule):
    """Parameters of inhibitory plasticity; the bounds have one sign, and |w| is what learns.

    w_max, w_min: in the receptor's unit, such as 0 and 10 for conductances, or w_max 0 and w_min -10
    for currents. eta: a share of the range. rho_hz: the rate to which targets are brought.
    """

    w_max: float
    w_min: float = 0.0
    eta: float = 1e-4  # learning rate
    rho_hz: float = 5.0  # rho
    tau_ms: float = 20.0  # of r and o

    parameter_units: ClassVar[dict[str, str]] = {
        "w_max": RECEPTOR, "w_min": RECEPTOR, "eta": RANGE,
    }  # fmt: skip

    def __post_init__(self) -> None:
        require_sound(self)
        require_least(self, 0.0, "eta", "rho_hz")
        if self.w_min < 0.0 < self.w_max:
            remedy = "Set w_max=0 for negative weights, w_min=0 for others"
            fail(self, "w_min, w_max", [self.w_min, self.w_max], "of one sign", remedy)

    @property
    def alpha(self) -> float:
        """The trace o at which a presynaptic spike changes nothing."""
        return 2.0 * self.rho_hz * 1e-3 * self.tau_ms

    @property
    def gain(self) -> float:
        """What eta adds to u: stronger is more negative where weights are negative."""
        return self.eta if self.w_min >= 0.0 else -self.eta

    @property
    def pre_taus_ms(self) -> tuple[float, ...]:
        """Time constant of the presynaptic trace."""
        return (self.tau_ms,)

    @property
    def post_taus_ms(self) -> tuple[float, ...]:
        """Time constant of the postsynaptic trace."""
        return (self.tau_ms,)


@device
def potentiate(u, r1, gain):
    """The weight after a postsynaptic spike."""
    # s + eta r
    return max(min(u + gain * r1, np.float32(1.0)), np.float32(0.0))


@device
def depress(u, o1, gain, alpha):
    """The weight after a presynaptic spike."""
    # s + eta (o - alpha)
    return max(min(u + gain * (o1 - alpha), np.float32(1.0)), np.float32(0.0))


deliver, sweep = trace_kernels(potentiate, depress)
