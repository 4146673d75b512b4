"""Trials of a balanced network, described with PyNN: its rates with and without inhibitory plasticity.

    python pynn_trials.py [--cells 400] [--ms 1000]
    mpirun -n 2 python pynn_trials.py

The same script runs on every simulator of PyNN that has the rule of Vogels, Sprekeler et al. 2011,
Science 334:1569; here inhibitory synapses grow until cells that are driven too hard fire more slowly.
"""

import argparse

import numpy as np

import distsnn.pynn as sim


def rates(n_cells: int, ms: float, eta: float) -> tuple[float, float, float]:
    """Return the rates in the first and last fifth, in Hz, and the mean inhibitory weight, in uS."""
    sim.setup(timestep=0.1, min_delay=0.1, rng_seed=1)
    rng = sim.NumpyRNG(seed=2)
    cells = sim.Population(n_cells, sim.IF_cond_exp(cm=0.2, tau_refrac=5.0, v_reset=-60.0))
    exc, inh = cells[: n_cells * 4 // 5], cells[n_cells * 4 // 5 :]
    cells.initialize(v=sim.RandomDistribution("uniform", low=-65.0, high=-50.0, rng=rng))
    drive = sim.Population(n_cells, sim.SpikeSourcePoisson(rate=400.0))
    sim.Projection(
        drive, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.02, delay=1.0),
        receptor_type="excitatory",
    )  # fmt: skip
    learning = sim.STDPMechanism(
        sim.Vogels2011Rule(eta=eta, rho=5.0, tau=20.0),
        sim.AdditiveWeightDependence(w_min=0.0, w_max=0.1),
        weight=0.001,
        delay=0.5,
    )
    inhibitory = sim.Projection(
        inh, exc, sim.FixedProbabilityConnector(0.2, rng=rng), learning, receptor_type="inhibitory"
    )
    exc.record("spikes")
    fifth = ms / 5
    sim.run(fifth)
    first = exc.mean_spike_count()
    sim.run(3 * fifth)
    before = exc.mean_spike_count()
    sim.run(fifth)
    last = exc.mean_spike_count() - before
    weights = np.array(inhibitory.get("weight", "list", with_address=False))
    sim.end()
    return first / fifth * 1e3, last / fifth * 1e3, float(weights.mean())


def main() -> None:
    """Print a line for each learning rate."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cells", type=int, default=400)
    parser.add_argument("--ms", type=float, default=1000.0)
    options = parser.parse_args()
    for eta in (0.0, 1e-3):
        first, last, weight = rates(options.cells, options.ms, eta)
        if sim.rank() == 0:
            print(
                f"eta {eta:g} uS: {first:.1f} Hz, then {last:.1f} Hz; mean weight {weight:.4f} uS"
            )


if __name__ == "__main__":
    main()
