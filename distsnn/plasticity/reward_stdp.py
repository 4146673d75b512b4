"""Reward-modulated spike-timing-dependent plasticity: an eligibility trace and a global third factor.

Pairs of spikes change an eligibility e of the synapse, not its weight; with traces r (tau_+) and o
(tau_-) as in pair STDP:

    postsynaptic spike   e <- e + A_+ r
    presynaptic spike    e <- e - A_- o            tau_e de/dt = -e
    reward m             u <- u + m e              between 0 and 1, w = w_min + u (w_max - w_min)

A reward reaches all synapses of the projection at once. Rewards are given (``rewards``: pairs of a time
in ms, in whole steps of the network, and a size; a reward at time t comes after the spikes of time t),
or brought by the spikes of a population, see ``Network.modulate``. A reward is relative to the expected
one: a network with m = reward - mean reward learns by trial and error.

Source: Izhikevich 2007, Cereb Cortex 17:2443 (eligibility of tau 1 s, instantaneous release); Fremaux
& Gerstner 2016, Front Neural Circuits 9:85, eqs. 3-5 (third factor).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from distsnn.kernels import device
from distsnn.kernels.plastic.reward import reward_kernels
from distsnn.plasticity.parameters import PAIRINGS, RANGE, RECEPTOR, checked_rewards, require_sound
from distsnn.plasticity.trace_rule import RewardRule


@dataclass(frozen=True)
class RewardStdp(RewardRule):
    """Parameters of reward-modulated STDP. w_max, w_min: in the receptor's unit; rewards: see above."""

    w_max: float
    w_min: float = 0.0
    a_plus: float = 0.01  # A_+
    a_minus: float = 0.0105  # A_-
    tau_plus_ms: float = 20.0  # of r
    tau_minus_ms: float = 20.0  # of o
    tau_eligibility_ms: float = 1000.0  # of e
    rewards: tuple[tuple[float, float], ...] = ()
    pairing: str = "all"

    parameter_units: ClassVar[dict[str, str]] = {
        "w_max": RECEPTOR, "w_min": RECEPTOR, "a_plus": RANGE, "a_minus": RANGE,
        "rewards": "(ms, size)",
    }  # fmt: skip
    choices: ClassVar[dict[str, tuple[str, ...]]] = {"pairing": PAIRINGS}

    def __post_init__(self) -> None:
        require_sound(self)
        object.__setattr__(self, "rewards", checked_rewards(self.rewards, "RewardStdp"))

    @property
    def pre_taus_ms(self) -> tuple[float, ...]:
        """Time constant of the presynaptic trace."""
        return (self.tau_plus_ms,)

    @property
    def post_taus_ms(self) -> tuple[float, ...]:
        """Time constant of the postsynaptic trace."""
        return (self.tau_minus_ms,)


@device
def potentiate(e, r1, a_plus):
    """The eligibility after a postsynaptic spike."""
    return e + a_plus * r1  # Izhikevich 2007, eq. 1


@device
def depress(e, o1, a_minus):
    """The eligibility after a presynaptic spike."""
    # A_- o: post before pre lowers the eligibility
    return e - a_minus * o1


@device
def reinforce(u, e, m):
    """The weight after a reward of size ``m``."""
    # u + m e: the third factor (Fremaux & Gerstner 2016, eqs. 3-5)
    return max(min(u + m * e, np.float32(1.0)), np.float32(0.0))


deliver, sweep, reward = reward_kernels(potentiate, depress, reinforce)
