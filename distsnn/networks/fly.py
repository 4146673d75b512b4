"""The neuron of the model of the fly's whole brain, as equations.

    tau_m dv/dt = v_rest - v + g,   tau_s dg/dt = -g         both held while refractory
    a spike of weight w (mV) adds w to g;   v > v_t: spike, v = v_rest, g = 0

Source: Shiu et al. 2024, Nature 634:210 (methods, leaky integrate-and-fire model): v_rest = v_reset =
-52 mV, threshold -45 mV, tau_m 20 ms, tau_s 5 ms, refractory 2.2 ms, delay 1.8 ms, 0.275 mV per
synapse; neurons are excited by Poisson input that makes them fire at its rate.
"""

from __future__ import annotations

from distsnn.equations import Equations
from distsnn.neurons import NeuronModel

SYNAPSE_MV = 0.275  # per synapse between two neurons; inhibitory ones are negative
DELAY_MS = 1.8
INPUT_MV = 250 * SYNAPSE_MV  # of a spike from outside


def fly_neuron() -> NeuronModel:
    """Return the model."""
    return Equations(
        """
        dv/dt = (v_rest - v + g) / tau_m : mV (unless refractory)
        dg/dt = -g / tau_s : mV (unless refractory)
        """,
        threshold="v > v_t", reset="v = v_rest; g = 0", refractory_ms=2.2,
        receptors={"input": "g += weight"},
        parameters={
            "v_rest": (-52.0, "mV"), "v_t": (-45.0, "mV"), "tau_m": (20.0, "ms"),
            "tau_s": (5.0, "ms"),
        },
        initial={"v": "v_rest"},
    )  # fmt: skip
