"""Units of equations: what is written is checked, what is not is found."""

from __future__ import annotations

import pytest
from equations.texts import ADEX, ALPHA, HODGKIN_HUXLEY, IZHIKEVICH, LIF

from distsnn import Equations
from distsnn.equations.text.unit_names import name_of, unit_of
from distsnn.errors import NetworkError


@pytest.mark.parametrize(
    ("text", "factor", "name"),
    [
        ("mV/ms", 1.0, "mV/ms"), ("V", 1e3, "mV"), ("1/s", 1e-3, "1/ms"), ("Hz", 1e-3, "1/ms"),
        ("nA/pF", 1e3, "mV/ms"), ("nS*mV", 1.0, "pA"), ("MOhm*nA", 1.0, "mV"), ("s**-1", 1e-3, "1/ms"),
        ("1/(mV*ms)", 1.0, "1/(ms*mV)"), ("mV^2", 1.0, "mV**2"), ("pF/nS", 1.0, "ms"),
        ("mV/ms**0.5", 1.0, "mV/ms**(1/2)"), ("1", 1.0, "1"), ("uF*kOhm", 1.0, "ms"),
    ],
)  # fmt: skip
def test_units_are_factors_and_powers(text, factor, name):
    unit = unit_of(text)
    assert unit.factor == pytest.approx(factor, rel=1e-12)
    assert name_of(unit.powers) == name


@pytest.mark.parametrize("text", ["", "m", "mV+mV", "mV**99", "mV mV", "2*mV", "mV(", "1/0"])
def test_what_is_no_unit(text):
    assert unit_of(text) is None


def test_units_that_are_not_written_are_found():
    units = Equations(**HODGKIN_HUXLEY).parameter_units
    assert units == {
        "c_m": "pF", "g_l": "nS", "e_l": "mV", "g_na": "nS", "g_k": "nS", "e_na": "mV", "e_k": "mV",
        "v_t": "mV", "e_e": "mV", "e_i": "mV", "tau_e": "ms", "tau_i": "ms", "refractory_ms": "ms",
    }  # fmt: skip
    adex = Equations(**ADEX)
    assert adex.parameter_units["delta"] == "mV"
    assert (adex.parameter_units["b"], adex.weight_unit) == ("pA", "nS")
    alpha = Equations(**ALPHA)
    assert (alpha.units["x_e"], alpha.weight_unit) == ("pA/ms", "pA")


def test_a_text_without_units_has_none():
    model = Equations(**IZHIKEVICH)
    assert set(model.units.values()) == {""}
    assert model.weight_unit == ""


def test_numbers_in_other_units_are_converted():
    model = Equations(
        "dv/dt = -g*v/c + rate*v : mV",
        parameters={"g": (0.01, "uS"), "c": (0.2, "nF"), "rate": (5.0, "Hz")},
    )
    assert (model.g, model.c, model.rate) == pytest.approx((10.0, 200.0, 0.005))


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("dv/dt = (v + 5)/tau : mV", "'5': must be in mV, got 1"),
        ("dv/dt = sqrt(v)/tau : mV", "must be in mV/ms, got mV**(1/2)/ms"),
        ("dv/dt = max(v, x)/tau : mV\nx = 3*pA : pA", "'x': must be in mV, got pA"),
        ("dv/dt = where(v > 1*pA, v, 0)/tau : mV", "'1*pA': must be in mV, got pA"),
        ("dv/dt = v**p/tau : mV\np = 2*mV : mV", "'p': must be in 1, got mV"),
        ("dv/dt = v/tau + sigma*xi : mV\nsigma = 1*mV : mV", "'sigma*xi': must be in mV/ms"),
    ],
)
def test_units_that_contradict_each_other(text, part):
    with pytest.raises(NetworkError) as caught:
        Equations(text, parameters={"tau": (10.0, "ms")})
    assert part in str(caught.value)


def test_zero_has_every_unit():
    text = "dv/dt = where(v > 0, 0, -v/tau) : mV"
    assert Equations(text, parameters={"tau": 10.0}).parameter_units["tau"] == "ms"


def test_statements_are_checked():
    with pytest.raises(NetworkError, match=r"reset, column 9, 'b': must be in pA, got mV"):
        Equations(
            "dv/dt = -v/tau : mV\ndw/dt = -w/tau : pA", threshold="v > b", reset="w = w + b",
            parameters={"tau": (1.0, "ms"), "b": (1.0, "mV")},
        )  # fmt: skip


def test_unknown_units_that_depend_on_each_other():
    """Without the unit of v only its ratios to the time constant and the capacitance are known."""
    model = Equations(**{**LIF, "text": LIF["text"].replace(": mV", "")})
    assert (model.units["v"], model.units["i_e"], model.parameter_units["tau_m"]) == (
        "",
        "pA",
        "ms",
    )
    known = {**LIF["parameters"], "c_m": (250.0, "pF")}
    units = Equations(**{**LIF, "text": LIF["text"].replace(": mV", ""), "parameters": known}).units
    assert units["v"] == "mV"
