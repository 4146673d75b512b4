"""The compartment of Intel's Loihi: a leaky integrate-and-fire neuron in the chip's own integers.

    q = arriving 2^(6 + weight_exponent) [+ noise]                    wraps at 21 bits and sign
    u = decay(u, 4095 - decay_u) + q                                  wraps at 23 bits and sign
    s = u + bias [+ noise]                                            wraps at 23 bits and sign
    v = decay(v, 4096 - decay_v) + s,  cut to v_min .. v_max;  0 while refractory
    decay(x, f) = sign(x) floor(|x| f / 4096)
    spike where v > 64 threshold_mantissa (not equal): v = 0, refractory for the steps given

A weight is a signed mantissa, -256 to 255 on the chip, and a spike of weight w adds w to
``arriving``. bias = bias_mantissa 2^bias_exponent, v_min = 1 - 2^v_min_exponent, v_max = 2^(9 + 2
v_max_exponent) - 1, noise = (r + 64 noise_offset) 2^(noise_exponent - 7) rounded towards 0, r in
-127..127 random. A ``Current`` of x pA counts as a further bias of x. ``bias`` is a state
variable, so that each neuron may have its own. ``saturations`` counts the steps of a neuron in
which a number did not fit: q, u or s wrapped or v was cut at v_max. One step is one step of the
chip, whatever dt is.

Source: Davies et al. 2018, IEEE Micro 38(1):82; the rounding, which is not printed there, is that
of the emulators of nengo-loihi (Blouw et al. 2019, NICE) and of Michaelis et al. 2022, Front
Neuroinform 16:1015624, which agree with the chip.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import NetworkError
from distsnn.kernels import device
from distsnn.kernels.neuron.driver import driver
from distsnn.kernels.neuron.loihi import MAX_SUM, Q_BITS, U_BITS
from distsnn.kernels.numbers.fixed_point import decayed, scaled_towards_zero, wrapped
from distsnn.neurons.model import NeuronModel
from distsnn.time_grid import nearest_steps

NOISE_VALUES = 255
NOISE_TARGETS = ("none", "current", "voltage")


class Constants(NamedTuple):
    """Constants of one step, whole numbers that float32 holds exactly."""

    keep_u: float  # 4095 - decay_u, in 1/4096
    keep_v: float  # 4096 - decay_v
    threshold: float
    n_refractory: float  # steps
    weight_shift: float  # bits
    v_min_exponent: float
    v_max: float
    noise_in_q: float  # 1 if the noise goes into q, else 0
    noise_in_s: float  # 1 if it goes into s, else 0
    noise_offset: float
    noise_exponent: float


@dataclass(frozen=True)
class LoihiCuba(NeuronModel):
    """Parameters of Loihi's compartment, in the chip's integers.

    weight_bits: precision of the weights with sign, 1 to 9; sets the step between their mantissas.
    refractory_steps: 1 means that the next step may spike again.
    """

    decay_u: int = 4095
    decay_v: int = 128
    threshold_mantissa: int = 100
    bias_mantissa: int = 0
    bias_exponent: int = 0
    refractory_steps: int = 1
    weight_exponent: int = 0
    weight_bits: int = 9
    v_min_exponent: int = 23
    v_max_exponent: int = 7
    noise_target: str = "none"
    noise_exponent: int = 0
    noise_offset: int = 0

    receptors: ClassVar[tuple[str, ...]] = ("input",)
    states: ClassVar[dict[str, str]] = {
        "u": "i4", "v": "i4", "refractory": "i4", "bias": "i4", "saturations": "i4",
    }  # fmt: skip
    units: ClassVar[dict[str, str]] = {
        "u": "1", "v": "1", "refractory": "steps", "bias": "1", "saturations": "steps",
    }  # fmt: skip
    weight_unit: ClassVar[str] = "mantissa"
    weight_range: ClassVar[tuple[float, float]] = (-256.0, 255.0)
    limits: ClassVar[dict[str, tuple[int, int]]] = {
        "decay_u": (0, 4095), "decay_v": (0, 4096), "threshold_mantissa": (1, 131071),
        "bias_mantissa": (-4095, 4095), "bias_exponent": (0, 7), "refractory_steps": (0, 63),
        "weight_exponent": (-6, 7), "weight_bits": (1, 9), "v_min_exponent": (0, 31),
        "v_max_exponent": (0, 7), "noise_exponent": (0, 15), "noise_offset": (-64, 64),
    }  # fmt: skip
    parameter_units: ClassVar[dict[str, str]] = {
        "decay_u": "1/4096", "decay_v": "1/4096", "threshold_mantissa": "1", "bias_mantissa": "1",
        "bias_exponent": "1", "weight_exponent": "1", "weight_bits": "bits",
        "v_min_exponent": "1", "v_max_exponent": "1", "noise_exponent": "1", "noise_offset": "1",
    }  # fmt: skip
    choices: ClassVar[dict[str, tuple[str, ...]]] = {"noise_target": NOISE_TARGETS}

    @property
    def is_noisy(self) -> bool:
        """Whether the neurons need random words of their own."""
        return self.noise_target != "none"

    @property
    def weight_quanta(self) -> tuple[float, ...]:
        """Step between weights, per receptor: the chip fixes it, the network must not choose it."""
        return (float(2 ** (9 - self.weight_bits)),)

    def initial(self) -> dict[str, float]:
        """State before the first step: nothing but the bias."""
        return {"bias": float(self.bias_mantissa * 2**self.bias_exponent)}

    def constants(self, dt_ms: float) -> Constants:
        """Return the constants of one step, which is one step of the chip for any ``dt_ms``."""
        return Constants(
            keep_u=4095.0 - self.decay_u,
            keep_v=4096.0 - self.decay_v,
            threshold=64.0 * self.threshold_mantissa,
            n_refractory=float(self.refractory_steps),
            weight_shift=6.0 + self.weight_exponent,
            v_min_exponent=float(self.v_min_exponent),
            v_max=2.0 ** (9 + 2 * self.v_max_exponent) - 1.0,
            noise_in_q=float(self.noise_target == "current"),
            noise_in_s=float(self.noise_target == "voltage"),
            noise_offset=64.0 * self.noise_offset,
            noise_exponent=self.noise_exponent - 7.0,
        )

    def quantised(self, weights: np.ndarray) -> np.ndarray:
        """Return mantissas (int64) as the chip stores them with ``weight_bits``; raises if outside.

        weights: mantissas, any shape. Rounded to the nearest value that can be stored, halves up.
        """
        low, high = self.weight_range
        if weights.size and (weights.min() < low or weights.max() > high):
            got = f"{weights.min():g} to {weights.max():g}"
            limit = f"from {low:g} to {high:g}"
            raise NetworkError(must_be("LoihiCuba: weights", limit, got, "Raise weight_exponent."))
        quantum = int(self.weight_quanta[0])
        largest = 256 - quantum if quantum > 1 else 255
        rounded = nearest_steps(weights, quantum) * quantum
        return np.clip(rounded, -256, largest)


@device
def step(c, u, v, refractory, bias, saturations, arriving, words, current, spiked):
    """Advance n neurons by one step; see the module's equations."""
    keep_u, keep_v, threshold = np.int32(c.keep_u), np.int32(c.keep_v), np.int32(c.threshold)
    n_refractory, weight_shift = np.int32(c.n_refractory), np.int32(c.weight_shift)
    v_min, v_max = np.int32(1 - (np.int64(1) << np.int64(c.v_min_exponent))), np.int32(c.v_max)
    in_q, in_s, noise_offset = (
        np.int32(c.noise_in_q),
        np.int32(c.noise_in_s),
        np.int32(c.noise_offset),
    )
    noise_exponent, max_sum = np.int32(c.noise_exponent), np.float32(MAX_SUM)
    for i in range(v.size):
        weights = min(max(arriving[i], -max_sum), max_sum)
        # noise = (r + 64 noise_offset) 2^(noise_exponent - 7), r = word 255 / 2^32 - 127
        draw = (np.uint64(words[i]) * np.uint64(NOISE_VALUES)) >> np.uint64(32)
        noise = np.int32(np.int32(draw) - np.int32(127) + noise_offset)
        noise = scaled_towards_zero(noise, noise_exponent)
        # q = arriving 2^(6 + weight_exponent) [+ noise]
        q_whole = np.int32(np.int32(np.int32(weights) << weight_shift) + np.int32(noise * in_q))
        q = wrapped(q_whole, Q_BITS)
        # u = decay(u, 4095 - decay_u) + q
        u_whole = np.int32(decayed(u[i], keep_u) + q)
        u_1 = wrapped(u_whole, U_BITS)
        # s = u + bias + I [+ noise]
        s_whole = np.int32(u_1 + bias[i] + np.int32(current[i]) + np.int32(noise * in_s))
        s = wrapped(s_whole, U_BITS)
        # v = decay(v, 4096 - decay_v) + s, cut to v_min .. v_max; 0 while refractory
        v_whole = np.int32(decayed(v[i], keep_v) + s)
        v_1 = min(max(v_whole, v_min), v_max)
        v_1 = np.int32(0) if refractory[i] > 0 else v_1
        fires = v_1 > threshold
        # a number did not fit
        misfit = (q != q_whole) | (u_1 != u_whole) | (s != s_whole) | (v_whole > v_max)
        misfit = misfit | (abs(arriving[i]) > max_sum)
        saturations[i] = np.int32(saturations[i] + (np.int32(1) if misfit else np.int32(0)))
        u[i] = u_1
        v[i] = np.int32(0) if fires else v_1
        # n refractory steps count from this one
        left = n_refractory if fires else refractory[i]
        refractory[i] = max(np.int32(left - np.int32(1)), np.int32(0))
        spiked[i] = np.uint8(1) if fires else np.uint8(0)


advance = driver(step, Constants, LoihiCuba.states, LoihiCuba.receptors, is_noisy=True)
