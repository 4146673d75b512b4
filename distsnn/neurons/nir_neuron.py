"""What the neurons of the Neuromorphic Intermediate Representation (NIR) have in common.

    v > v_threshold: spike, then v = v_reset   (reset = "value", the rule of NIR)
                            or   v - v_threshold   (reset = "subtract", of some frameworks)

Quantities other than times have no unit.

Source: Pedersen et al. 2024, Nat Commun 15:8122, table 1.
"""

from __future__ import annotations

from typing import ClassVar

from distsnn.checks import MAX_FLOAT32
from distsnn.neurons.model import NeuronModel

NEVER = 1e38  # a threshold that no neuron reaches
METHODS = ("exact", "euler")
RESETS = ("value", "subtract")


class NirNeuron(NeuronModel):
    """A neuron of NIR. Its subclasses have the fields ``v_threshold``, ``v_reset`` and ``reset``.

    first_step: the step with which the neuron begins; before it, it keeps its initial state. A layer
    whose input takes k steps to arrive begins with step k, as if there were no delays.
    """

    v_threshold: float
    v_reset: float
    reset: str
    first_step: int

    receptors: ClassVar[tuple[str, ...]] = ("input",)
    weight_unit: ClassVar[str] = "1"
    choices: ClassVar[dict[str, tuple[str, ...]]] = {"method": METHODS, "reset": RESETS}
    limits: ClassVar[dict[str, tuple[float, float]]] = {
        "first_step": (0, 2**30), "v_threshold": (-MAX_FLOAT32, NEVER),
    }  # fmt: skip
    parameter_units: ClassVar[dict[str, str]] = {
        name: "1"
        for name in ("r", "v_leak", "v_threshold", "v_reset", "w_in", "bias")
    } | {"first_step": "steps"}  # fmt: skip

    def spike_constants(self, v_rest: float) -> dict[str, float]:
        """Return threshold and reset of v relative to ``v_rest``: v = kept v_new + after."""
        is_kept = self.reset == "subtract"
        return {
            "threshold": min(self.v_threshold - v_rest, NEVER),
            "kept": float(is_kept),
            "after": -self.v_threshold if is_kept else self.v_reset - v_rest,
        }
