"""Izhikevich's network of 1,000 cells, all connected to all, each of a slightly different type.

Source: Izhikevich 2003, IEEE Trans Neural Networks 14:1569, the script of the network in the paper.
The 800 excitatory cells range from regular spiking to chattering, the 200 inhibitory cells from
low-threshold to fast spiking. Weights are uniform in 0 .. 0.5 and -1 .. 0, and v is advanced by two
half steps in each millisecond.

The thalamic input of the script is a normal deviate with an sd of 5 (excitatory) or 2 (inhibitory)
per cell and millisecond. Here it is the scaled difference of two Poisson counts with a mean of 50
each, which has the same mean and variance and an excess kurtosis of 0.01.
"""

from __future__ import annotations

from math import sqrt

from distsnn.network import AllToAll, Network, Population, Shared, Uniform
from distsnn.networks.checks import require_between, require_least
from distsnn.neurons import Izhikevich
from distsnn.stimuli import Poisson

N_E, N_I = 800, 200
WEIGHT_E, WEIGHT_I = 0.5, -1.0  # largest sizes; weights are uniform between 0 and these
COUNT = 50.0  # mean of either Poisson count per step
V_START_MV = -65.0
DEFAULT_DT_MS = 1.0


def build(
    scale: float = 1.0,
    noise_e: float = 5.0,
    noise_i: float = 2.0,
    dt_ms: float = DEFAULT_DT_MS,
    seed: int = 1,
) -> Network:
    """Return the network with populations ``exc`` and ``inh``.

    scale: number of cells relative to 800 and 200; weights are proportional to 1 / scale, which
    keeps the mean input. noise_e, noise_i: sd of the input, in mV per ms. dt_ms: 1 ms in the script,
    where a spike is a current of one step. Raises UsageError for a setting outside its limits.
    """
    require_between("izhikevich", "scale", scale, 0.02, 10.0)
    require_least("izhikevich", "noise_e", noise_e, 0.0)
    require_least("izhikevich", "noise_i", noise_i, 0.0)
    require_between("izhikevich", "dt_ms", dt_ms, 0.05, 1.0)
    network = Network(dt_ms=dt_ms, seed=seed, name="izhikevich")
    # c = -65 + 15 r^2 and d = 8 - 6 r^2, with one r per cell
    exc = network.population(
        "exc",
        round(N_E * scale),
        Izhikevich(a=0.02, b=0.2, scheme="half_steps"),
        initial={"c": Shared("r", -65.0, -50.0, 2.0), "d": Shared("r", 8.0, 2.0, 2.0)},
    )
    # a = 0.02 + 0.08 r and b = 0.25 - 0.05 r; u starts at b v
    graded = {"a": (0.02, 0.1), "b": (0.25, 0.2), "u": (0.25 * V_START_MV, 0.2 * V_START_MV)}
    inh = network.population(
        "inh",
        round(N_I * scale),
        Izhikevich(c_mv=-65.0, d=2.0, scheme="half_steps"),
        initial={name: Shared("r", *ends) for name, ends in graded.items()},
    )
    for source, largest in ((exc, WEIGHT_E / scale), (inh, WEIGHT_I / scale)):
        weight = Uniform(min(largest, 0.0), max(largest, 0.0))
        for target in (exc, inh):
            network.connect(source, target, AllToAll(), weight=weight, delay_ms=dt_ms)
    _drive(network, exc, noise_e)
    _drive(network, inh, noise_i)
    return network


def _drive(network: Network, target: Population, sd: float) -> None:
    """Give each cell a white-noise input with mean 0 and standard deviation ``sd`` per millisecond."""
    if sd == 0.0:
        return
    dt_ms = network.dt_ms
    # The input of a step of dt has sd / sqrt(dt) and acts for dt. The difference of two Poisson counts
    # of mean COUNT has the variance 2 COUNT.
    weight = sd / sqrt(dt_ms) / sqrt(2.0 * COUNT) * dt_ms
    for signed in (weight, -weight):
        network.stimulate(target, Poisson(rate_hz=1e3 * COUNT / dt_ms, weight=signed))
