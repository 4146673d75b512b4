"""A user's own model, as docs/models/own_model.md tells it: the page's code is run."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from distsnn.errors import InputFileError, NetworkError
from distsnn.kernels.neuron.constants import row_of
from distsnn.network import FixedInDegree, Network, Normal, Uniform
from distsnn.neurons import LifExp, NeuronModel, all_models, load_model
from distsnn.neurons.model import constants_of
from distsnn.simulation import simulate
from distsnn.stimuli import Current, Poisson

PAGE = Path(__file__).parents[2] / "docs" / "models" / "own_model.md"
MODEL, USE, WITH_KERNEL = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S)


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    return write(tmp_path_factory.mktemp("models"), MODEL)


def write(folder: Path, text: str) -> Path:
    file = folder / "quadratic_fire.py"
    file.write_text(text)
    return file


def network_of(model, seed: int = 4) -> Network:
    network = Network(dt_ms=0.1, seed=seed)
    own = network.population("own", 150, model, initial={"v": Uniform(-60.0, -45.0)})
    other = network.population("other", 60, LifExp())
    network.connect(own, own, FixedInDegree(20), weight=Normal(0.5, 0.1), delay_ms=Uniform(0.1, 4))
    network.connect(own, other, FixedInDegree(10), weight=900.0, delay_ms=1.0)
    network.connect(other, own, FixedInDegree(10), weight=-1.0, delay_ms=0.7)
    network.stimulate(own, Poisson(rate_hz=3000.0, weight=1.0))
    network.stimulate(own, Current(pa=60.0))
    network.record(own, "v", neurons=[0, 77])
    return network


def test_the_page_runs_as_it_is(path):
    done = subprocess.run(
        [sys.executable, "-c", USE], cwd=path.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert 1.0 < float(done.stdout.split()[-1]) < 500.0


def test_a_kernel_in_the_class(path, monkeypatch):
    monkeypatch.syspath_prepend(path.parent)
    script: dict = {"__name__": "script"}
    exec(WITH_KERNEL, script)
    digests = {
        simulate(network_of(script[name](k=0.9)), duration_ms=40.0).digest
        for name in ("Sharper", "QuadraticFire")
    }
    assert len(digests) == 1


def test_same_bits_on_other_cores_and_placements(path):
    model = load_model(path)(k=0.9)
    results = [
        simulate(network_of(model), duration_ms=100.0, **options)
        for options in (
            {},
            {"neurons_per_core": 16},
            {"neurons_per_core": 33, "placement": "random"},
        )
    ]
    assert len({result.digest for result in results}) == 1
    assert results[0].spike_steps("own")[0].size > 100
    assert results[0].spike_steps("other")[0].size > 10
    traces = [result.traces["own", "v"][1] for result in results]
    assert np.array_equal(traces[0], traces[2])
    assert np.ptp(traces[0]) > 20.0


def test_its_equation_is_solved(path):
    model = load_model(path)()
    network = Network(dt_ms=0.01, seed=1)
    cell = network.population("cell", 1, model)
    network.stimulate(cell, Current(pa=150.0))
    network.record(cell, "v", neurons=[0], every_ms=0.01)
    v = simulate(network, duration_ms=30.0).traces["cell", "v"][1][:, 0]

    def slope(t, x):
        return (model.k * (x + 60.0) * (x + 40.0) + 150.0) / model.c_m_pf

    until = np.flatnonzero(v > -30.0)[0]
    exact = solve_ivp(slope, (0, (until + 1) * 0.01), [-60.0], rtol=1e-10, atol=1e-10)
    assert v[until] == pytest.approx(exact.y[0, -1], abs=2e-3)


def test_found_by_name_and_by_path(path):
    assert load_model("LifExp") is LifExp
    assert load_model(path) is load_model(str(path))
    assert load_model(f"{path}:QuadraticFire") is load_model(path)
    assert load_model(path).__name__ == "QuadraticFire"
    with pytest.raises(
        NetworkError, match="must be a file with a class Other, got 'QuadraticFire'"
    ):
        load_model(f"{path}:Other")


def test_a_changed_file_is_a_new_model(tmp_path):
    path = write(tmp_path, MODEL)
    before = load_model(path)
    run_before = simulate(network_of(before()), duration_ms=40.0)
    path.write_text(MODEL.replace("v[i] = c.reset if fires", "v[i] = c.reset - c.k if fires"))
    after = load_model(path)
    assert after is not before
    run_after = simulate(network_of(after()), duration_ms=40.0)
    assert run_after.digest != run_before.digest
    assert simulate(network_of(before()), duration_ms=40.0).digest == run_before.digest


def test_all_models_are_found_by_folder():
    folder = Path(sys.modules["distsnn.neurons"].__file__).parent
    with_driver = {f.stem for f in folder.glob("*.py") if "\nadvance = " in f.read_text()}
    models = all_models()
    assert {model.__module__.rpartition(".")[2] for model in models.values()} == with_driver
    assert list(models) == sorted(models)
    for name, model in models.items():
        assert model.__name__ == name
        text = sys.modules[model.__module__].__doc__
        assert "Source:" in text, f"{name}: its file must name its source"
        page = PAGE.with_name(f"{model.__module__.rpartition('.')[2]}.md")
        assert page.exists(), f"{name}: needs the page {page}"
        instance = model()
        assert set(instance.units) == set(instance.states)
        assert set(instance.initial()) <= set(instance.states)
        assert set(instance.offsets) <= set(instance.states)
        constants = constants_of(instance, 0.1)
        assert np.isfinite(row_of(constants)).all()
        assert set(instance.decays) <= set(constants._fields)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace("weight_unit:", "weight:"), "lacks weight_unit"),
        (lambda text: text.replace('"v": "f4"', '"v": "f8"'), "states: must be f4 or i4"),
        (
            lambda text: text.replace("advance = driver", "x = (lambda *_: 0)"),
            "class, .*, got none",
        ),
        (
            lambda text: text.replace("(NeuronModel)", ""),
            "must be a file with one class, .*, got none",
        ),
        (
            lambda text: text[: text.index("advance =")] + 'advance = driver(step, ("f4",), 2)\n',
            "must be a NamedTuple class that names the constants",
        ),
        (lambda text: "import nowhere_to_be_found", "fails at import with ModuleNotFoundError"),
        (lambda text: "x = ", "fails at import with SyntaxError"),
    ],
)
def test_files_that_are_no_models(tmp_path, change, message):
    path = write(tmp_path, change(MODEL))
    with pytest.raises(NetworkError, match=message) as raised:
        load_model(path)
    assert "\n" not in str(raised.value)


OTHER_RECORD = """
class Other(NamedTuple):
    h_over_c: float


