"""The chip's learning rules: a sum of products of traces, as text, in the chip's integers.

    dw = 2^-3*x1*y0 - 2^-4*y1*x0

is pair STDP: x1 is added when the target spikes, y1 is subtracted when the source's spike arrives. The
language is described in ``products_text``. The rule is applied to each synapse once in ``epoch_steps``
steps: traces of 7 bits, sums of 16 bits in 1/128, weight (``w_min`` .. ``w_max``, within 9 bits) and
tag (-256 .. 255) rounded at random in proportion. A product with x0 or y0 reads traces at the step of
that spike, without the spike itself; products of u_k read them at the end of the epoch. A weight is w
times ``weight_step`` in the receptor's unit.

Source: Davies et al. 2018, IEEE Micro 38:82 (sum of products, epochs, widths). How traces are rounded
when they are read, and which bits are random, is not published; here it is as described in
``kernels/plastic/product_numbers.py``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from distsnn.checks import MAX_FLOAT32, MIN_FLOAT32, number
from distsnn.kernels import Kernel
from distsnn.kernels.compile.file_modules import module_of_text
from distsnn.plasticity.parameters import RECEPTOR, require_sound
from distsnn.plasticity.products_code import TRACES, module_text
from distsnn.plasticity.products_parts import ParsedRule
from distsnn.plasticity.products_text import parse
from distsnn.plasticity.rule import LearningRule
from distsnn.slow_decay import over_steps, steps_at_once

MAX_IMPULSE = 127  # of the 7 bits of a trace
MAX_EPOCH = 63  # steps, each a bit of a mask
MIN_WEIGHT, MAX_WEIGHT = -256, 255  # of 9 bits


@dataclass(frozen=True)
class SumOfProducts(LearningRule):
    """A rule as text, and its traces: impulses (0 to 127, fractions in proportion) and tau in ms."""

    rule: str
    weight_step: float = 1.0  # a weight of w = 1, in the receptor's unit
    w_min: int = 0  # in weight_step
    w_max: int = 255  # in weight_step
    epoch_steps: int = 1
    x1_impulse: float = 16.0
    tau_x1_ms: float = 20.0
    x2_impulse: float = 16.0
    tau_x2_ms: float = 100.0
    y1_impulse: float = 16.0
    tau_y1_ms: float = 20.0
    y2_impulse: float = 16.0
    tau_y2_ms: float = 100.0
    y3_impulse: float = 16.0
    tau_y3_ms: float = 100.0
    tau_r1_ms: float = 100.0

    parameter_units: ClassVar[dict[str, str]] = {
        "weight_step": RECEPTOR, "w_min": "weight_step", "w_max": "weight_step",
        **{f"{name}_impulse": "1" for name in TRACES},
    }  # fmt: skip
    limits: ClassVar[dict[str, tuple[float, float]]] = {
        "weight_step": (MIN_FLOAT32, MAX_FLOAT32), "epoch_steps": (1, MAX_EPOCH),
        "w_min": (MIN_WEIGHT, MAX_WEIGHT), "w_max": (MIN_WEIGHT, MAX_WEIGHT),
        **{f"{name}_impulse": (0.0, MAX_IMPULSE) for name in TRACES},
    }  # fmt: skip
    splits_delay: ClassVar[bool] = False

    def __post_init__(self) -> None:
        require_sound(self)
        for bound in self.weight_bounds:
            number("SumOfProducts.weight_step times w_min, w_max", bound, -MAX_FLOAT32, MAX_FLOAT32)
        _ = self.parsed

    @cached_property
    def parsed(self) -> ParsedRule:
        """The products of the rule."""
        return parse(self.rule)

    @property
    def is_rewarded(self) -> bool:
        """Whether the rule reads the trace of rewards; then modulating spikes have an effect."""
        return "r1" in self.parsed.variables

    @property
    def has_tags(self) -> bool:
        """Whether the rule reads or changes the tags of the synapses."""
        return "dt" in self.parsed.products or "t" in self.parsed.variables

    @property
    def kernel_names(self) -> tuple[str, ...]:
        """Names of the kernels that the rule's text is turned into."""
        return ("deliver", "learn_epoch")

    def kernels(self) -> dict[str, Kernel]:
        """Return the kernels by name, made from the rule's text when they are first wanted."""
        made = vars(module_of_text(module_text(self.rule, self.parsed), "distsnn_products"))
        return {name: made[name] for name in self.kernel_names}

    def decay_times_ms(self) -> dict[str, float]:
        """Return none: the traces decay epoch by epoch, see ``slow_betas``."""
        return {}

    @property
    def weight_bounds(self) -> tuple[float, float]:
        """The least and the greatest weight that the rule can give."""
        return self.w_min * self.weight_step, self.w_max * self.weight_step

    def impulses(self) -> np.ndarray:
        """Return what a spike adds to x1, x2, y1, y2, y3, float32 [5]."""
        return np.array([getattr(self, f"{name}_impulse") for name in TRACES], dtype=np.float32)

    def slow_betas(self, dt_ms: float) -> dict[int, tuple[float, int]]:
        """Return factor and n by trace, for traces whose decay in one epoch float32 does not show.

        Such a trace decays by that factor in every n-th epoch only, see ``slow_decay``.
        """
        slow = {}
        for index, name in enumerate(TRACES):
            # exp(-epoch / tau) - 1
            decay = math.expm1(-self.epoch_steps * dt_ms / getattr(self, f"tau_{name}_ms"))
            n = steps_at_once(decay)
            if n > 1:
                slow[index] = 1.0 + over_steps(decay, n), n
        return slow

    def betas(self, dt_ms: float) -> np.ndarray:
        """Return the factors by which each trace decays in 0, 1 .. 64 steps, float32 [5, 65]."""
        # beta^k = exp(-k dt / tau)
        taus = np.array([getattr(self, f"tau_{name}_ms") for name in TRACES])[:, np.newaxis]
        return np.exp(-np.arange(MAX_EPOCH + 2) * dt_ms / taus).astype(np.float32)
