"""Brunel's sparse network of excitatory and inhibitory integrate-and-fire neurons.

Source: Brunel 2000, J Comput Neurosci 8:183, model A: fixed in-degrees and delta synapses of
0.1 mV; each neuron is driven by a Poisson train of its own.
"""

from __future__ import annotations

from distsnn.network import FixedInDegree, Network
from distsnn.networks.checks import delay_in_steps, in_steps, require_between, require_least
from distsnn.neurons import LifDelta
from distsnn.stimuli import Poisson

N_E, N_I = 10_000, 2_500
C_E, C_I = 1_000, 250  # inputs of each neuron
DEFAULT_DT_MS = 0.1
DELAY_MS = 1.5


def build(
    g: float = 5.0,
    eta: float = 2.0,
    j_mv: float = 0.1,
    scale: float = 1.0,
    delay_ms: float = DELAY_MS,
    v_reset_mv: float = 10.0,
    dt_ms: float = DEFAULT_DT_MS,
    seed: int = 1,
) -> Network:
    """Return the network with populations ``exc`` and ``inh``.

    g: size of inhibitory weights relative to excitatory ones. eta: external rate relative to the
    rate that just brings a neuron to threshold. j_mv: excitatory weight. scale: number of neurons
    relative to the 10,000 and 2,500 of the paper; each keeps its 1,000 and 250 inputs, drawn with
    repetition, so small networks are less sparse and more synchronous. delay_ms: whole steps; the
    published delay and the refractory time of 2 ms are rounded to steps. Raises UsageError for a
    setting outside its limits.
    """
    require_least("brunel", "g", g, 0.0)
    require_least("brunel", "eta", eta, 0.0)
    require_between("brunel", "j_mv", j_mv, 1e-4, 10.0)
    require_between("brunel", "scale", scale, 0.02, 10.0)
    network = Network(dt_ms=dt_ms, seed=seed, name="brunel")
    delay_ms = delay_in_steps("brunel", delay_ms, DELAY_MS, dt_ms)
    model = in_steps(LifDelta(v_reset_mv=v_reset_mv), dt_ms)
    exc = network.population("exc", round(N_E * scale), model)
    inh = network.population("inh", round(N_I * scale), model)
    # nu_threshold = theta / (J C_E tau_m), nu_external = eta nu_threshold on each of C_E inputs
    threshold_rate_khz = model.v_threshold_mv / (j_mv * C_E * model.tau_m_ms)
    rate_hz = 1e3 * eta * threshold_rate_khz * C_E
    for target in (exc, inh):
        if rate_hz > 0.0:
            network.stimulate(target, Poisson(rate_hz=rate_hz, weight=j_mv))
        network.connect(exc, target, FixedInDegree(C_E), weight=j_mv, delay_ms=delay_ms)
        if g > 0.0:
            network.connect(inh, target, FixedInDegree(C_I), weight=-g * j_mv, delay_ms=delay_ms)
    return network
