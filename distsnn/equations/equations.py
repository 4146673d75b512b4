"""``Equations``: a neuron model from a text."""

from __future__ import annotations

from collections.abc import Mapping

from distsnn.equations.events import Events
from distsnn.equations.given import read_given
from distsnn.equations.methods import plan_of
from distsnn.equations.model import EquationsModel, model_of
from distsnn.equations.names import Names
from distsnn.equations.system import System
from distsnn.equations.units import known_units
from distsnn.equations.writing.module_text import ModuleText

Value = float | tuple[float, str]


def Equations(  # named as the class that it makes
    text: str,
    *,
    threshold: str = "",
    reset: str = "",
    refractory_ms: float | None = None,
    receptors: Mapping[str, str] | None = None,
    parameters: Mapping[str, Value] | None = None,
    initial: Mapping[str, float | str] | None = None,
    method: str = "auto",
) -> EquationsModel:
    """Return the neuron model that a text describes, for ``Network.population``.

    text: one equation a line, ``dv/dt = (e_l - v)/tau : mV (unless refractory)`` or ``name = ...``.
    threshold: a condition. reset: statements such as ``v = v_reset; w += b``. refractory_ms: None for
    neurons that are never held. receptors: name -> what weights that arrive do, ``i_syn += weight``,
    or ``g += abs(weight)`` for conductances. parameters: name -> number, or (number, unit). initial:
    variable -> number, or formula of parameters; 0 if it is not named. method: see ``METHODS``;
    ``auto`` integrates what is linear exactly, and the rest by ``exponential_euler`` or ``rk4``.

    Numbers are in ms, mV, pA, nS, pF and GOhm. Raises NetworkError, in one line that names line and
    column, for a text that is no model, or whose units contradict each other.
    """
    # Text to trees, trees to expressions, expressions to the text of a file.
    given = read_given(
        text, threshold, reset, refractory_ms, {} if receptors is None else receptors,
        {} if parameters is None else parameters, {} if initial is None else initial, method,
    )  # fmt: skip
    names = Names(given)
    system, events = System(names), Events(names)
    units, plan = known_units(given), plan_of(system)
    names.require_all_used()
    return model_of(ModuleText(system, events, plan).write(units))
