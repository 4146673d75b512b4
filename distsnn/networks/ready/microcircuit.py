"""The cortical microcircuit under 1 mm2 of cortex: 77,169 neurons and 299 million synapses.

Source: Potjans & Diesmann 2014, Cereb Cortex 24:785, Tables 4 and 5. Initial potentials have the
optimised means and standard deviations of the model's public reference implementation in NEST.
"""

from __future__ import annotations

import math

from distsnn.network import FixedTotalNumber, Network, Normal
from distsnn.networks.checks import in_steps, require_between, require_least
from distsnn.neurons import LifExp
from distsnn.stimuli import Poisson
from distsnn.time_grid import rounded_ms

NAMES = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
SIZES = (20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948)
# Synapses from outside onto each neuron, each active at EXTERNAL_RATE_HZ.
N_EXTERNAL = (1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100)
EXTERNAL_RATE_HZ = 8.0
V0_MEAN_MV = (-68.28, -63.16, -63.33, -63.45, -63.11, -61.66, -66.72, -61.43)
V0_SD_MV = (5.36, 4.57, 4.74, 4.94, 4.94, 4.55, 5.46, 4.48)
# Connection probability (Table 5); row: target, column: source.
PROBABILITY = (
    (0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0000, 0.0076, 0.0000),
    (0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0000, 0.0042, 0.0000),
    (0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0.0000),
    (0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0000, 0.1057, 0.0000),
    (0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0000),
    (0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0.0000),
    (0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252),
    (0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443),
)
WEIGHT_PA = 87.8  # a postsynaptic potential of 0.15 mV
DELAY_E_MS, DELAY_I_MS = 1.5, 0.75
DEFAULT_DT_MS = 0.1


def n_synapses(target: int, source: int) -> int:
    """Return the number of synapses of a projection at full scale; indices are those of ``NAMES``."""
    probability = PROBABILITY[target][source]
    if probability == 0.0:
        return 0
    # Multapses: C = 1 - (1 - 1 / (N_pre N_post))^K, so K = ln(1 - C) / ln(1 - 1 / (N_pre N_post))
    n_pairs = SIZES[target] * SIZES[source]
    return round(math.log(1.0 - probability) / math.log1p(-1.0 / n_pairs))


def build(
    scale: float = 1.0,
    g: float = 4.0,
    weight_sd: float = 0.1,
    delay_sd: float = 0.5,
    dt_ms: float = DEFAULT_DT_MS,
    seed: int = 1,
) -> Network:
    """Return the microcircuit, with eight populations as in ``NAMES``.

    scale: share of the neurons that is kept. Each keeps its full number of inputs, which preserves the
    mean and variance of its input and hence the rates, but not the correlations, which grow as
    1 / scale (van Albada et al. 2015, PLoS Comput Biol 11:e1004490). g: size of inhibitory weights
    relative to excitatory ones. weight_sd, delay_sd: sd relative to the mean. Delays and the refractory
    time are rounded to steps. Raises UsageError for a setting outside its limits.
    """
    require_between("microcircuit", "scale", scale, 0.005, 1.0)
    require_least("microcircuit", "g", g, 0.0)
    require_between("microcircuit", "weight_sd", weight_sd, 0.0, 0.15)
    require_between("microcircuit", "delay_sd", delay_sd, 0.0, 1.0)
    require_between("microcircuit", "dt_ms", dt_ms, 0.001, 0.5)
    network = Network(dt_ms=dt_ms, seed=seed, name="microcircuit")
    model = in_steps(LifExp(), dt_ms)
    populations = [
        network.population(
            name, max(1, round(size * scale)), model, initial={"v": Normal(mean, sd)}
        )
        for name, size, mean, sd in zip(NAMES, SIZES, V0_MEAN_MV, V0_SD_MV, strict=True)
    ]
    for i, target in enumerate(populations):
        rate_hz = N_EXTERNAL[i] * EXTERNAL_RATE_HZ  # of all external synapses together
        network.stimulate(target, Poisson(rate_hz=rate_hz, weight=WEIGHT_PA))
        for j, source in enumerate(populations):
            n_scaled = round(n_synapses(i, j) * scale)  # targets are scaled, their inputs are not
            if n_scaled:
                weight = _spread(WEIGHT_PA * relative_weight(i, j, g), weight_sd)
                delay = _delay(j, delay_sd, dt_ms)
                rule = FixedTotalNumber(n_scaled)
                network.connect(source, target, rule, weight=weight, delay_ms=delay)
    return network


def _delay(source: int, delay_sd: float, dt_ms: float) -> float | Normal:
    """Return the delay of a source population's synapses, at least one step."""
    mean_ms = DELAY_I_MS if is_inhibitory(source) else DELAY_E_MS
    if delay_sd > 0.0:
        return _spread(mean_ms, delay_sd, low=dt_ms)
    return rounded_ms(mean_ms, dt_ms, 1)


def is_inhibitory(source: int) -> bool:
    """Return whether the population with this index in ``NAMES`` is inhibitory."""
    return source % 2 == 1


def relative_weight(target: int, source: int, g: float) -> float:
    """Return the mean weight of a projection relative to ``WEIGHT_PA``.

    Synapses from L4E onto L23E are twice as strong as other excitatory ones.
    """
    if is_inhibitory(source):
        return -g
    return 2.0 if (NAMES[target], NAMES[source]) == ("L23E", "L4E") else 1.0


def _spread(mean: float, relative_sd: float, low: float = -math.inf) -> float | Normal:
    """Return a normal distribution redrawn below ``low``, or the mean itself if its sd is 0."""
    sd = abs(mean) * relative_sd
    return Normal(mean, sd, low=low) if sd > 0.0 else mean
