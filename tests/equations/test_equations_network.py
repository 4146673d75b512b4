"""Models written as text in networks: same bits on any ranks, recording, parameters, determinism."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from equations.texts import ADEX, HODGKIN_HUXLEY, LIF, MODELS
from neurons.drive import Alone

from distsnn import Equations
from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.network import FixedInDegree, Network, Uniform
from distsnn.neurons import LifExp, load_model
from distsnn.simulation import simulate
from distsnn.stimuli import Current, Poisson

NOISY = {
    "text": "dv/dt = -v/tau + sigma*sqrt(2/tau)*xi : mV (unless refractory)",
    "threshold": "v > v_th + 0.001*t*mV/ms", "reset": "v = 0", "refractory_ms": 1.0,
    "receptors": {"input": "v += weight"},
    "parameters": {"tau": 10.0, "sigma": 4.0, "v_th": 6.0},
}  # fmt: skip
SCALES = {"pA": (150.0, 300.0), "nS": (4.0, 300.0), "mV": (1.0, 0.0), "": (1.0, 6.0)}


def network_of_texts() -> Network:
    """Every text drives the next one; all have Poisson input, a current and recorded traces."""
    network = Network(dt_ms=0.5, seed=4)
    models = {**MODELS, "noisy": NOISY}
    for k, (name, arguments) in enumerate(models.items()):
        model = Equations(**arguments)
        first = model.initial().get("v", 0.0)
        spread = {"v": Uniform(first, first + 3.0)}
        network.population(name, 40 + k, model, initial=spread)
        network.record(name, "v", neurons=[0, 39], every_ms=1.0)
    names = list(models)
    for k, name in enumerate(names):
        weight, current = SCALES[network.find(name).model.weight_unit]
        for shift in (1, 3):
            source = names[(k + shift) % len(names)]
            network.connect(source, name, FixedInDegree(5), weight=weight, delay_ms=1.0)
        network.stimulate(name, Poisson(rate_hz=800.0, weight=weight))
        network.stimulate(name, Current(pa=current))
    return network


def test_cores_change_nothing():
    reference = simulate(network_of_texts(), duration_ms=80.0, comm=SerialComm())
    for name in (*MODELS, "noisy"):
        assert reference.spike_steps(name)[0].size > 10, f"{name} must be active"
    other = simulate(network_of_texts(), duration_ms=80.0, comm=SerialComm(), neurons_per_core=17)
    assert other.digest == reference.digest


@pytest.mark.mpi
def test_ranks_change_nothing():
    comm = start()
    options = {"duration_ms": 80.0, "neurons_per_core": 20}
    reference = simulate(network_of_texts(), comm=SerialComm(), **options)
    result = simulate(network_of_texts(), comm=comm, **options)
    if comm.rank == 0:
        assert result.digest == reference.digest
        for key, (_, values) in reference.traces.items():
            assert np.array_equal(result.traces[key][1], values), key
    comm.barrier()


def brunel(model) -> Network:
    network = Network(dt_ms=0.1, seed=2)
    cells = network.population("cells", 300, model)
    network.connect(cells, cells, FixedInDegree(30), weight=-40.0, delay_ms=1.5)
    network.stimulate(cells, Poisson(rate_hz=9000.0, weight=90.0))
    network.record(cells, "v", neurons=[0, 1])
    return network


def test_text_of_a_packaged_model_is_that_model():
    """The same equations give the same bits."""
    text = simulate(brunel(Equations(**LIF)), duration_ms=200.0)
    packaged = simulate(brunel(LifExp()), duration_ms=200.0)
    assert text.spike_steps("cells")[0].size > 100
    for k in range(2):
        assert np.array_equal(text.spike_steps("cells")[k], packaged.spike_steps("cells")[k])
    for key, (_, values) in packaged.traces.items():
        assert np.array_equal(text.traces[key][1], values)


def test_parameters_are_those_of_the_population():
    model = Equations(**LIF)
    slow = model(tau_m=40.0)
    assert (slow.tau_m, model.tau_m) == (40.0, 10.0)
    assert type(slow) is type(model)
    current = 320.0
    rises = [
        Alone(cell, 1, 0.1).run(100, None, current).states["v"][-1, 0] for cell in (model, slow)
    ]
    for rise, tau in zip(rises, (10.0, 40.0), strict=True):
        expected = -65.0 + current / 250.0 * tau * (1.0 - np.exp(-10.0 / tau))
        assert rise == pytest.approx(expected, abs=2e-5)


def test_description_says_how_it_is_integrated():
    model = Equations(**ADEX)
    lines = model.describe().splitlines()
    assert {"v (mV): rk4", "w (pA): rk4", "g_e (nS): exact", "c_m = 281 pF", "a = 4 nS"} < set(
        lines
    )
    assert "receptors: excitatory, inhibitory; weights in nS" in lines
    assert "method='rk4+exact'" in repr(model)
    assert "exponential_euler" in repr(Equations(**HODGKIN_HUXLEY))


def test_same_text_in_every_process():
    """Neither the order of hashes nor that of processes changes the file that is compiled."""
    program = (
        "from equations.texts import MODELS\nfrom distsnn import Equations\nimport hashlib\n"
        "text = ''.join(Equations(**model).module_text for model in MODELS.values())\n"
        "print(hashlib.sha256(text.encode()).hexdigest())"
    )
    tests = str(Path(__file__).parents[1])
    found = {
        subprocess.run(
            [sys.executable, "-c", f"import sys; sys.path.insert(0, {tests!r})\n{program}"],
            capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed, "PATH": ""},
            cwd=Path(tests).parent,
        ).stdout
        for seed in ("1", "2", "77")
    }  # fmt: skip
    assert len(found) == 1


def test_algebra_is_loaded_only_for_equations():
    program = "import distsnn, sys; distsnn.LifExp; print('sympy' in sys.modules)"
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root
    )
    assert done.stdout == "False\n"


def test_same_equations_are_one_class():
    assert type(Equations(**LIF)) is type(Equations(**LIF))
    changed = {**LIF, "text": LIF["text"].replace("-i_e/tau_e", "-2*i_e/tau_e")}
    assert type(Equations(**changed)).__qualname__ != type(Equations(**LIF)).__qualname__


def test_slow_decays_are_right():
    """A time constant of 10^8 steps, of which float32 shows no single one."""
    model = Equations("dx/dt = -x/tau", parameters={"tau": 1e7}, initial={"x": "0"})
    network = Network(dt_ms=0.1)
    network.population("cells", 3, model, initial={"x": 1000.0})
    network.record("cells", "x", neurons=[0], every_ms=5000.0)
    result = simulate(network, duration_ms=20_000.0)
    (_, values), *_ = result.traces.values()
    assert 1000.0 - values[-1, 0] == pytest.approx(2.0, rel=0.3)


def test_the_written_file_is_a_model_file(tmp_path):
    """Saved and loaded by its path, it is the same model."""
    model = Equations(**ADEX)
    path = tmp_path / "adex_text.py"
    path.write_text(model.module_text)
    loaded = load_model(path)()
    assert loaded.constants(0.1) == model.constants(0.1)
    currents = np.linspace(300.0, 900.0, 300, dtype=np.float32)
    runs = [Alone(cell, 1, 0.1).run(300, None, currents) for cell in (model, loaded)]
    assert np.array_equal(runs[0].states["v"], runs[1].states["v"])
