"""A network that fills a Loihi chip: 128 patches of 1,024 neurons, 128 million synapses, about 10 Hz.

A patch has 820 excitatory and 204 inhibitory neurons and fits on one core. Inhibitory neurons project
to their own patch, excitatory ones to their own and three others. A patch thus needs 3,484 output
axons and as many input axons, of the 4,096 that a core has (Davies et al. 2018, IEEE Micro 38:82).
Cortex has such patchy long-range connections (Voges et al. 2010, Front Comput Neurosci 4:137). With
977 synapses onto each neuron there are 128 million, the published capacity of the chip; those are
one-bit synapses, while here the weight is constant for each projection.

The network is in the asynchronous irregular state: inhibition dominates and a Poisson background
drives each neuron (Brunel 2000, J Comput Neurosci 8:183). Delays are 1 to 3 ms within a patch and 4 to
8 ms between patches; a core whose neurons are all in use is sure to offer 8 delay steps.
"""

from __future__ import annotations

from math import sqrt

from distsnn.chip.schema import MAX_SIDE
from distsnn.network import Network, PatchInDegree, Uniform
from distsnn.networks.checks import in_steps, require_between, require_least
from distsnn.neurons import LifExp
from distsnn.stimuli import Poisson

N_PATCHES = 128
N_E, N_I = 820, 204
K_E, K_I = 195, 197  # synapses from each listed patch
FAR = (-1, 1, 37)  # source patches of patch p, besides p: p - 1, p + 1, p + 37
RATE_HZ = 10.0  # mean rate for which scaled networks are compensated
TAU_SYN_MS = 2.0
DEFAULT_DT_MS = 1.0


def build(
    scale: float = 1.0,
    patches: int = N_PATCHES,
    weight_pa: float = 6.0,
    g: float = 8.0,
    background_hz: float = 300.0,
    background_pa: float = 370.0,
    dt_ms: float = DEFAULT_DT_MS,
    seed: int = 1,
) -> Network:
    """Return the network with populations ``exc`` and ``inh``, in ``patches`` patches.

    scale: neurons per patch and synapses per neuron, relative to 820 + 204 and 977. Weights are
    proportional to 1 / sqrt(scale), which keeps the variance of the input, and a constant current
    replaces the missing mean input at 10 Hz (van Albada et al. 2015, PLoS Comput Biol 11:e1004490).
    g: size of inhibitory weights relative to excitatory ones. background_hz, background_pa: rate and
    weight of each neuron's Poisson train. Delays and the refractory time are rounded to steps. Raises
    UsageError for a setting outside its limits.
    """
    require_between("loihi", "scale", scale, 0.02, 1.0)
    require_between("loihi", "patches", patches, 1, MAX_SIDE**2)
    require_between("loihi", "dt_ms", dt_ms, 0.01, 2.0)
    require_least("loihi", "g", g, 0.0)
    require_least("loihi", "background_hz", background_hz, 0.0)
    n_e, n_i, k_e, k_i = (round(number * scale) for number in (N_E, N_I, K_E, K_I))
    weight, model = weight_pa / sqrt(scale), _model(scale, weight_pa, g, dt_ms)
    network = Network(dt_ms=dt_ms, seed=seed, name="loihi")
    initial = {"v": Uniform(-65.0, -50.0)}  # mV, reset to threshold
    exc = network.population("exc", patches * n_e, model, initial=initial, patches=patches)
    inh = network.population("inh", patches * n_i, model, initial=initial, patches=patches)
    own = tuple((patch,) for patch in range(patches))  # source patches of each target patch
    far = tuple(tuple((patch + step) % patches for step in FAR) for patch in range(patches))
    near_ms, far_ms = Uniform(1.0, 3.0), Uniform(4.0, 8.0)
    for target in (exc, inh):
        network.connect(exc, target, PatchInDegree(k_e, own), weight=weight, delay_ms=near_ms)
        network.connect(exc, target, PatchInDegree(k_e, far), weight=weight, delay_ms=far_ms)
        network.connect(inh, target, PatchInDegree(k_i, own), weight=-g * weight, delay_ms=near_ms)
        if background_hz > 0.0:
            network.stimulate(target, Poisson(rate_hz=background_hz, weight=background_pa))
    return network


def _model(scale: float, weight_pa: float, g: float, dt_ms: float) -> LifExp:
    """Return the neuron model, with a constant current that replaces the input lost by scaling."""
    k_e, k_i = round(K_E * scale), round(K_I * scale)
    # mean input current = synapses x weight x rate x tau_syn, with excitation from four patches
    kept = (4 * k_e - k_i * g) * weight_pa / sqrt(scale)
    missing_pa = ((4 * K_E - K_I * g) * weight_pa - kept) * RATE_HZ * 1e-3 * TAU_SYN_MS
    model = LifExp(
        tau_m_ms=20.0, tau_syn_e_ms=TAU_SYN_MS, tau_syn_i_ms=TAU_SYN_MS, i_offset_pa=missing_pa
    )
    return in_steps(model, dt_ms)
