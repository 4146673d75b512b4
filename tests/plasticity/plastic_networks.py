"""A network in which every rule is at work and spikes come from the plastic synapses themselves."""

from __future__ import annotations

from typing import Any

from distsnn.network import FixedInDegree, FixedProbability, Network, Normal, Uniform
from distsnn.neurons import LifDelta, LifExp
from distsnn.plasticity import (
    Oja,
    PairStdp,
    RewardStdp,
    StochasticRelease,
    SumOfProducts,
    TripletStdp,
    TsodyksMarkram,
    VogelsStdp,
)
from distsnn.stimuli import Poisson

RULES: dict[str, Any] = {
    "pair": PairStdp(1.0, a_plus=0.02, a_minus=0.021),
    "power": PairStdp(1.0, 0.0, 0.02, 0.02, mu_plus=0.4, mu_minus=0.6, pairing="nearest"),
    "triplet": TripletStdp(1.0, a2_plus=5e-3),
    "oja": Oja(1.0, eta=0.01),
    "vogels": VogelsStdp(1.0, eta=0.02, rho_hz=10.0),
    "reward": RewardStdp(1.0, rewards=((30.0, 0.5), (60.0, -0.3))),
    "products": SumOfProducts(
        "dw = 2^-2*x1*y0 - 2^-2*y1*x0 + u3*(t - 3); dt = x0*1 - 2^-1*u3*sgn(t)",
        1 / 256,
        epoch_steps=3,
    ),
    "rewarded products": SumOfProducts("dw = 2^-5*r1*x1*y0 - 2*u2*x2", 1 / 256, epoch_steps=7),
    "depressing": TsodyksMarkram(),
    "failing": StochasticRelease(Uniform(0.3, 0.9)),
    "varied": TsodyksMarkram(Uniform(0.1, 0.9), Normal(200.0, 50.0, low=10.0), 300.0),
}


def plastic_network(name: str, share: float = 0.0, seed: int = 3) -> Network:
    """Return 200 excitatory and 50 inhibitory neurons; the recurrent excitation has the rule."""
    network = Network(dt_ms=0.1, seed=seed, name=f"plastic {name}".replace(" ", "-"))
    exc = network.population("exc", 200, LifDelta(v_reset_mv=10.0), initial={"v": Uniform(0, 20)})
    inh = network.population("inh", 50, LifDelta(v_reset_mv=10.0), initial={"v": Uniform(0, 20)})
    out = network.population("out", 30, LifExp())
    delays = Normal(1.5, 0.75, low=0.3)
    start = Normal(0.5, 0.1, low=0.0, high=0.99)
    plastic = network.connect(
        exc, exc, FixedInDegree(40), weight=start, delay_ms=delays, plasticity=RULES[name],
        dendritic_share=share,
    )  # fmt: skip
    network.connect(exc, inh, FixedInDegree(40), weight=0.5, delay_ms=1.5)
    network.connect(inh, exc, FixedInDegree(20), weight=-1.0, delay_ms=delays)
    network.connect(exc, out, FixedProbability(0.2), weight=80.0, delay_ms=0.5)
    network.connect(
        exc, out, FixedProbability(0.2), weight=Uniform(0.0, 90.0), delay_ms=0.4,
        plasticity=PairStdp(90.0, a_plus=0.05, pairing="nearest"), dendritic_share=0.5,
    )  # fmt: skip
    for population in (exc, inh):
        network.stimulate(population, Poisson(rate_hz=30000.0, weight=0.1))
    if "reward" in name:
        network.modulate(plastic, out, amount=0.1 if name == "reward" else 5.0, delay_ms=0.7)
    network.record_weights(plastic, every_ms=25.0)
    return network
