"""How equations are integrated: against closed forms, solutions to 1e-10, and orders of convergence.

One or a few neurons are enough, so most models run uncompiled; compiled ones give the same bits.
"""

from __future__ import annotations

import numpy as np
import pytest
from neurons.drive import Alone
from scipy.integrate import solve_ivp

from distsnn import Equations


@pytest.fixture(autouse=True)
def _uncompiled(request, monkeypatch):
    if "compiled" not in request.node.name:
        monkeypatch.setenv("DISTSNN_KERNELS", "python")


# Two variables that turn and decay, one that drives them, one that counts time.
LINEAR = """
    dx/dt = -x/tau - w*y + z + bias
    dy/dt = w*x - y/tau + gain*current
    dz/dt = -z/slow
    dn/dt = 1/ms
"""
LINEAR_PARAMETERS = {"tau": 20.0, "w": 0.3, "slow": 50.0, "bias": 0.25, "gain": 0.001}
PENDULUM = """
    da/dt = b
    db/dt = -k*sin(a) - b*friction + drive*cos(f*t)
"""
PENDULUM_PARAMETERS = {"k": 0.04, "friction": 0.02, "drive": 0.01, "f": 0.15}


def test_linear_equations_are_exact_for_any_step():
    first = {"x": 3.0, "y": -1.0, "z": 2.0}

    def slope(_, s):
        p = LINEAR_PARAMETERS
        x, y, z, _ = s
        return [-x / p["tau"] - p["w"] * y + z + p["bias"],
                p["w"] * x - y / p["tau"] + p["gain"] * 200.0, -z / p["slow"], 1.0]  # fmt: skip

    end = solve_ivp(slope, (0.0, 40.0), [3.0, -1.0, 2.0, 0.0], rtol=1e-10, atol=1e-10).y[:, -1]
    model = Equations(LINEAR, parameters=LINEAR_PARAMETERS, initial=first)
    assert set(model.methods.values()) == {"exact"}
    for dt_ms in (0.1, 1.0, 8.0):
        run = Alone(model, 1, dt_ms).run(round(40.0 / dt_ms), None, 200.0, ("x", "y", "z", "n"))
        got = [run.states[name][-1, 0] for name in ("x", "y", "z", "n")]
        assert np.abs(got - end).max() < 1e-4, dt_ms


def pendulum(_, s):
    p = PENDULUM_PARAMETERS
    a, b = s
    swing = p["drive"] * np.cos(p["f"] * _)
    return [b, -p["k"] * np.sin(a) - p["friction"] * b + swing]


@pytest.mark.parametrize(
    ("method", "order", "steps"),
    [
        ("euler", 1, (0.1, 0.05)),
        ("heun", 2, (2.0, 1.0)),
        ("rk2", 2, (2.0, 1.0)),
        ("rk4", 4, (8.0, 4.0)),
    ],
)
def test_order_of_convergence(method, order, steps):
    """Halving the step divides the error by 2 to the order; t is read at the time of each stage."""
    end = solve_ivp(pendulum, (0.0, 40.0), [2.0, 0.0], rtol=1e-11, atol=1e-11).y[:, -1]
    model = Equations(PENDULUM, parameters=PENDULUM_PARAMETERS, initial={"a": 2.0}, method=method)
    errors = []
    for dt_ms in steps:
        run = Alone(model, 1, dt_ms).run(round(40.0 / dt_ms), record=("a", "b"))
        errors.append(np.hypot(run.states["a"][-1, 0] - end[0], run.states["b"][-1, 0] - end[1]))
    assert 2 ** (order - 0.5) < errors[0] / errors[1] < 2 ** (order + 0.8), errors


def test_exponential_euler_is_exact_where_the_rate_does_not_change():
    """One variable at a time: dx/dt = a(y) x + b(y) with y at rest has a closed form."""
    text = "dx/dt = (y**2 - x)/tau*y\ndy/dt = 0"
    model = Equations(text, parameters={"tau": 5.0}, initial={"x": 7.0, "y": 2.0},
                      method="exponential_euler")  # fmt: skip
    run = Alone(model, 1, 3.0).run(4, record=("x", "y"))
    expected = 4.0 + 3.0 * np.exp(-2.0 * 3.0 * np.arange(1, 5) / 5.0)
    assert run.states["x"][:, 0] == pytest.approx(expected, abs=1e-6)
    assert (run.states["y"] == 2.0).all()


def test_automatic_choice():
    def chosen(text, **parameters):
        return Equations(text, parameters=parameters).methods

    assert chosen("dx/dt = -x/tau\ndy/dt = x - y/tau", tau=1.0) == {"x": "exact", "y": "exact"}
    assert chosen("dx/dt = -x/tau\ndy/dt = -x*y", tau=1.0) == {
        "x": "exact",
        "y": "exponential_euler",
    }
    assert chosen("dx/dt = -x/tau\ndy/dt = y**2 + x", tau=1.0) == {"x": "exact", "y": "rk4"}
    # linear, but driven by one that is not
    assert chosen("dx/dt = -x/tau + y\ndy/dt = y**2", tau=1.0) == {"x": "rk4", "y": "rk4"}
    assert chosen("dx/dt = -x*x + xi") == {"x": "euler"}
    assert chosen("dx/dt = -x/tau + xi", tau=1.0) == {"x": "exact"}


