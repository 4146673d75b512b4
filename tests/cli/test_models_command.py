"""``models`` lists all that there is, and says of each what its file says."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from distsnn.__main__ import main
from distsnn.neurons import AdEx, all_models
from distsnn.neurons.adex_patterns import NAUD_2008
from distsnn.plasticity import PairStdp, SumOfProducts, all_rules
from distsnn.report.catalogue import catalogue

OWN_PAGE = Path(__file__).parents[2] / "docs" / "models" / "own_model.md"
ENTRIES = {entry["name"]: entry for entry in catalogue()}
CLASSES = {**all_models(), **all_rules()}

OWN_RULE = '''"""Only potentiation.

    postsynaptic spike   u <- u + gain r

Source: Hebb 1949, The Organization of Behavior.
"""

from dataclasses import dataclass

from distsnn.kernels import device
from distsnn.kernels.plastic.traces import trace_kernels
from distsnn.plasticity import TraceRule


@dataclass(frozen=True)
class Grow(TraceRule):
    w_max: float
    gain: float = 0.25


@device
def potentiate(u, r1, gain):
    return u + gain * r1


@device
def depress(u):
    return u


deliver, sweep = trace_kernels(potentiate, depress)
'''


def show(capsys, *arguments: str) -> str:
    assert main(["models", *arguments]) == 0
    return capsys.readouterr().out


def test_everything_is_listed(capsys):
    stimuli = {
        "CorrelatedPoisson", "Current", "NoiseCurrent", "OuCurrent", "Poisson", "SineCurrent",
        "SpikeSource", "SpikeTrains", "WaveformCurrent",
    }  # fmt: skip
    assert set(ENTRIES) == {*CLASSES, "static", *stimuli}
    assert SumOfProducts.__name__ in ENTRIES
    lines = show(capsys).splitlines()
    assert [name for name in ENTRIES if name not in lines] == []


@pytest.mark.parametrize("name", list(CLASSES))
def test_parameters_are_those_of_the_class(name):
    fields = dataclasses.fields(CLASSES[name])
    told = {one["name"]: one for one in ENTRIES[name]["parameters"]}
    assert list(told) == [field.name for field in fields]
    for field in fields:
        if isinstance(field.default, float | int | str):
            assert told[field.name]["default"] == field.default
        elif field.default is dataclasses.MISSING:
            assert told[field.name]["default"] == "required"


@pytest.mark.parametrize("name", list(ENTRIES))
def test_every_number_has_a_unit_and_every_equation_a_source(name):
    entry = ENTRIES[name]
    for one in [
        *entry["parameters"],
        *(p for part in entry.get("parts", ()) for p in part["parameters"]),
    ]:
        if isinstance(one["default"], float | int) and not isinstance(one["default"], bool):
            assert one["unit"], one["name"]
    if name not in ("Current", "SpikeSource"):
        assert re.search(r"\b(19|20)\d\d\b", entry["source"])
        assert re.search("=|<-", entry["text"])


def test_all_of_one(capsys):
    text = show(capsys, "adex")
    for parameter in dataclasses.fields(AdEx):
        assert re.search(rf"^{parameter.name} +{parameter.default:g} +\w+", text, re.M)
    assert "tau_w dw/dt = a (v - E_L) - w" in text
    assert "Naud et al. 2008, Biol Cybern" in text
    for name, pattern in NAUD_2008.items():
        row = re.search(rf"^{name} +(.*\n( {{5,}}.*\n)*)", text, re.M)
        assert row is not None
        assert f"tau_w_ms {pattern.model.tau_w_ms:g}," in " ".join(row[1].split())


def test_json_holds_what_is_shown(tmp_path, capsys):
    file = tmp_path / "models.json"
    assert show(capsys, "--json", str(file), "--quiet") == ""
    entries = {one["name"]: one for one in json.loads(file.read_text())["entries"]}
    assert set(entries) == set(ENTRIES)
    patterns = {one["name"]: one for one in entries["AdEx"]["sets"]}
    adaptation = patterns["adaptation"]
    assert AdEx(**adaptation["parameters"]) == NAUD_2008["adaptation"].model
    assert adaptation["current"] == [[0.0, 500.0]]
    assert {one["name"] for one in entries["TsodyksMarkram"]["sets"]} == {"EE", "EI", "IE", "II"}
    assert show(capsys, "PairStdp", "--json", str(file), "--quiet") == ""
    (entry,) = json.loads(file.read_text())["entries"]
    defaults = {one["name"]: one["default"] for one in entry["parameters"]} | {"w_max": 1.0}
    assert PairStdp(**defaults) == PairStdp(1.0)


def test_own_model_and_rule_by_path(tmp_path, monkeypatch, capsys):
    (tmp_path / "quadratic_fire.py").write_text(
        re.search(r"```python\n(.*?)```", OWN_PAGE.read_text(), re.S)[1]
    )
    (tmp_path / "grow.py").write_text(OWN_RULE)
    monkeypatch.chdir(tmp_path)
    text = show(capsys, "quadratic_fire.py", "grow.py:Grow")
    assert "QuadraticFire (neuron): Quadratic integrate-and-fire neuron." in text
    assert "Source: Ermentrout & Kopell 1986" in text
    assert re.search(r"^v_peak_mv +35 +mV", text, re.M)
    assert "Grow (rule): Only potentiation." in text
    assert re.search(r"^gain +0.25", text, re.M)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("izhikevch", r"model: must be one of .*, got 'izhikevch'\. Did you mean Izhikevich\?$"),
        ("missing.py", r"file missing.py: must be a file, got 'No such file"),
        ("empty.py", r"model file empty.py: must be a file with a model or a rule, got none\."),
        ("broken.py", r"file broken.py: fails at import with ZeroDivisionError"),
        ("empty.py:Cell", r"model file empty.py: must be a file with a model or a rule"),
        ("grow.py:Cell", r"model file grow.py: must be a file with a class Cell, got 'Grow'\."),
    ],
)
def test_what_there_is_not(name, message, tmp_path, monkeypatch, capsys):
    (tmp_path / "empty.py").write_text('"""Nothing."""\n')
    (tmp_path / "broken.py").write_text("1 / 0\n")
    (tmp_path / "grow.py").write_text(OWN_RULE)
    monkeypatch.chdir(tmp_path)
    assert main(["models", name]) == 2
    told = capsys.readouterr().err.strip()
    assert "\n" not in told
    assert re.search(message, told)


def test_nothing_heavy_is_imported():
    """No MPI, no compiler, nothing that draws: the list is there at once."""
    code = (
        "import sys; from distsnn.__main__ import main; main(['models', '--quiet']);"
        "print(*{m.partition('.')[0] for m in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"mpi4py", "numba", "llvmlite", "matplotlib", "h5py", "scipy", "rich"}
