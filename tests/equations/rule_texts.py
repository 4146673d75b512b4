"""Learning rules as text, each beside the packaged rule whose equations they are."""

from __future__ import annotations

from typing import Any

from distsnn import SynapseEquations
from distsnn.plasticity import Oja, PairStdp, RewardStdp, TripletStdp, VogelsStdp

W_MAX = 12.0
PAIR = {
    "text": "dr/dt = -r/tau_plus\ndo/dt = -o/tau_minus",
    "on_pre": "u -= a_minus*o * u**mu_minus; r += 1",
    "on_post": "u += a_plus*r * (1 - u)**mu_plus; o += 1",
}
REWARDS = ((60.1, 0.4), (100.0, -0.7), (310.3, 1.0))


def pair(rule: PairStdp) -> Any:
    """Return pair STDP as text with the parameters of a rule."""
    events = {**PAIR}
    if rule.pairing == "nearest":
        events = {key: text.replace("+= 1", "= 1") for key, text in events.items()}
    return SynapseEquations(
        **events, w_max=rule.w_max, w_min=rule.w_min,
        parameters={
            "tau_plus": rule.tau_plus_ms, "tau_minus": rule.tau_minus_ms, "a_plus": rule.a_plus,
            "a_minus": rule.a_minus, "mu_plus": rule.mu_plus, "mu_minus": rule.mu_minus,
        },
    )  # fmt: skip


def pairs_of_rules() -> dict[str, tuple[Any, Any]]:
    """Return name -> (packaged rule, the same as text)."""
    additive = PairStdp(W_MAX, a_plus=0.02, a_minus=0.021)
    power = PairStdp(W_MAX, 2.0, 0.03, 0.03, 15.0, 30.0, mu_plus=0.4, mu_minus=0.7)
    nearest = PairStdp(W_MAX, -1.0, 0.02, 0.02, pairing="nearest")
    triplet = TripletStdp(W_MAX, 0, 5e-3, 6.2e-3, 7e-3, 2.3e-4, tau_y_ms=125.0)
    return {
        "additive": (additive, pair(additive)), "power": (power, pair(power)),
        "nearest": (nearest, pair(nearest)),
        "triplet": (triplet, SynapseEquations(
            """
            dr1/dt = -r1/16.8
            dr2/dt = -r2/101    # of triplets
            do1/dt = -o1/33.7
            do2/dt = -o2/125
            """,
            on_pre="u -= o1*(7e-3 + 2.3e-4*r2); r1 += 1; r2 += 1",
            on_post="u += r1*(5e-3 + 6.2e-3*o2); o1 += 1; o2 += 1",
            w_max=W_MAX,
        )),
        "oja": (Oja(W_MAX, eta=0.02, alpha=0.3), SynapseEquations(
            "dx/dt = -x/(20*ms)\ndy/dt = -y/(0.1*s)",
            on_pre="x += 1", on_post="u += eta*(x - alpha*(1 + y)*u); y += 1", w_max=W_MAX,
            parameters={"eta": 0.02, "alpha": 0.3},
        )),
        "vogels": (VogelsStdp(W_MAX, eta=0.02, rho_hz=20.0), SynapseEquations(
            "dr/dt = -r/tau\ndo/dt = -o/tau\nalpha = 2*rho*tau",
            on_pre="u += eta*(o - alpha); r += 1", on_post="u += eta*r; o += 1", w_max=W_MAX,
            parameters={"eta": 0.02, "rho": (20.0, "Hz"), "tau": (20.0, "ms")},
        )),
        "reward": (RewardStdp(W_MAX, a_plus=0.05, a_minus=0.06, rewards=REWARDS,
                              tau_eligibility_ms=200.0), SynapseEquations(
            "de/dt = -e/200\ndr/dt = -r/20\ndo/dt = -o/20",
            on_pre="e -= a_minus*o; r += 1", on_post="e += a_plus*r; o += 1",
            on_reward="u += reward*e", w_max=W_MAX,
            parameters={"a_plus": 0.05, "a_minus": 0.06},
        )(rewards=REWARDS)),
    }  # fmt: skip
