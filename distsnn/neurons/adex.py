"""Adaptive exponential integrate-and-fire neuron (AdEx) with exponential conductances.

    C_m dv/dt = -g_L (v - E_L) + g_L Delta exp((v - v_T) / Delta)
                - g_e (v - E_e) - g_i (v - E_i) - w + I
    tau_w dw/dt = a (v - E_L) - w
    tau_e dg_e/dt = -g_e,   tau_i dg_i/dt = -g_i

A spike of weight w (nS) adds |w| to g_e or g_i: the sign of a weight chooses the receptor. When v
reaches v_peak within a step: spike, v = v_reset, w = w + b, and the rest of the step goes on from
there (t_ref = 0) or v is held for t_ref. So spikes cost no time, although they count for their
step.

Integration, second order: with the other currents F held at their mean over the step, the equation
with the exponential has the solution

    v(h) = v + F h / C - Delta log(1 - x m(q)),   x = (g_L h / C) exp((v - v_T) / Delta),
    q = F h / (C Delta),   m(q) = (exp(q) - 1) / q

which contains the upstroke exactly: it ends where the argument of the logarithm reaches 0, and
there is no step too large for it. The mean of F takes account of leak, conductances (exactly,
however large), w and what v gains by the exponential.
Measured in float64 against a solution with tolerance 1e-12 (first eight spikes of three patterns):
spike times within 0.0015 ms at dt 0.1 ms and 0.016 ms at dt 0.5 ms.

Source: Brette & Gerstner 2005, J Neurophysiol 94:3637; Naud et al. 2008, Biol Cybern 99:335.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from distsnn.kernels import device
from distsnn.kernels.neuron.driver import driver
from distsnn.kernels.neuron.spiking import counted_down
from distsnn.kernels.numbers.denormal import flushed
from distsnn.kernels.numbers.exponential import exp_f4, expm1_f4, log1p_f4, mean_exp_f4
from distsnn.neurons.lif import decay_and_mean
from distsnn.neurons.model import NeuronModel
from distsnn.neurons.parameters import fail
from distsnn.neurons.refractory import refractory_steps
from distsnn.slow_decay import require_tau

NEARLY_ALL = -0.9999999  # 1 + this is the least that float32 tells from 0


class Constants(NamedTuple):
    """Constants of one step; potentials are relative to v_T."""

    h_over_c: float  # ms/pF
    w_share: float  # 1 - exp(-h / tau_w)
    g_l: float  # nS
    delta: float  # mV
    e_l: float  # mV
    e_e: float  # mV
    e_i: float  # mV
    a: float  # nS
    peak: float  # mV
    reset: float  # mV
    n_refractory: float  # steps
    b: float  # pA
    i_offset: float  # pA
    decay_e: float  # exp(-h / tau_e) - 1
    decay_i: float
    mean_e: float  # mean of exp(-t / tau_e) over the step
    mean_i: float
    h_over_tau_w: float


@dataclass(frozen=True)
class AdEx(NeuronModel):
    """Parameters of the adaptive exponential integrate-and-fire neuron."""

    c_m_pf: float = 281.0
    g_l_ns: float = 30.0
    e_l_mv: float = -70.6
    v_t_mv: float = -50.4
    delta_t_mv: float = 2.0
    a_ns: float = 4.0
    b_pa: float = 80.5
    tau_w_ms: float = 144.0
    v_reset_mv: float = -70.6
    v_peak_mv: float = 0.0
    t_ref_ms: float = 0.0
    e_e_mv: float = 0.0
    e_i_mv: float = -80.0
    tau_syn_e_ms: float = 5.0
    tau_syn_i_ms: float = 10.0
    i_offset_pa: float = 0.0

    receptors: ClassVar[tuple[str, ...]] = ("excitatory", "inhibitory")
    states: ClassVar[dict[str, str]] = {
        "v": "f4", "w": "f4", "g_e": "f4", "g_i": "f4", "refractory": "i4",
    }  # fmt: skip
    units: ClassVar[dict[str, str]] = {
        "v": "mV", "w": "pA", "g_e": "nS", "g_i": "nS", "refractory": "steps",
    }  # fmt: skip
    weight_unit: ClassVar[str] = "nS"
    takes_sizes: ClassVar[bool] = True  # synapses deliver the sizes of their weights
    update_ns: ClassVar[float] = 11.0  # see mapping/work.py
    positive: ClassVar[tuple[str, ...]] = (
        "c_m_pf", "g_l_ns", "delta_t_mv", "tau_w_ms", "tau_syn_e_ms", "tau_syn_i_ms",
    )  # fmt: skip
    decays: ClassVar[tuple[str, ...]] = ("decay_e", "decay_i")

    def __post_init__(self) -> None:
        super().__post_init__()
        lowest = max(self.v_t_mv, self.v_reset_mv)
        if not self.v_peak_mv > lowest:
            limit = f"above v_t_mv and v_reset_mv, {lowest}"
            fail(self, "v_peak_mv", self.v_peak_mv, limit, "0 mV is usual")
        if (self.v_peak_mv - self.v_t_mv) / self.delta_t_mv > 85.0:
            limit = f"at most 85 delta_t_mv above v_t_mv, {self.v_t_mv + 85.0 * self.delta_t_mv:g}"
            fail(self, "v_peak_mv", self.v_peak_mv, limit, "A lower peak gives the same spikes")

    @property
    def offsets(self) -> dict[str, float]:
        """v is kept relative to v_T, where it decides about spikes and float32 is finest."""
        return {"v": self.v_t_mv}

    def initial(self) -> dict[str, float]:
        """State before the first step: at rest, no conductance open."""
        return {"v": self.e_l_mv}

    def constants(self, dt_ms: float) -> Constants:
        """Return the constants of one step."""
        require_tau(self, "c_m_pf / g_l_ns", self.c_m_pf / self.g_l_ns, dt_ms)
        require_tau(self, "tau_w_ms", self.tau_w_ms, dt_ms)
        decay_e, mean_e = decay_and_mean(self.tau_syn_e_ms, dt_ms)
        decay_i, mean_i = decay_and_mean(self.tau_syn_i_ms, dt_ms)
        return Constants(
            h_over_c=dt_ms / self.c_m_pf,
            w_share=-math.expm1(-dt_ms / self.tau_w_ms),
            g_l=self.g_l_ns,
            delta=self.delta_t_mv,
            e_l=self.e_l_mv - self.v_t_mv,
            e_e=self.e_e_mv - self.v_t_mv,
            e_i=self.e_i_mv - self.v_t_mv,
            a=self.a_ns,
            peak=self.v_peak_mv - self.v_t_mv,
            reset=self.v_reset_mv - self.v_t_mv,
            n_refractory=refractory_steps(self, dt_ms),
            b=self.b_pa,
            i_offset=self.i_offset_pa,
            decay_e=decay_e,
            decay_i=decay_i,
            mean_e=mean_e,
            mean_i=mean_i,
            h_over_tau_w=dt_ms / self.tau_w_ms,
        )


@device
def flow(c, v, w, g_e, g_i, current, h_over_c, w_share):
    """Return x, m(q), q, v and w after a time h.

    g_e, g_i: means over it (nS). w_share: 1 - exp(-h / tau_w).
    """
    one = np.float32(1.0)
    # x = (g_L h / C) exp((v - v_T) / Delta)
    x = c.g_l * h_over_c * exp_f4(v / c.delta)
    # mean rise of v by the exponential: Delta x (1/2 + x/6 + x^2/12), for x up to 1
    share = min(x, one)  # of the way to the end of the upstroke
    gain = np.float32(1.0 / 6.0) + share * np.float32(1.0 / 12.0)
    gain = c.delta * share * (np.float32(0.5) + share * gain)
    # F = I - g_L (v - E_L) - g_e (v - E_e) - g_i (v - E_i) - w, without w here
    g = c.g_l + g_e + g_i
    force = current - c.g_l * (v - c.e_l) - g_e * (v - c.e_e) - g_i * (v - c.e_i)
    # w(h) = w + (a (v_mean - E_L) - w) (1 - exp(-h / tau_w))
    relaxed = mean_exp_f4(-g * h_over_c)
    v_mean = v + np.float32(0.5) * h_over_c * relaxed * (force - w) + gain
    w_1 = w + (c.a * (v_mean - c.e_l) - w) * w_share
    # mean of F over the step: w at its mean, v where the exponential lifts it
    force = force - np.float32(0.5) * (w + w_1) - g * gain
    rise = force * relaxed * h_over_c
    # v(h) = v + F h / C - Delta log(1 - x m(q)),   q = F h / (C Delta)
    q = rise / c.delta
    m = mean_exp_f4(q)
    left = max(-x * m, np.float32(NEARLY_ALL))
    return x, m, q, v + rise - c.delta * log1p_f4(left), w_1


@device
def spike_share(c, v, x, q):
    """Return which share of the step has passed when v reaches the peak."""
    # s = log(1 + y) / q,   y = q (1 - l) / (x + q l),   l = exp((v - v_peak) / Delta)
    left = exp_f4((v - c.peak) / c.delta)
    q = q if abs(q) > np.float32(1e-6) else np.float32(1e-6)
    y = q * (np.float32(1.0) - left) / (x + q * left)
    share = log1p_f4(max(y, np.float32(NEARLY_ALL))) / q
    return min(max(share, np.float32(0.0)), np.float32(1.0))


@device
def after_spike(c, v, w, g_e, g_i, current):
    """Return v and w at the end of a step in which the neuron spikes."""
    x, _, q, _, w_1 = flow(c, v, w, g_e, g_i, current, c.h_over_c, c.w_share)
    # w at the spike, plus b; then the rest of the step from v_reset
    share = spike_share(c, v, x, q)
    w_0 = w + (w_1 - w) * share + c.b
    rest = np.float32(1.0) - share
    w_share = -expm1_f4(-rest * c.h_over_tau_w)
    if c.n_refractory > np.float32(0.0):
        return c.reset, w_0 + (c.a * (c.reset - c.e_l) - w_0) * w_share
    _, _, _, v_1, w_1 = flow(c, c.reset, w_0, g_e, g_i, current, rest * c.h_over_c, w_share)
    return min(v_1, c.peak), w_1


@device
def count_spikes(spiked):
    """Return how many neurons spiked."""
    n = 0
    for i in range(spiked.size):
        n += spiked[i]
    return n


@device
def step(c, v, w, g_e, g_i, refractory, in_e, in_i, current, spiked):
    """Advance n neurons by one step; see the module's equations."""
    # 1. All neurons, as if none spiked; v and w of those that do are left as they were.
    for i in range(v.size):
        steps_left = refractory[i]
        is_held = steps_left > 0
        total = current[i] + c.i_offset
        x, m, _, v_1, w_1 = flow(
            c, v[i], w[i], g_e[i] * c.mean_e, g_i[i] * c.mean_i, total, c.h_over_c, c.w_share
        )
        w_held = w[i] + (c.a * (c.reset - c.e_l) - w[i]) * c.w_share
        # spike: v reaches the peak, or the upstroke ends within the step (x m(q) = 1)
        fires = (v_1 >= c.peak) | (x * m >= np.float32(-NEARLY_ALL))
        fires = fires & (steps_left <= 0)
        keeps = is_held | fires
        v[i] = v[i] if keeps else v_1
        w[i] = w_held if is_held else w[i] if fires else w_1
        refractory[i] = counted_down(steps_left, fires, c.n_refractory)
        spiked[i] = np.uint8(1) if fires else np.uint8(0)
    # 2. Those that spike, of which there are few: a loop with branches.
    if count_spikes(spiked) > 0:
        for i in range(v.size):
            if spiked[i]:
                total = current[i] + c.i_offset
                v[i], w[i] = after_spike(c, v[i], w[i], g_e[i] * c.mean_e, g_i[i] * c.mean_i, total)
    # 3. g(t + h) = g exp(-h / tau) + |weight|
    for i in range(v.size):
        g_e[i] = flushed(g_e[i] + g_e[i] * c.decay_e + abs(in_e[i]))
        g_i[i] = flushed(g_i[i] + g_i[i] * c.decay_i + abs(in_i[i]))


advance = driver(step, Constants, AdEx.states, AdEx.receptors)
