"""What is no learning rule is refused in one line that points into the text."""

from __future__ import annotations

import pytest

from distsnn import AllToAll, Network, SynapseEquations
from distsnn.errors import NetworkError
from distsnn.neurons import LifDelta

TRACES = "dr/dt = -r/20\ndo/dt = -o/20"
THIRD = TRACES + "\nde/dt = -e/500"
GOOD = {"text": TRACES, "on_pre": "u -= o; r += 1", "on_post": "u += r; o += 1"}
REWARD = {
    "text": THIRD, "on_pre": "e -= o; r += 1", "on_post": "e += r; o += 1",
    "on_reward": "u += e*reward",
}  # fmt: skip
CASES = {
    "nothing happens": ({"text": ""}, "on_pre or on_post: must be statements, got ''. Say what"),
    "unknown name": (
        {**GOOD, "on_pre": "u -= a_mins*o; r += 1", "parameters": {"a_minus": 1.0}},
        "on_pre, column 6, 'a_mins': must be a name that is known here, got an unknown one. "
        "Did you mean a_minus?",
    ),
    "unused parameter": ({**GOOD, "parameters": {"b": 1.0}}, "parameter 'b': must be in a formula"),
    "grown twice": (
        {**GOOD, "on_post": "u += r; o += 1; r += 1"},
        "equations, line 1, column 1, 'dr': must be grown by one statement, in on_pre or in on_post, "
        "got 2. Write r += 1 in one of them.",
    ),
    "never grown": ({**GOOD, "on_pre": "u -= o"}, "equations, line 1, column 1, 'dr': must be grown"),
    "grown before it is read": (
        {**GOOD, "on_pre": "r += 1; u -= o*r"},
        "on_pre, column 14, 'o*r': must be without a trace that has grown before, got r. Let r grow",
    ),
    "never read": (
        {**GOOD, "on_pre": "r += 1"},
        "equations, line 2, column 1, 'do': must be read in on_pre or on_post, got one that is not.",
    ),
    "no decay": (
        {**GOOD, "text": "dr/dt = -r*20\ndo/dt = -o/20"},
        "equations, line 1, column 9, '-r*20': must be dr/dt = -r/TAU, with TAU of parameters alone",
    ),
    "growth": (
        {"text": "dr/dt = r/20", "on_pre": "r += 1", "on_post": "u += r"},
        "equations, column 9, 'r/20': must be dr/dt = -r/TAU",
    ),
    "time constant of a variable": (
        {"text": "dr/dt = -r/u", "on_pre": "r += 1", "on_post": "u += r"},
        "equations, column 12, 'u': must be of parameters alone, got a variable.",
    ),
    "two kinds of traces": (
        {**GOOD, "on_pre": "u -= o; r = 1"}, "on_post, column 14, '1': must be o = ... as r, got the",
    ),
    "amount of a variable": (
        {**GOOD, "on_pre": "u -= o; r += u"}, "on_pre, column 14, 'u': must be r += or = a formula of",
    ),
    "two own traces": (
        {"text": TRACES + "\ndq/dt = -q/10", "on_pre": "u -= o*r*q; r += 1; q += 1",
         "on_post": "u += r; o += 1"},
        "on_pre, column 6, 'o*r*q': must be with one trace of the source's spikes in on_pre, got q "
        "and r. Write the rule with other traces.",
    ),
    "two of the other side": (
        {"text": TRACES + "\ndq/dt = -q/10", "on_pre": "u -= o*q; r += 1",
         "on_post": "u += r; o += 1; q += 1"},
        "on_pre, column 6, 'o*q': must be with one trace of the target's spikes in on_pre, got o and q",
    ),
    "change of a parameter": (
        {**GOOD, "on_pre": "a -= o; r += 1", "parameters": {"a": 1.0}},
        "on_pre, column 1, 'a': must be a change of u or w, got one of a.",
    ),
    "reward at a spike": (
        {**GOOD, "on_pre": "u -= reward*o; r += 1"},
        "on_pre, column 6, 'reward': must be without a reward, got the reward. Read it in on_reward.",
    ),
    "no eligibility": (
        {**GOOD, "on_reward": "u += reward"},
        "on_reward, column 6, 'reward': must be of one variable, the eligibility, got none.",
    ),
    "weight changed by spikes": (
        {**REWARD, "on_pre": "u -= o; r += 1"},
        "on_pre, column 1, 'u': must be a change of the eligibility, got one of u.",
    ),
    "weight read by spikes": (
        {**REWARD, "on_pre": "e -= o*w; r += 1"},
        "on_pre, column 8, 'w': must be of traces and the eligibility, got the weight.",
    ),
    "own trace with an eligibility": (
        {**REWARD, "on_pre": "e -= o*r; r += 1"},
        "on_pre, column 6, 'o*r': must be with no trace of the source's spikes in on_pre, beside",
    ),
    "eligibility changed by a reward": (
        {**REWARD, "on_reward": "u += e*reward; e = 0"},
        "on_reward, column 16, 'e': must be a change of u or w, got one of e.",
    ),
    "marked": (
        {**GOOD, "text": TRACES.replace("20\n", "20 (unless refractory)\n")},
        "equations, line 1, column 1, 'dr': must be unmarked, got (unless refractory).",
    ),
    "unit": (
        {**GOOD, "text": TRACES + " : mV"},
        "equations, line 2, column 1, 'do': must be without a unit: traces count spikes, got mV.",
    ),
    "circle": (
        {**GOOD, "text": TRACES + "\na = b*r\nb = a*r", "on_post": "u += a; o += 1"},
        "equations, line 4, column 5, 'a': must be defined without itself, got a circle",
    ),
    "circle of constants": (
        {**GOOD, "text": TRACES + "\na = b*2\nb = a*3", "on_post": "u += a*r; o += 1"},
        "equations, line 4, column 5, 'a': must be defined without itself, got a circle",
    ),
    "taken name": (
        {"text": "dw/dt = -w/20", "on_pre": "w += 1"},
        "equations, column 1, 'dw': must be a name that has no other meaning, got w.",
    ),
    "taken name of a parameter": (
        {**GOOD, "parameters": {"e": 1.0}}, "parameter 'e': must be a name that has no other meaning",
    ),
    "both": ({**GOOD, "parameters": {"r": 1.0}}, "'r': must be a parameter or an equation, got both."),
    "bounds": ({**GOOD, "w_min": 2.0}, "SynapseEquations.w_min: must be below w_max = 1.0, got 2."),
    "condition": ({**GOOD, "on_pre": "u -= o > 1; r += 1"}, "on_pre, column 6, 'o > 1': must be a num"),
    "code": ({**GOOD, "on_pre": "u -= open('x')"}, 'on_pre, column 6, "open(\'x\')": must be a call'),
    "parameters": ({**GOOD, "parameters": 3}, "parameters: must be a dict by name, got 3."),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_message(name):
    arguments, message = CASES[name]
    with pytest.raises(NetworkError) as error:
        SynapseEquations(**{"w_max": 1.0, **arguments})
    text = str(error.value)
    assert text.startswith(message), text
    assert "\n" not in text


def test_values_of_parameters():
    """What only values can show is refused when they are given, or when the rule enters a network."""
    rule = SynapseEquations(
        "dr/dt = -r/tau", on_pre="r += 1", on_post="u += r*sqrt(a)", w_max=1.0,
        parameters={"tau": 20.0, "a": 1.0},
    )  # fmt: skip
    with pytest.raises(
        NetworkError, match=r"^time constant of r: must be a number above 0, got 0\."
    ):
        rule(tau=0.0)
    with pytest.raises(
        NetworkError, match=r"^parameter: must be one of w_max, w_min, tau, a, got 't"
    ):
        rule(tau_ms=20.0)
    network = Network(dt_ms=0.1)
    cells = network.population("cells", 2, LifDelta())
    with pytest.raises(NetworkError, match=r"math\.sqrt\(a\): must be a number, got none\. Change"):
        network.connect(cells, cells, AllToAll(), weight=0.5, plasticity=rule(a=-1.0))
    with pytest.raises(NetworkError, match="for a decay that float32 shows"):
        network.connect(cells, cells, AllToAll(), weight=0.5, plasticity=rule(tau=1e9))
