"""Every model gives the same bits on any number of ranks, cores and placements.

Every model but those without input drives and is driven by every other one here, with Poisson input,
currents, noise, spread initial states and recorded traces. Under ``mpirun -n R python -m pytest
--with-mpi`` the network runs on all R ranks, and every rank also runs it alone.
"""

from __future__ import annotations

import numpy as np
import pytest

from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.network import FixedInDegree, Network, Normal, Uniform
from distsnn.neurons import LoihiCuba, all_models, load_model
from distsnn.simulation import simulate
from distsnn.stimuli import Current, Poisson

# Models of whole-numbered weights get the drawn ones of the others too.
pytestmark = pytest.mark.filterwarnings("ignore:.*weights are whole for a Loihi:UserWarning")

DURATION_MS = 60.0
MODELS = all_models()
# by weight unit: weight of a synapse, of a Poisson spike, and the direct current
SCALES = {
    "pA": (120.0, 60.0, 300.0), "mV": (1.5, 1.0, 150.0), "nS": (4.0, 3.0, 200.0),
    "nA": (5.0, 5.0, 9000.0), "mantissa": (40.0, 30.0, 30.0),
    "1": (0.3, 0.2, 0.3),
}  # fmt: skip


def network_of_all(n: int = 30) -> Network:
    network = Network(dt_ms=0.5, seed=20)
    models = {name: model() for name, model in MODELS.items()}
    models["Noisy"] = LoihiCuba(noise_target="current", noise_exponent=12, bias_mantissa=60)
    for name, model in models.items():
        first = next(iter(model.states))
        start_value = model.initial().get(first, 0.0)
        spread = {first: Uniform(start_value, start_value + 3.0)}
        initial = None if name == "PoissonNeuron" else spread
        population = network.population(name, n + len(name), model, initial=initial)
        network.record(population, first, neurons=[0, n - 1], every_ms=1.0)
    names = list(models)
    for k, name in enumerate(names):
        target = network.find(name)
        weight, of_poisson, pa = SCALES[models[name].weight_unit]
        if name == "Izhikevich":
            pa = 8.0
        for shift in (1, 4, 7):
            source = network.find(names[(k + shift) % len(names)])
            sign = -0.5 if shift == 7 else 1.0
            spread = Normal(sign * weight, 0.1 * weight)
            network.connect(
                source, target, FixedInDegree(5), weight=spread, delay_ms=Uniform(0.5, 6.0)
            )
        network.stimulate(target, Poisson(rate_hz=600.0, weight=of_poisson))
        network.stimulate(target, Current(pa=pa))
    return network


def test_cores_and_placements_change_nothing():
    reference = simulate(network_of_all(), duration_ms=DURATION_MS, comm=SerialComm())
    for name in MODELS:
        assert reference.spike_steps(name)[0].size > 10, f"{name} must be active"
    for options in (
        {"neurons_per_core": 64},
        {"neurons_per_core": 23, "placement": "random"},
        {"neurons_per_core": 40, "placement": "near"},
    ):
        other = simulate(network_of_all(), duration_ms=DURATION_MS, comm=SerialComm(), **options)
        assert other.digest == reference.digest, options


@pytest.mark.mpi
@pytest.mark.parametrize("per_core", [1024, 31])
def test_ranks_change_nothing(per_core):
    comm = start()
    options = {"duration_ms": DURATION_MS, "neurons_per_core": per_core}
    reference = simulate(network_of_all(), comm=SerialComm(), **options)
    result = simulate(network_of_all(), comm=comm, **options)
    if comm.rank == 0:
        assert result.digest == reference.digest
        for key, (_, values) in reference.traces.items():
            assert np.array_equal(result.traces[key][1], values), key
    comm.barrier()


@pytest.mark.mpi
def test_own_model_on_all_ranks(mpi_tmp_path):
    """Each rank loads the file by its path; one compiles it for all."""
    from test_own_model import MODEL, network_of

    comm = start()
    path = mpi_tmp_path / "quadratic_fire.py"
    if comm.rank == 0:
        path.write_text(MODEL)
    comm.barrier()
    model = load_model(path)(k=0.9)
    reference = simulate(network_of(model), duration_ms=40.0, comm=SerialComm())
    result = simulate(network_of(model), duration_ms=40.0, comm=comm, neurons_per_core=16)
    if comm.rank == 0:
        assert result.digest == reference.digest
    comm.barrier()
