"""Izhikevich's neuron: a quadratic membrane with recovery.

    dv/dt = k2 v^2 + k1 v + k0 - u + I        (v in mV, t in ms, u and I in mV/ms)
    du/dt = a (b (v - v_u) - u_leak u)

v >= v_peak: spike, v = c, u = u + d. A spike of weight w (mV) adds w to v. a, b, c and d are
state variables, so that each neuron may have its own (``initial={"c": Uniform(-65, -50)}``). A
``Current`` of x pA counts as I = x. Published values: k2 .04, k1 5, k0 140, v_u 0, u_leak 1.

Integration is part of this model, whose patterns depend on it. ``scheme``:
  euler       one step of v and one of u, both from the old values
  sequential  one step of v, then u from the new v (the scripts of 2004)
  half_steps  two half steps of v, then u from the new v (the script of 2003); a spike of weight w
              then is a current w / dt that lasts one step, as in that script, where dt = 1 ms

Source: Izhikevich 2003, IEEE Trans Neural Networks 14:1569; Izhikevich 2004, ibid. 15:1063. The
order within a step is that of NEST's izhikevich (consistent integration: euler; otherwise:
half_steps).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from distsnn.kernels import device
from distsnn.kernels.neuron.driver import driver
from distsnn.neurons.model import NeuronModel
from distsnn.neurons.parameters import fail
from distsnn.slow_decay import require_tau

SCHEMES = ("euler", "sequential", "half_steps")


class Constants(NamedTuple):
    """Constants of one step; v and u are relative to the parabola's lowest point."""

    h_1: float  # ms, first step of v
    h_2: float  # ms, second one, 0 if there is none
    h: float  # ms, step of u
    k2: float  # 1/(mV ms)
    peak: float  # mV
    floor: float  # mV
    v_shift: float  # mV, lowest point - v_u
    u_leak: float
    u_shift: float  # mV/ms, u at the lowest point
    i_offset: float  # mV/ms
    current_of_weight: float  # 1/ms, 1 / h if weights are currents, else 0
    v_of_weight: float  # 1 if weights are jumps of v, else 0
    is_sequential: float  # 1 if u takes the new v, else 0


@dataclass(frozen=True)
class Izhikevich(NeuronModel):
    """Parameters of Izhikevich's neuron; the defaults are the regular-spiking cell of 2003."""

    a: float = 0.02
    b: float = 0.2
    c_mv: float = -65.0
    d: float = 8.0
    v_peak_mv: float = 30.0
    k2: float = 0.04
    k1: float = 5.0
    k0: float = 140.0
    v_u_mv: float = 0.0
    u_leak: float = 1.0
    v_floor_mv: float = -1e6
    i_offset: float = 0.0
    scheme: str = "euler"

    receptors: ClassVar[tuple[str, ...]] = ("excitatory", "inhibitory")
    states: ClassVar[dict[str, str]] = {
        "v": "f4", "u": "f4", "a": "f4", "b": "f4", "c": "f4", "d": "f4",
    }  # fmt: skip
    units: ClassVar[dict[str, str]] = {
        "v": "mV", "u": "mV/ms", "a": "1/ms", "b": "1/ms", "c": "mV", "d": "mV/ms",
    }  # fmt: skip
    weight_unit: ClassVar[str] = "mV"
    positive: ClassVar[tuple[str, ...]] = ("k2",)
    parameter_units: ClassVar[dict[str, str]] = {
        "a": "1/ms", "b": "1/ms", "d": "mV/ms", "k2": "1/(mV ms)", "k1": "1/ms", "k0": "mV/ms",
        "u_leak": "1", "i_offset": "mV/ms",
    }  # fmt: skip
    choices: ClassVar[dict[str, tuple[str, ...]]] = {"scheme": SCHEMES}

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.c_mv < self.v_peak_mv:
            limit = f"below v_peak_mv = {self.v_peak_mv}"
            fail(self, "c_mv", self.c_mv, limit, "A neuron would spike forever")

    @property
    def offsets(self) -> dict[str, float]:
        """v and u are kept relative to the parabola's lowest point, where they linger."""
        lowest = -self.k1 / (2.0 * self.k2)
        return {"v": lowest, "u": self.k0 - self.k1**2 / (4.0 * self.k2), "c": lowest}

    def initial(self) -> dict[str, float]:
        """State before the first step: v = -65 mV and u = b v, as in the script of 2003."""
        return {
            "v": -65.0, "u": -65.0 * self.b, "a": self.a, "b": self.b, "c": self.c_mv, "d": self.d,
        }  # fmt: skip

    def constants(self, dt_ms: float) -> Constants:
        """Return the constants of one step."""
        if self.a * self.u_leak:
            require_tau(self, "1 / (a u_leak)", 1.0 / (self.a * self.u_leak), dt_ms)
        is_half = self.scheme == "half_steps"
        offset = self.offsets
        return Constants(
            h_1=dt_ms / 2.0 if is_half else dt_ms,
            h_2=dt_ms / 2.0 if is_half else 0.0,
            h=dt_ms,
            k2=self.k2,
            peak=self.v_peak_mv - offset["v"],
            floor=self.v_floor_mv - offset["v"],
            v_shift=offset["v"] - self.v_u_mv,
            u_leak=self.u_leak,
            u_shift=offset["u"],
            i_offset=self.i_offset,
            current_of_weight=1.0 / dt_ms if is_half else 0.0,
            v_of_weight=0.0 if is_half else 1.0,
            is_sequential=0.0 if self.scheme == "euler" else 1.0,
        )


@device
def step(c, v, u, a, b, reset, jump, in_e, in_i, current, spiked):
    """Advance n neurons by one step; v and u are relative to the parabola's lowest point."""
    is_sequential = c.is_sequential > np.float32(0.0)
    for i in range(v.size):
        v_0, u_0 = v[i], u[i]
        arriving = in_e[i] + in_i[i]
        # v = v + h (k2 v^2 - u + I), in one or two steps; then weights that are jumps
        drive = current[i] + c.i_offset + arriving * c.current_of_weight - u_0
        v_1 = v_0 + c.h_1 * (c.k2 * v_0 * v_0 + drive)
        v_1 = v_1 + c.h_2 * (c.k2 * v_1 * v_1 + drive)
        v_1 = v_1 + arriving * c.v_of_weight
        # u = u + h a (b (v - v_u) - u_leak u)
        v_of_u = v_1 if is_sequential else v_0
        u_1 = u_0 + c.h * a[i] * (b[i] * (v_of_u + c.v_shift) - c.u_leak * (u_0 + c.u_shift))
        # spike: v = c, u = u + d
        v_1 = c.floor if v_1 < c.floor else v_1
        fires = v_1 >= c.peak
        v[i] = reset[i] if fires else v_1
        u[i] = u_1 + jump[i] if fires else u_1
        spiked[i] = np.uint8(1) if fires else np.uint8(0)


advance = driver(step, Constants, Izhikevich.states, Izhikevich.receptors)
