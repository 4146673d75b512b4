"""A user's own rule, as docs/plasticity/own_rule.md describes it: the page's code is run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from plasticity.forced import Forced

from distsnn.errors import InputFileError, NetworkError
from distsnn.network import FixedInDegree, Network
from distsnn.neurons import LifDelta
from distsnn.plasticity import PairStdp, all_rules, load_rule
from distsnn.simulation import simulate
from distsnn.stimuli import Poisson

PAGE = Path(__file__).parents[2] / "docs" / "plasticity" / "own_rule.md"
RULE, USE, WITH_KERNELS = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S)


def write(folder: Path, text: str) -> Path:
    file = folder / "balance.py"
    file.write_text(text)
    return file


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    return write(tmp_path_factory.mktemp("rules"), RULE)


def network_of(rule) -> Network:
    network = Network(dt_ms=0.1, seed=4)
    exc = network.population("exc", 80, LifDelta())
    inh = network.population("inh", 20, LifDelta())
    learned = network.connect(
        inh, exc, FixedInDegree(10), weight=-1.0, delay_ms=1.5, plasticity=rule,
        dendritic_share=0.5,
    )  # fmt: skip
    for cells in (exc, inh):
        network.stimulate(cells, Poisson(rate_hz=12_000.0, weight=0.1))
    network.record_weights(learned, every_ms=20.0)
    return network


def test_the_page_runs_as_it_is(path):
    done = subprocess.run(
        [sys.executable, "-c", USE], cwd=path.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    means = [float(word) for word in done.stdout.strip("[]\n ").split()]
    assert len(means) == 4
    assert means[0] == pytest.approx(-0.1, abs=1e-5)
    assert abs(means[-1] - means[0]) > 0.01


def test_kernels_in_the_class(path, monkeypatch):
    monkeypatch.syspath_prepend(path.parent)
    script: dict = {"__name__": "script"}
    exec(WITH_KERNELS, script)
    digests = {
        simulate(network_of(script[name](w_min=-4.0)), duration_ms=60.0).digest
        for name in ("Faster", "Balance")
    }
    assert len(digests) == 1


def test_same_bits_on_other_cores_and_placements(path):
    rule = load_rule(path)(w_min=-4.0)
    results = [
        simulate(network_of(rule), duration_ms=60.0, **options)
        for options in (
            {},
            {"neurons_per_core": 16},
            {"neurons_per_core": 33, "placement": "random"},
        )
    ]
    assert len({result.digest for result in results}) == 1
    table = results[0].weights(results[0].network.projections[0])
    assert np.ptp(table.final) > 0.05


@pytest.mark.parametrize("lag", [-30, -5, 5, 40])
def test_its_equation_holds_for_a_pair(path, lag):
    rule = load_rule(path)(w_min=-4.0, eta=0.02, rho_hz=10.0)
    pre, post = [np.array([101])], [np.array([102 + lag])]
    forced = Forced(pre, post, ([0], [0], [-2.0], [1]), rule)
    strength = 0.5 + 0.02 * (np.exp(-abs(lag) * 0.1 / 20.0) - 2 * 10.0 * 1e-3 * 20.0)
    assert forced.weights()[0] == pytest.approx(-4.0 * strength, abs=2e-5)


def test_found_by_name_and_by_path(path):
    assert load_rule("PairStdp") is PairStdp
    assert load_rule(path) is load_rule(f"{path}:Balance")
    assert load_rule(path).__name__ == "Balance"
    with pytest.raises(NetworkError, match="must be a file with a class Other, got 'Balance'"):
        load_rule(f"{path}:Other")
    with pytest.raises(NetworkError, match=r"^rule: must be one of Oja, .*, got 'PairStpd'. Check"):
        load_rule("PairStpd")
    with pytest.raises(InputFileError, match="must be a file, got 'No such file"):
        load_rule(path.with_name("nothing.py"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "(u, r1, eta)",
            "(u, r1, etta)",
            r"must have weight_bounds, etta, eta, alpha, got no etta\.",
        ),
        ("(u, r1, eta)", "(u, o1, eta)", "potentiate: must be a function of u, r1, r2, o2 and "),
        ("def pre_taus_ms", "def taus_ms", "pre_taus_ms must be a tuple of 1 time constants"),
        ("(u, r1, eta)", "(u, r1, r2, eta)", "pre_taus_ms must be a tuple of 2 time constants"),
        ("(u, r1, eta)", "(u, r1, o2, eta)", "post_taus_ms must be a tuple of 2 time constants"),
        ("deliver, sweep", "deliver, swoop", "must have a kernel 'sweep' in its class or file"),
        ("(TraceRule)", "", "must be a file with one class, or path.py:Name, got none. A rule is"),
        (
            "tau_ms: float = 20.0",
            "tau_ms: float = 20.0\n    pairing: str = 'some'",
            "pairing: must",
        ),
        (
            "w_max: float = 0.0",
            "",
            "must have weight_bounds, eta, alpha, got no weight_bounds. Define",
        ),
    ],
)
def test_what_a_rule_must_have(tmp_path, old, new, message):
    text = RULE.replace(old, new).replace("        require_sound(self)\n", "")
    assert old not in text or old in new
    path = write(tmp_path, text)
    with pytest.raises(NetworkError, match=message) as raised:
        network_of(load_rule(path)(w_min=-4.0))
    assert "\n" not in str(raised.value)


def test_what_is_no_rule():
    with pytest.raises(NetworkError, match="plasticity: must be an instance of a plasticity rule"):
        network_of(PairStdp)


def test_all_rules_are_found_by_folder():
    folder = Path(sys.modules["distsnn.plasticity"].__file__).parent
    with_kernels = {file.stem for file in folder.glob("*.py") if "\ndeliver" in file.read_text()}
    rules = all_rules()
    assert {rule.__module__.rpartition(".")[2] for rule in rules.values()} == {
        *with_kernels, "sum_of_products",
    }  # fmt: skip
    index = PAGE.with_name("learning.md").read_text()
    for name, rule in rules.items():
        text = sys.modules[rule.__module__].__doc__
        assert "Source:" in text, f"{name}: its file must name its source"
        page = PAGE.with_name(f"{rule.__module__.rpartition('.')[2]}.md")
        assert page.exists(), f"{name}: needs the page {page}"
        assert f"[{name}]({page.name})" in index, f"{name}: its page must be listed"