@pytest.mark.parametrize("how", ["compiled", "python"])
def test_functions_and_conditions(how):
    """A formula with everything against numpy, through the rate of a variable that only grows."""
    formula = (
        "sqrt(abs(a))*where(a > 0 and not b < 0, tanh(a), sin(b)) + clip(b, -1, 0.5)**3"
        " + min(a, b)*max(a, 2) + exprel(a/3) + (log(a + 5) if 0 < a <= 3 else a**1.5*cos(a))"
        " + int(a >= 2 or b > 3) + where(p > 1 and a > 1, a, b)*int(p < 2 or p > 3)"
        " + expm1(-a) + exp(b)/(1 + a**2) + pi*a**-2 + 2**a"
    )
    cases = [(0.7, 0.9), (2.6, -1.4), (3.4, 0.2)]
    text = f"da/dt = 0\ndb/dt = 0\ndg/dt = {formula}"
    model = Equations(text, method="euler", parameters={"p": 1.5})
    cell = Alone(model, len(cases), 1.0, initial={name: [case[k] for case in cases] for k, name in
                                                  enumerate("ab")})  # fmt: skip
    got = cell.run(1, record=("g",)).states["g"][0]
    for (a, b), value in zip(cases, got, strict=True):
        expected = (
            np.sqrt(abs(a)) * (np.tanh(a) if a > 0 and not b < 0 else np.sin(b))
            + np.clip(b, -1, 0.5) ** 3 + min(a, b) * max(a, 2) + np.expm1(a / 3) / (a / 3)
            + (np.log(a + 5) if 0 < a <= 3 else a**1.5 * np.cos(a)) + int(a >= 2 or b > 3)
            + (a if a > 1 else b) + np.expm1(-a) + np.exp(b) / (1 + a**2) + np.pi * a**-2 + 2**a
        )  # fmt: skip
        assert value == pytest.approx(expected, rel=1e-6)


def test_constants_are_the_same_formulas_in_float64():
    """The same formula of parameters alone is computed by the host."""
    formula = "sqrt(a)*where(a > b, tanh(a), sin(b)) + exprel(a/3) + min(a, b)**2 + log(a) + 2**a"
    model = Equations(f"dg/dt = {formula}", parameters={"a": 1.7, "b": 0.4})
    value = Alone(model, 1, 1.0).run(1, record=("g",)).states["g"][0, 0]
    expected = (
        np.sqrt(1.7) * np.tanh(1.7) + np.expm1(1.7 / 3) / (1.7 / 3) + 0.16 + np.log(1.7) + 2**1.7
    )
    assert value == pytest.approx(expected, rel=1e-7)


def test_held_variables_stand_still_and_drive_no_others():
    """w follows v: while v is held at its reset, w relaxes towards it."""
    text = """
        dv/dt = (20 - v)/tau : 1 (unless refractory)
        dw/dt = (v - w)/tau_w : 1
    """
    model = Equations(text, threshold="v > 10", reset="v = 1", refractory_ms=5.0,
                      parameters={"tau": (10.0, "ms"), "tau_w": (3.0, "ms")})  # fmt: skip
    run = Alone(model, 1, 0.5).run(40, record=("v", "w"))
    spike = run.steps()[0]
    assert (run.states["v"][spike : spike + 11] == 1.0).all()
    assert run.states["v"][spike + 11] > 1.0
    w = run.states["w"][spike : spike + 11, 0]
    assert w == pytest.approx(1.0 + (w[0] - 1.0) * np.exp(-0.5 * np.arange(11) / 3.0), rel=1e-5)


def test_order_within_a_step():
    """Weights arrive after the variables have advanced and before the threshold is tested."""
    model = Equations(
        "dv/dt = -v/tau\ndu/dt = 0", threshold="v >= 1", reset="u += v; v = 0; u *= 2",
        receptors={"a": "v += weight", "b": "v -= weight; u += 3*weight"}, parameters={"tau": 10.0},
    )  # fmt: skip
    inputs = np.zeros((3, 2), dtype=np.int32)
    inputs[1] = [3, 1]
    run = Alone(model, 1, 1.0, {"v": 0.5}).run(3, inputs, record=("v", "u"))
    assert run.steps().tolist() == [1]
    before = 0.5 * np.exp(-0.2) + 3.0 - 1.0
    assert run.states["v"][1, 0] == 0.0
    assert run.states["u"][1, 0] == pytest.approx(2.0 * (3.0 + before), rel=1e-6)


def test_an_upstroke_ends_at_the_threshold():
    """However steep the upstroke, states stay finite, and w sees v no higher than the threshold."""
    text = """
        dv/dt = exp(5*(v - 3))/ms + 0.5/ms : 1
        dw/dt = v/ms : 1
    """
    model = Equations(text, threshold="v > 60", reset="v = 0")
    run = Alone(model, 40, 0.5, {"v": np.linspace(2.0, 5.0, 40)}).run(3, record=("v", "w"))
    assert run.spikes.any(axis=0).sum() > 20
    assert np.isfinite(run.states["w"]).all()
    assert np.diff(run.states["w"], axis=0).max() <= 60.0 * 0.5
    assert run.states["w"][0].max() <= 60.0 * 0.5


def test_parameters_that_no_step_can_hold_are_named():
    from distsnn.errors import NetworkError
    from distsnn.network import Network

    model = Equations("dv/dt = -v/tau", parameters={"tau": 10.0})(tau=0.0)
    with pytest.raises(NetworkError, match=r"Equations\.tau: must be such that float32 holds"):
        Network(dt_ms=0.1).population("a", 3, model)
