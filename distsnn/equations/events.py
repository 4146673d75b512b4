"""What spikes do, as expressions: weights that arrive, the threshold, the reset."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

from sympy import Expr

from distsnn.equations.algebra import call, compared_with_constants, linear_parts
from distsnn.equations.names import OF_EVENTS, OF_RECEPTORS, TIME, WEIGHT, Names, new
from distsnn.equations.text.formulas import Formula
from distsnn.equations.text.parsing import Statement

UPWARD = ("greater", "greater_or_equal")


@dataclass
class Events:
    """The events of a model, all read at the end of a step.

    condition: when a neuron spikes, None if never. reset: variable and its value afterwards, less its
    initial value, in the order of the statements. gains: receptor, variable and what a weight of 1
    adds to it. takes_sizes: whether all receptors take ``abs(weight)``.
    """

    names: Names
    condition: Expr | None = None
    reset: list[tuple[str, Expr]] = field(default_factory=list)
    gains: list[tuple[str, str, Expr]] = field(default_factory=list)
    takes_sizes: bool = False

    def __post_init__(self) -> None:
        given, names = self.names.given, self.names
        if given.spiking.threshold is not None:
            condition = names.at_end(given.spiking.threshold, OF_EVENTS)
            self.condition = compared_with_constants(
                condition, lambda part: part.free_symbols <= names.fixed
            )
        self.reset = [(item.name, self._value_after(item)) for item in given.spiking.reset]
        for receptor, statements in given.receptors.items():
            self.gains += [(receptor, item.name, self._gain(item)) for item in statements]
        self.takes_sizes = _takes_sizes(given.receptors.values())

    @property
    def reads_time(self) -> bool:
        """Whether one of the expressions depends on t."""
        parts = [
            self.condition,
            *(part for _, part in self.reset),
            *(gain for *_, gain in self.gains),
        ]
        return any(part is not None and part.has(TIME) for part in parts)

    @property
    def ceilings(self) -> dict[str, Expr]:
        """Variable -> its threshold, for one that is reset where it exceeds a constant."""
        condition = self.condition
        if condition is None or condition.func.__name__ not in UPWARD:
            return {}
        states = {new(name): name for name in self.names.offsets}
        name = states.get(condition.args[0], "")
        is_set = any(item.name == name and not item.sign for item in self.names.given.spiking.reset)
        return {name: condition.args[1]} if is_set else {}

    def _value_after(self, statement: Statement) -> Expr:
        self._require_state(statement)
        value = self.names.at_end(statement.formula, OF_EVENTS)
        offset = self.names.offsets[statement.name]
        before = new(statement.name) + offset
        if statement.sign == "":
            return value - offset
        if statement.sign in ("+", "-"):
            # x + o + value - o
            return new(statement.name) + (value if statement.sign == "+" else -value)
        return (before * value if statement.sign == "*" else before / value) - offset

    def _gain(self, statement: Statement) -> Expr:
        """Return g of a statement x += g weight; |weight| counts as weight, see ``takes_sizes``."""
        self._require_state(statement)
        formula = statement.formula
        value = self.names.at_end(formula, OF_RECEPTORS).xreplace({call("abs", WEIGHT): WEIGHT})
        # x += g weight
        parts = linear_parts(value, WEIGHT)
        if statement.sign not in ("+", "-") or parts is None or parts[1] != 0 or parts[0] == 0:
            limit = "a sum such as g += weight, in proportion to the weight"
            remedy = "The weights that arrive in one step are added before."
            stop = formula.span(formula.node)[1]
            formula.source.fail(statement.start, stop, limit, remedy=remedy)
        return parts[0] if statement.sign == "+" else -parts[0]

    def _require_state(self, statement: Statement) -> None:
        states = self.names.offsets
        if statement.name not in states:
            start, source = statement.start, statement.formula.source
            limit = f"a variable with a differential equation ({', '.join(states)})"
            source.fail(start, start + len(statement.name), limit, remedy="Check the name.")


def _takes_sizes(receptors: Iterable[list[Statement]]) -> bool:
    """Return whether the weights in statements are all in abs(); raise NetworkError if only some."""
    seen: dict[bool, tuple[Formula, ast.Name]] = {}
    for statement in [item for statements in receptors for item in statements]:
        nodes = list(ast.walk(statement.formula.node))
        calls = [node for node in nodes if isinstance(node, ast.Call)]
        calls = [
            node for node in calls if isinstance(node.func, ast.Name) and node.func.id == "abs"
        ]
        inside = {id(argument) for node in calls for argument in node.args}
        for node in statement.formula.names():
            if node.id == "weight":
                seen.setdefault(id(node) in inside, (statement.formula, node))
    if len(seen) == 2:
        formula, node = seen[False]
        limit, got = "abs(weight) in all receptors or in none", "weight beside abs(weight)"
        formula.fail(node, limit, got, "The sign of a weight has chosen the receptor.")
    return True in seen
