"""A text that is no model is refused in one line that names the place and what to do."""

from __future__ import annotations

import re

import pytest

from distsnn import Equations
from distsnn.errors import NetworkError

LEAK = "dv/dt = (e_l - v)/tau : mV"
P = {"e_l": -65.0, "tau": 10.0}
TWO = "\n  dv/dt = (e_l - v)/tau + x : mV\n  dx/dt = -x/tau : {unit}"

# text and arguments; the object of the message; a part of the rest
CASES = {
    "unknown name": (["dv/dt = (e_l - g_x)/tau"], "equations, column 16, 'g_x'", "Give it in"),
    "misspelt name": (["dv/dt = (el - v)/tau"], "equations, column 10, 'el'", "Did you mean e_l?"),
    "open bracket": (["dv/dt = (e_l - v/tau"], "equations, column 9", "closed, got '('"),
    "closed bracket": (["dv/dt = (e_l - v))/tau"], "equations, column 18", "got ')'"),
    "two operators": (["dv/dt = e_l - * v/tau"], "equations, column 15", "a formula of"),
    "call": (["dv/dt = __import__('os')"], "equations, column 9, \"__import__('os')\"", "a call of"),
    "attribute": (["dv/dt = v.real"], "equations, column 9, 'v.real'", "a formula of"),
    "index": (["dv/dt = v[0]"], "equations, column 9, 'v[0]'", "a formula of"),
    "text": (["dv/dt = 'v'"], "equations, column 9, \"'v'\"", "another constant"),
    "hat": (["dv/dt = v^2"], "equations, column 9, 'v^2'", "Write a power as **."),
    "arguments": (["dv/dt = exp(v, 2)"], "equations, column 9, 'exp(v, 2)'", "1 argument, got 2"),
    "large power": (["dv/dt = 9**9**9*v"], "equations, column 9, '9**9**9'", "float32"),
    "division by zero": (["dv/dt = e_l/(tau - tau)"], "equations, column 9", "a division by 0"),
    "no equation": (["v"], "equations, column 1", "an equation such as"),
    "no differential": (["v = 3"], "equations", "a differential equation"),
    "twice": ([LEAK + "\ndv/dt = -v/tau"], "equations, line 2, column 2, 'v'", "defined once"),
    "circle": (["dv/dt = a\na = b\nb = a"], "equations, line 3, column 5, 'a'", "a circle"),
    "keyword": (["dlambda/dt = 1"], "equations, column 2, 'lambda'", "Python"),
    "reserved": (["dt/dt = 1"], "equation 't'", "no other meaning"),
    "not a unit": ([TWO.format(unit="pB")], "equations, line 3, column 20", "got 'pB'"),
    "other unit": ([TWO.format(unit="nA")], "equations, line 3, column 20", "got 'nA'"),
    "wrong unit": ([TWO.format(unit="pA")], "equations, line 2, column 11, '(e_l - v)/tau + x'",
                   "in mV/ms, got pA"),
    "unit of exp": ([LEAK + "\na = exp(v) : 1"], "equations, line 2, column 9, 'v'", "in 1, got mV"),
    "condition": (["dv/dt = v > 1"], "equations, column 9, 'v > 1'", "int(...)"),
    "equality": (["dv/dt = int(v == 1)"], "equations, column 13, 'v == 1'", "Use < <= > >=."),
    "not ASCII": (["dv/dt = τ"], "equations, column 9", "ASCII"),
    "no text": ([5], "equations", "a text, got 5"),
    "held": ([LEAK + " (unless refractory)"], "equations, column 1", "refractory_ms"),
    "method": (["dv/dt = v**2", {"method": "exact"}], "equations, column 1, 'dv/dt = v**2'",
               "linear with constant coefficients"),
    "method of noise": (["dv/dt = v**2 + xi", {"method": "rk4"}], "equations, column 1",
                        "without xi"),
    "no method": ([LEAK, {"method": "magic"}], "method", "one of auto"),
    "noise": (["dv/dt = xi**2"], "equations, column 9, 'xi**2'", "another use of xi"),
    "threshold": ([LEAK, {"threshold": "v"}], "threshold, column 1, 'v'", "a condition"),
    "no threshold": ([LEAK, {"reset": "v = 0"}], "threshold", "given with a reset"),
    "reset": ([LEAK, {"threshold": "v > e_l", "reset": "v = 0; u = 1"}], "reset, column 8",
              "a variable with a differential equation (v), got 'u'"),
    "square": ([LEAK, {"receptors": {"a": "v += weight**2"}}], "receptor 'a', column 1",
               "in proportion to the weight"),
    "set": ([LEAK, {"receptors": {"a": "v = weight"}}], "receptor 'a', column 1", "g += weight"),
    "sizes": ([LEAK, {"receptors": {"a": "v += weight", "b": "v -= abs(weight)"}}],
              "receptor 'a', column 6, 'weight'", "in all receptors or in none"),
    "receptor": ([LEAK, {"receptors": {"a b": "v += weight"}}], "receptors", "got 'a b'"),
    "initial": ([LEAK, {"initial": {"u": 1.0}}], "initial", "(v), got 'u'"),
    "first value": ([LEAK, {"initial": {"v": "w"}}], "initial 'v', column 1, 'w'", "an unknown one"),
    "unused": ([LEAK, {"parameters": {**P, "x": 1.0}}], "parameter 'x'", "in a formula"),
    "value": ([LEAK, {"parameters": {**P, "tau": "a"}}], "parameter 'tau'", "a number"),
    "its unit": ([LEAK, {"parameters": {**P, "tau": (1.0, "m")}}], "parameter 'tau'", "got 'm'"),
    "its dimension": ([LEAK, {"parameters": {**P, "tau": (1.0, "mV")}}], "equations, column 9",
                      "in mV/ms, got 1"),
    "its name": ([LEAK, {"parameters": {**P, "states": 1.0}}], "parameter 'states'", "other meaning"),
    "both": ([LEAK, {"parameters": {**P, "v": 1.0}}], "'v'", "a parameter or an equation"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_message(name):
    (text, *more), subject, part = CASES[name]
    arguments = {"parameters": P, **(more[0] if more else {})}
    with pytest.raises(NetworkError) as caught:
        Equations(text, **arguments)
    line = str(caught.value)
    assert line.startswith(f"{subject}: must be") or line.startswith(f"{subject},"), line
    assert part in line
    assert re.fullmatch(r"[^\n]*: must be .*, got .*\. .*[.?]", line), line


@pytest.mark.parametrize(
    "text",
    [
        "(" * 300 + "v" + ")" * 300,
        "-" * 3000 + "v",
        "+v" * 6000,
        "v" * 30_000,
    ],
)
def test_monstrous_texts_end_in_one_line(text):
    with pytest.raises(NetworkError):
        Equations(f"dv/dt = {text}")


def test_unknown_parameter_of_a_model():
    model = Equations(LEAK, parameters=P)
    with pytest.raises(NetworkError, match=r"parameter: must be one of e_l, tau, got 'taum'"):
        model(taum=3.0)
    with pytest.raises(NetworkError, match=r"Equations\.tau: must be a number"):
        model(tau="x")
