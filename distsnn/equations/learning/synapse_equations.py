"""``SynapseEquations``: a learning rule from a text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from distsnn.equations.learning.code import Constants
from distsnn.equations.learning.given import BOUNDS, read_rule
from distsnn.equations.learning.module_text import rule_text
from distsnn.equations.learning.rule import RuleFromText
from distsnn.equations.learning.traces import assigned
from distsnn.errors import NetworkError
from distsnn.kernels.compile.file_modules import module_of_text

Value = float | tuple[float, str]


def SynapseEquations(  # named as the class that it makes
    text: str,
    *,
    on_pre: str = "",
    on_post: str = "",
    on_reward: str = "",
    w_max: Value,
    w_min: Value = 0.0,
    parameters: Mapping[str, Value] | None = None,
) -> RuleFromText:
    """Return the learning rule that a text describes, for ``Network.connect(..., plasticity=)``.

    text: traces, ``dr/dt = -r/tau_plus``, and named parts of formulas, ``alpha = 2*rho*tau``, one a
    line. on_pre, on_post: what a spike of the source or the target does at the synapse, such as
    ``u -= a_minus*o; r += 1``. on_reward: what a reward does, such as ``u += reward*e``; then spikes
    change the eligibility e, which has an equation in the text. w: the weight, in the receptor's unit;
    u: the same as a share of w_min .. w_max, to which it is kept. parameters: name -> number, or
    (number, unit) for times and rates in ms and kHz.

    Raises NetworkError, in one line that names line and column, for a text that is no rule.
    """
    # Text to trees, trees to the text of a file.
    events = {"on_pre": on_pre, "on_post": on_post, "on_reward": on_reward}
    given = read_rule(text, events, w_max, w_min, {} if parameters is None else parameters)
    constants = Constants(given)
    written = rule_text(given, assigned(given, constants), constants)
    for name in given.parameters:
        if name not in constants.used and name not in BOUNDS:
            raise NetworkError(
                f"parameter {name!r}: must be in a formula, got none with it. "
                "Remove it, or check the name."
            )
    return rule_of(written)


def rule_of(text: str) -> RuleFromText:
    """Return the rule that the text of a file defines, with its default parameters."""
    module = module_of_text(text, "distsnn_synapse_equations")
    made = module.SynapseEquations
    # Ranks compare their rules by this name, so it has the digest of the text.
    made.__qualname__ = f"SynapseEquations_{module.__name__.rpartition('_')[2]}"
    made.module_text = text
    return cast(RuleFromText, made())
