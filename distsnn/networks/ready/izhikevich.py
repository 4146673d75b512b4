"""Izhikevich's network of 1,000 cells, each connected to every one and each of its own type.

Source: Izhikevich 2003, IEEE Trans Neural Networks 14:1569, the script of its network: 800
excitatory cells from regular spiking to chattering, c = -65 + 15 r^2 and d = 8 - 6 r^2, and 200
inhibitory cells from low-threshold to fast spiking, a = 0.02 + 0.08 r and b = 0.25 - 0.05 r; weights
uniform in 0 .. 0.5 and -1 .. 0; two half steps of v in each millisecond.

The script's thalamic input is a normal deviate of sd 5 (excitatory) or 2 (inhibitory) per cell and
millisecond. Here it is the difference of two Poisson counts of mean 50 each, of the same mean and
variance; its excess kurtosis is 0.01.
"""

from __future__ import annotations

from math import sqrt

from distsnn.network import AllToAll, Network, Population, Shared, Uniform
from distsnn.networks.checks import require_between, require_least
from distsnn.neurons import Izhikevich
from distsnn.stimuli import Poisson

N_E, N_I = 800, 200
WEIGHT_E, WEIGHT_I = 0.5, -1.0  # the largest, of uniformly distributed ones
COUNT = 50.0  # mean of either count per step
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

    scale: number of cells relative to 800 and 200; weights shrink as 1 / scale, which keeps the
    mean input. noise_e, noise_i: standard deviation of the input, in the units of v per ms. dt_ms:
    1 ms in the script, in whose steps a spike counts as a current for one step.
    """
    require_between("izhikevich", "scale", scale, 0.02, 10.0)
    require_least("izhikevich", "noise_e", noise_e, 0.0)
    require_least("izhikevich", "noise_i", noise_i, 0.0)
    require_between("izhikevich", "dt_ms", dt_ms, 0.05, 1.0)
    network = Network(dt_ms=dt_ms, seed=seed, name="izhikevich")
    exc = network.population(
        "exc",
        round(N_E * scale),
        Izhikevich(a=0.02, b=0.2, scheme="half_steps"),
        initial={"c": Shared("r", -65.0, -50.0, 2.0), "d": Shared("r", 8.0, 2.0, 2.0)},
    )
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
    """Give each cell an input of mean 0 and standard deviation ``sd`` in each millisecond.

    In shorter steps it is white: 1 / sqrt(dt) times larger, as long as one step.
    """
    if sd == 0.0:
        return
    dt_ms = network.dt_ms
    weight = sd / sqrt(dt_ms) / sqrt(2.0 * COUNT) * dt_ms
    for signed in (weight, -weight):
        network.stimulate(target, Poisson(rate_hz=1e3 * COUNT / dt_ms, weight=signed))
