"""Learning rules in the plainest way: one synapse, one list of events in order, float64.

Shares nothing with the product: no rows, no laziness, no tables, no steps in which nothing happens.
Events of one step at the synapse come in this order: postsynaptic spikes that travelled back along
the dendrite, the presynaptic spike, postsynaptic spikes without a way back. A postsynaptic spike
meets the traces of strictly earlier presynaptic ones in the first case.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from distsnn.plasticity import Oja, PairStdp, RewardStdp, TripletStdp, VogelsStdp

BACK, PRE, POST = range(3)


def events_of(pre: Any, post: Any, delay: int, share: float) -> list[tuple[int, int]]:
    """Return (step at the synapse, kind), in order."""
    back = math.floor(share * delay + 0.5)
    kind = BACK if back else POST
    events = [(int(s) + delay - back, PRE) for s in pre]
    events += [(int(s) + back, kind) for s in post]
    return sorted(events)


class Trace:
    """An exponential trace, and what it was before the last spikes of the present step."""

    def __init__(self, tau_steps: float, keeps: bool) -> None:
        self.tau, self.keeps = tau_steps, keeps
        self.step, self.value = 0, 0.0
        self.earlier = 0.0  # value at self.step without the spikes of that step

    def at(self, step: int) -> float:
        """Return the value, spikes of this very step included."""
        return self.value * math.exp(-(step - self.step) / self.tau)

    def before(self, step: int) -> float:
        """Return the value without the spikes of this very step."""
        return self.earlier if step == self.step else self.at(step)

    def spike(self, step: int) -> None:
        """Add a spike."""
        self.earlier = self.before(step)
        self.value = (self.at(step) if self.keeps else 0.0) + 1.0
        self.step = step


def learned(rule: Any, weight: float, events: list[tuple[int, int]], dt_ms: float) -> float:
    """Return the weight after all events."""
    low, high = rule.w_min, rule.w_max
    u = (weight - low) / (high - low)
    keeps = getattr(rule, "pairing", "all") == "all"
    pre = [Trace(tau / dt_ms, keeps) for tau in rule.pre_taus_ms]
    post = [Trace(tau / dt_ms, keeps) for tau in rule.post_taus_ms]
    change = CHANGES[type(rule)]
    for step, kind in events:
        u = min(1.0, max(0.0, u + change(rule, u, kind, step, pre, post)))
        for trace in pre if kind == PRE else post:
            trace.spike(step)
    return low + u * (high - low)


def _met(kind: int, step: int, trace: Trace) -> float:
    """What a spike meets: one that came back meets only traces of strictly earlier steps."""
    return trace.at(step) if kind == POST else trace.before(step)


def _pair(rule: PairStdp, u: float, kind: int, step: int, pre: list, post: list) -> float:
    if kind == PRE:
        return -rule.a_minus * u**rule.mu_minus * post[0].before(step)
    return rule.a_plus * (1.0 - u) ** rule.mu_plus * _met(kind, step, pre[0])


def _triplet(rule: TripletStdp, u: float, kind: int, step: int, pre: list, post: list) -> float:
    if kind == PRE:
        return -post[0].before(step) * (rule.a2_minus + rule.a3_minus * pre[1].before(step))
    met = _met(kind, step, pre[0])
    return met * (rule.a2_plus + rule.a3_plus * post[1].before(step))


def _oja(rule: Oja, u: float, kind: int, step: int, pre: list, post: list) -> float:
    if kind == PRE:
        return 0.0
    y = 1.0 + post[1].before(step)
    return rule.eta * (_met(kind, step, pre[0]) - rule.alpha * y * u)


def _vogels(rule: VogelsStdp, u: float, kind: int, step: int, pre: list, post: list) -> float:
    if kind == PRE:
        silent = 2.0 * rule.rho_hz * rule.tau_ms / 1000.0
        change = rule.eta * (post[0].before(step) - silent)
    else:
        change = rule.eta * _met(kind, step, pre[0])
    return change if rule.w_max > 0.0 else -change


CHANGES = {PairStdp: _pair, TripletStdp: _triplet, Oja: _oja, VogelsStdp: _vogels}


def rewarded(
    rule: RewardStdp, weight: float, events: list, rewards: list[tuple[int, float]], dt_ms: float
) -> float:
    """Return the weight of RewardStdp; rewards: (step at the synapse, size), after all its spikes."""
    u = (weight - rule.w_min) / (rule.w_max - rule.w_min)
    pre = Trace(rule.tau_plus_ms / dt_ms, True)
    post = Trace(rule.tau_minus_ms / dt_ms, True)
    tau = rule.tau_eligibility_ms / dt_ms
    e, since = 0.0, 0
    merged = sorted([(step, kind, 0.0) for step, kind in events] + [(s, 3, m) for s, m in rewards])
    for step, kind, size in merged:
        e, since = e * math.exp(-(step - since) / tau), step
        if kind == 3:
            u = min(1.0, max(0.0, u + size * e))
        elif kind == PRE:
            e -= rule.a_minus * post.before(step)
            pre.spike(step)
        else:
            e += rule.a_plus * _met(kind, step, pre)
            post.spike(step)
    return rule.w_min + u * (rule.w_max - rule.w_min)


def all_learned(
    rule: Any, pre: list, post: list, synapses: tuple, share: float, dt_ms: float, **more: Any
) -> np.ndarray:
    """Return the weights of all synapses, sorted by post, pre, delay."""
    i, j, weights, delays = (np.asarray(part) for part in synapses)
    order = np.lexsort((delays, i, j))
    results = []
    for k in order:
        events = events_of(pre[i[k]], post[j[k]], int(delays[k]), share)
        if isinstance(rule, RewardStdp):
            back = math.floor(share * int(delays[k]) + 0.5)
            at_synapse = [(step - back, size) for step, size in more["rewards"]]
            results.append(rewarded(rule, weights[k], events, at_synapse, dt_ms))
        else:
            results.append(learned(rule, weights[k], events, dt_ms))
    return np.array(results)
