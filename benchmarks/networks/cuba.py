"""The current-based benchmark network of Brette et al. 2007, J Comput Neurosci 23:349 (4,000 cells)."""

from distsnn import FixedProbability, LifExp, Network, Uniform


def build(dt_ms: float = 0.1, seed: int = 1, scale: float = 1.0) -> Network:
    """Return 3,200 excitatory and 800 inhibitory neurons, connected with probability 0.02."""
    network = Network(dt_ms=dt_ms, seed=seed, name="cuba")
    model = LifExp(
        c_m_pf=200.0, tau_m_ms=20.0, e_l_mv=-49.0, v_threshold_mv=-50.0, v_reset_mv=-60.0,
        t_ref_ms=5.0, tau_syn_e_ms=5.0, tau_syn_i_ms=10.0,
    )  # fmt: skip
    initial = {"v": Uniform(-60.0, -50.0)}
    exc = network.population("exc", round(3200 * scale), model, initial=initial)
    inh = network.population("inh", round(800 * scale), model, initial=initial)
    for target in (exc, inh):
        network.connect(exc, target, FixedProbability(0.02), weight=16.2, delay_ms=0.1)
        network.connect(inh, target, FixedProbability(0.02), weight=-139.5, delay_ms=0.1)
    return network