def constants(self, dt_ms):
    return RETURNED


QuadraticFire.constants = constants
"""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text + OTHER_RECORD.replace("RETURNED", "(1.0, 2.0)"), r"got \(1.0, 2.0\)"),
        (
            lambda text: text + OTHER_RECORD.replace("RETURNED", "Other(1.0)"),
            "must be the NamedTuple .* with h_over_c, k, v_t, peak, reset, got Other",
        ),
        (
            lambda text: text.replace("frozen=True", "eq=True"),
            "must be an instance of a neuron model",
        ),
    ],
)
def test_instances_that_no_population_takes(tmp_path, change, message):
    model = load_model(write(tmp_path, change(MODEL)))
    with pytest.raises(NetworkError, match=message) as raised:
        Network().population("own", 3, model())
    assert "\n" not in str(raised.value)


def test_a_class_that_lacks_parts_is_refused_by_a_population():
    """Also one that no file defines, and before anything is built."""

    @dataclass(frozen=True)
    class Bare(NeuronModel):
        gain: float = 1.0

    with pytest.raises(NetworkError, match=r"model Bare: must be a class with .* lacks"):
        Network().population("bare", 3, Bare())
    with pytest.raises(NetworkError, match="inherits from NeuronModel, got LifLike"):
        Network().population("other", 3, LifLike())


@dataclass(frozen=True)
class LifLike:
    """Has everything but the base class."""

    receptors: ClassVar[tuple[str, ...]] = ("input",)
    states: ClassVar[dict[str, str]] = {"v": "f4"}


def test_names_and_paths_that_do_not_exist(tmp_path):
    with pytest.raises(NetworkError, match=r"model: must be one of AdEx, .*, got 'LifExq'"):
        load_model("LifExq")
    with pytest.raises(InputFileError, match="must be a file, got 'No such file"):
        load_model(tmp_path / "nothing.py")
