"""Balanced inhibition: Vogels, Sprekeler, Zenke, Clopath & Gerstner 2011, Science 334:1569.

    python vogels_sprekeler.py [--scale 1.0] [--seconds 10]        also under mpirun

8,000 excitatory and 2,000 inhibitory neurons with conductances, connected at random by 2 %. Without
inhibition of the excitatory neurons they fire fast and regularly; then their inhibitory synapses learn,
until they fire slowly and irregularly. A smaller scale has fewer neurons and as many synapses each.
"""

import argparse

from distsnn import FixedProbability, LifCondExp, Network, Simulation, Uniform
from distsnn.plasticity import VogelsStdp

PART_MS = 1000.0


def build(scale: float = 1.0, seed: int = 1):
    """Return the network and the projection that learns."""
    net = Network(dt_ms=0.1, seed=seed)
    cells = LifCondExp(i_offset_pa=200.0)  # its defaults are those of the paper
    exc, inh = (
        net.population(name, round(n * scale), cells, initial={"v": Uniform(-60.0, -50.0)})
        for name, n in (("exc", 8000), ("inh", 2000))
    )
    some = FixedProbability(min(1.0, 0.02 / scale))
    for target in (exc, inh):
        net.connect(exc, target, some, weight=0.3)
    net.connect(inh, inh, some, weight=3.0, receptor="inhibitory")
    rule = VogelsStdp(w_max=100.0, eta=1e-4, rho_hz=3.0)  # eta: 0.01 nS of 100 nS
    learned = net.connect(inh, exc, some, weight=0.0, receptor="inhibitory", plasticity=rule)
    return net, learned


def main() -> None:
    """Run one second without learning, then learn; print rate, CV and weights of each second."""
    parser = argparse.ArgumentParser(description="Balanced inhibition")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seconds", type=int, default=10)
    options = parser.parse_args()
    net, learned = build(options.scale)
    with Simulation(net) as sim:
        sim.learning(False)
        for second in range(options.seconds + 1):
            sim.run(PART_MS)
            result, weight = sim.result(), sim.weights(learned).mean()
            if result.is_root:
                seen = result.statistics("exc")
                cv = f"{seen.cv_isi:.2f}" if seen.cv_isi is not None else "-"
                print(f"{second} s of learning: {seen.rate_hz:6.2f} Hz, CV {cv}, {weight:.3f} nS")
            sim.clear()
            sim.learning(True)


if __name__ == "__main__":
    main()
