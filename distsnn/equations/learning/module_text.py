"""Writes the file of a rule: parameters, constants, and the functions that a spike applies."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import NoReturn

from distsnn.equations.learning.code import Constants, compiled
from distsnn.equations.learning.given import RuleGiven
from distsnn.equations.learning.traces import Assigned, tau_of
from distsnn.equations.text.formulas import Formula
from distsnn.equations.text.parsing import Statement

HEAD = '''"""A learning rule made from text, as it is compiled."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from distsnn.equations.learning.rule import RewardRuleFromText, RuleFromText
from distsnn.equations.model import exprel
from distsnn.kernels import device
from distsnn.kernels.numbers.elementary import cos_f4, sin_f4, tanh_f4
from distsnn.kernels.numbers.exponential import exp_f4, expm1_f4, log_f4, mean_exp_f4
from distsnn.kernels.plastic.power import power
from distsnn.kernels.plastic.reward import reward_kernels
from distsnn.kernels.plastic.traces import trace_kernels


'''
FUNCTIONS = {"on_post": "potentiate", "on_pre": "depress", "on_reward": "reinforce"}
MEANING = {
    "on_post": "after a postsynaptic spike", "on_pre": "after a presynaptic spike",
    "on_reward": "after a reward",
}  # fmt: skip
LOW, RANGE = "self.w_min", "(self.w_max - self.w_min)"


class RuleText:
    """Makes the text of one rule's file."""

    def __init__(self, given: RuleGiven, variables: Assigned, constants: Constants) -> None:
        self.given, self.variables, self.constants = given, variables, constants
        self.is_rewarded = given.is_rewarded

    def write(self) -> str:
        """Return the text."""
        # The functions first: constants are what they read.
        events = ("on_post", "on_pre", "on_reward") if self.is_rewarded else ("on_post", "on_pre")
        functions = "".join(self._function(event) for event in events)
        family = "RewardRuleFromText" if self.is_rewarded else "RuleFromText"
        made = ", ".join(FUNCTIONS[event] for event in events)
        kernels = (
            f"deliver, sweep, reward = reward_kernels({made})\n"
            if self.is_rewarded
            else f"deliver, sweep = trace_kernels({made})\n"
        )
        return f"{HEAD}{self._class(family)}{functions}{kernels}"

    def _class(self, family: str) -> str:
        given = self.given
        # fields: what a user may set
        fields = [
            f"    {name}: float = {item.value!r}\n" for name, item in given.parameters.items()
        ]
        if self.is_rewarded:
            fields.append("    rewards: tuple = ()\n")
        units = {name: item.unit for name, item in given.parameters.items() if item.unit}
        facts = {
            "texts": dict(given.texts), "trace_names": tuple(given.variables),
            "pairing": self.variables.pairing, "parameter_units": units,
        }  # fmt: skip
        written = [f"    {name}: ClassVar = {value!r}\n" for name, value in facts.items()]
        # time constants, each by the name of its variable
        taus = "".join(
            self._checked(
                self.constants.value(equation.formula, tau_of(equation)), f"time constant of {name}"
            )
            + ","
            for name, equation in given.variables.items()
        )
        return (
            f"@dataclass(frozen=True, repr=False)\nclass SynapseEquations({family}):\n"
            f"{''.join(fields)}{''.join(written)}\n{''.join(self._properties())}"
            f"    def all_taus_ms(self):\n        return ({taus})\n\n\n"
        )

    def _properties(self) -> Iterator[str]:
        """Yield the properties that give tables of decay, and the constants that functions read."""
        names, variables = tuple(self.given.variables), self.variables
        properties = {
            "pre_taus_ms": self._tuple(variables.pre, names),
            "post_taus_ms": self._tuple(variables.post, names),
        }
        if variables.eligibility is not None:
            index = names.index(variables.eligibility)
            properties["tau_eligibility_ms"] = f"self.all_taus_ms()[{index}]"
        # _k0 = 2 rho tau, ...: parts of formulas that are the same at every spike
        properties |= {
            name: self._checked(text, text) for text, name in self.constants.names.items()
        }
        for name, value in properties.items():
            yield f"    @property\n    def {name}(self):\n        return {value}\n\n"

    @staticmethod
    def _checked(text: str, what: str) -> str:
        return f"self.constant(lambda: {text}, {what!r})"

    def _tuple(self, wanted: tuple[str, ...], names: tuple[str, ...]) -> str:
        # A rule without any trace still has a table of decay on each side.
        values = [f"self.all_taus_ms()[{names.index(name)}]" if name else "1.0" for name in wanted]
        return f"({', '.join(values)},)"

    def _function(self, event: str) -> str:
        """Return the text of the function for an event."""
        is_eligibility = self.is_rewarded and event != "on_reward"
        result = "e" if is_eligibility else "u"
        self.constants.read, read = {}, {result: None}
        lines = list(self._lines(event, result, read))
        # Weights end within 0 .. 1; eligibilities have no bounds.
        what = "eligibility" if is_eligibility else "weight"
        last = "e" if is_eligibility else "max(min(u, np.float32(1.0)), np.float32(0.0))"
        if not lines:
            last = result
        arguments = ", ".join([*read, *self.constants.read])
        body = "".join(f"    {line}\n" for line in [*lines, f"return {last}"])
        return (
            f"@device\ndef {FUNCTIONS[event]}({arguments}):\n"
            f'    """The {what} {MEANING[event]}."""\n{body}\n\n'
        )

    def _lines(self, event: str, result: str, read: dict[str, None]) -> Iterator[str]:
        """Yield the statements of an event; read: gets the variables of the kernel that they read."""
        for statement in self.given.events[event]:
            if statement.name in self.variables.traces:
                if event == "on_reward":
                    self._refuse(statement, "changed by spikes", "a trace")
                continue  # grown by the kernel
            is_weight = statement.name in ("u", "w")
            if is_weight != (result == "u") or not (
                is_weight or statement.name == self.variables.eligibility
            ):
                limit = "a change of u or w" if result == "u" else "a change of the eligibility"
                self._refuse(statement, limit, f"one of {statement.name}")
            value = compiled(statement.formula, self._meaning(event, read), self.constants)
            yield self._assignment(statement, value, result)

    def _assignment(self, statement: Statement, value: str, result: str) -> str:
        # u = u + value, e = e - value, u = value, ...
        sign = statement.sign
        if statement.name != "w":
            return f"{result} = {f'{result} {sign} {value}' if sign else value}"
        inverse = self._constant(f"1.0 / {RANGE}")
        # w + x is u + x / range
        if sign in ("+", "-"):
            return f"u = u {sign} {value} * {inverse}"
        # any other w is (w - low) / range
        whole = f"({self._weight()} {sign} {value})" if sign else value
        return f"u = ({whole} - {self._constant(LOW)}) * {inverse}"

    def _weight(self) -> str:
        # w = low + range u
        return f"({self._constant(LOW)} + {self._constant(RANGE)} * u)"

    def _constant(self, text: str) -> str:
        return self.constants.reading("w_min" if text == LOW else self.constants.named(text))

    def _refuse(self, statement: Statement, limit: str, got: str) -> NoReturn:
        source, at = statement.formula.source, statement.start
        source.fail(at, at + len(statement.name), limit, got, "Correct the statement.")

    def _meaning(self, event: str, read: dict[str, None]) -> Callable[[Formula, ast.Name], str]:
        """Return what gives the text of a variable in the function for an event."""
        kernel_names, traces = self.variables.kernel_names, self.variables.traces

        def meaning(formula: Formula, node: ast.Name) -> str:
            name = node.id
            if name in self.given.parts:
                return self.constants.inlined(
                    formula, node, lambda inner: compiled(inner, meaning, self.constants)
                )
            if (event, name) in kernel_names:
                read[kernel_names[event, name]] = None
                growth = traces[name].growth.formula
                if isinstance(growth.node, ast.Constant) and growth.node.value == 1:
                    return kernel_names[event, name]
                # a trace that grows by a is a times one that grows by 1
                amount = compiled(growth, meaning, self.constants)
                return f"({amount} * {kernel_names[event, name]})"
            if name == self.variables.eligibility:
                read["e"] = None
                return "e"
            if name == "reward" and event == "on_reward":
                read["m"] = None
                return "m"
            if name in ("u", "w") and not (self.is_rewarded and event != "on_reward"):
                return "u" if name == "u" else self._weight()
            self._refuse_name(formula, node)

        return meaning

    def _refuse_name(self, formula: Formula, node: ast.Name) -> NoReturn:
        name = node.id
        if name in ("u", "w"):
            limit, remedy = "of traces and the eligibility", "Read the weight in on_reward."
            formula.fail(node, limit, "the weight", remedy)
        if name == "reward":
            formula.fail(node, "without a reward", "the reward", "Read it in on_reward.")
        limit = "a name that is known here"
        formula.fail(node, limit, "an unknown one", self.constants.remedy(name))


def rule_text(given: RuleGiven, variables: Assigned, constants: Constants) -> str:
    """Return the text of a rule's file. Raises NetworkError that points at what cannot be written."""
    return RuleText(given, variables, constants).write()
