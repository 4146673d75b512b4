"""Which variable of a text is which trace of the kernels, and what spikes may read.

The kernels (``kernels/plastic/traces.py``, ``reward.py``) have the traces r1 and r2 of presynaptic
spikes and o1 and o2 of postsynaptic ones. A presynaptic spike reads r2 and o1, a postsynaptic one
r1, r2 and o2; with an eligibility, a presynaptic spike reads o1, a postsynaptic one r1.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from distsnn.equations.learning.code import Constants
from distsnn.equations.learning.given import RuleGiven
from distsnn.equations.text.formulas import Formula
from distsnn.equations.text.parsing import Equation, Statement

SPIKES = ("on_pre", "on_post")
LIKE_TRACE = "dNAME/dt = -NAME/TAU, with TAU of parameters alone"


@dataclass(frozen=True)
class Trace:
    """A trace. side: on_pre or on_post, whose spikes it filters. growth: what a spike does to it."""

    name: str
    side: str
    growth: Statement

    @property
    def keeps(self) -> bool:
        """Whether a spike adds to it instead of setting it."""
        return self.growth.sign == "+"


@dataclass(frozen=True)
class Assigned:
    """The variables of a rule, as its kernels have them.

    traces: by name. kernel_names: (event, trace) -> the name there. pre, post: traces of the decay
    tables in order. eligibility: None unless rewards change the weight.
    """

    traces: Mapping[str, Trace]
    kernel_names: Mapping[tuple[str, str], str]
    pre: tuple[str, ...]
    post: tuple[str, ...]
    eligibility: str | None

    @property
    def pairing(self) -> str:
        """How spikes change traces, in the word of ``TraceRule``."""
        return "all" if all(trace.keeps for trace in self.traces.values()) else "nearest"


def assigned(given: RuleGiven, constants: Constants) -> Assigned:
    """Return what each variable is. Raises NetworkError that points at what the kernels cannot do."""
    eligibility = _eligibility(given)
    traces = {
        name: _trace(given, equation, constants)
        for name, equation in given.variables.items()
        if name != eligibility
    }
    _require_one_pairing(traces.values())
    # What is read where decides which trace of the kernels a variable becomes.
    read = {event: list(_reads(given, event, traces)) for event in SPIKES}
    for name, trace in traces.items():
        if not any(name == reader for event in SPIKES for reader, _ in read[event]):
            equation = given.variables[name]
            _fail(equation, "read in on_pre or on_post", "one that is not", "Remove it.")
        _require_growth_last(given, trace)
    names = {
        (event, side): _distinct(read[event], traces, side) for event in SPIKES for side in SPIKES
    }
    if eligibility is not None:
        return _assigned_rewarded(names, traces, eligibility)
    return _assigned(given, names, traces)


def tau_of(equation: Equation) -> ast.expr:
    """Return the time constant of an equation dx/dt = -x/tau; NetworkError for another equation."""
    node = equation.formula.node
    # -x/tau is (-x)/tau in Python's grammar, and -(x/tau) the same
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node, is_negative = node.operand, True
    else:
        is_negative = False
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        x = node.left
        if isinstance(x, ast.UnaryOp) and isinstance(x.op, ast.USub) and not is_negative:
            x, is_negative = x.operand, True
        if is_negative and isinstance(x, ast.Name) and x.id == equation.name:
            return node.right
    limit = LIKE_TRACE.replace("NAME", equation.name)
    equation.formula.fail(equation.formula.node, limit, "another equation")


def names_read(
    given: RuleGiven, node: ast.AST, seen: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Yield the names that a formula reads, also by its named parts."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            inner = given.parts.get(part.id)
            if inner is None:
                yield part.id
            elif part.id not in seen:
                yield from names_read(given, inner.formula.node, seen | {part.id})


def _fail(equation: Equation, limit: str, got: str, remedy: str) -> None:
    source, at = equation.formula.source, equation.start
    source.fail(at, at + len(equation.name) + 1, limit, got, remedy)


def _eligibility(given: RuleGiven) -> str | None:
    """Return the variable that rewards read, None for a rule without rewards."""
    if not given.is_rewarded:
        return None
    names = [
        name
        for statement in given.events["on_reward"]
        for name in names_read(given, statement.formula.node)
        if name in given.variables
    ]
    first = given.events["on_reward"][0].formula
    if len(set(names)) != 1:
        limit = "of one variable, the eligibility"
        first.fail(first.node, limit, ", ".join(dict.fromkeys(names)) or "none", "Name one.")
    return names[0]


def _trace(given: RuleGiven, equation: Equation, constants: Constants) -> Trace:
    tau_of(equation)
    grown = [
        (event, item)
        for event, items in given.events.items()
        for item in items
        if item.name == equation.name
    ]
    if len(grown) != 1 or grown[0][0] not in SPIKES:
        limit = "grown by one statement, in on_pre or in on_post"
        remedy = f"Write {equation.name} += 1 in one of them."
        _fail(equation, limit, f"{len(grown)}" if grown else "none", remedy)
    event, statement = grown[0]
    formula = statement.formula
    if statement.sign not in ("", "+") or not constants.is_constant(formula.node):
        limit = f"{equation.name} += or = a formula of parameters"
        formula.fail(formula.node, limit, "another change of a trace")
    return Trace(equation.name, event, statement)


def _require_one_pairing(traces: Iterable[Trace]) -> None:
    """All traces add up, or all are set: the kernels have one pairing for a rule."""
    first: Trace | None = None
    for trace in traces:
        if first is not None and trace.keeps != first.keeps:
            like = f"{trace.name} {first.growth.sign}= ... as {first.name}"
            trace.growth.formula.fail(trace.growth.formula.node, like, "the other kind")
        first = first or trace


def _reads(
    given: RuleGiven, event: str, traces: Mapping[str, Trace]
) -> Iterator[tuple[str, Formula]]:
    """Yield the traces that the statements of an event read, each with the formula that does."""
    for statement in given.events[event]:
        if statement.name not in traces:
            for name in names_read(given, statement.formula.node):
                if name in traces:
                    yield name, statement.formula


def _require_growth_last(given: RuleGiven, trace: Trace) -> None:
    """Kernels read traces as they were before the spike, so statements that read them come first."""
    statements = given.events[trace.side]
    for later in statements[statements.index(trace.growth) + 1 :]:
        if trace.name in names_read(given, later.formula.node):
            remedy = f"Let {trace.name} grow behind it."
            limit = "without a trace that has grown before"
            later.formula.fail(later.formula.node, limit, trace.name, remedy)


def _distinct(
    read: list[tuple[str, Formula]], traces: Mapping[str, Trace], side: str
) -> dict[str, Formula]:
    """Return the traces of a side among those read, each with the first formula that reads it."""
    found: dict[str, Formula] = {}
    for name, formula in read:
        if traces[name].side == side:
            found.setdefault(name, formula)
    return found


def _require_at_most(names: Mapping[str, Formula], n: int, limit: str) -> None:
    if len(names) > n:
        formula = list(names.values())[n]
        got = " and ".join(sorted(names))
        formula.fail(formula.node, f"with {limit}", got, "Write the rule with other traces.")


Names = Mapping[tuple[str, str], Mapping[str, Formula]]  # (event, side) -> traces that are read


def _assigned(given: RuleGiven, names: Names, traces: Mapping[str, Trace]) -> Assigned:
    own_pre, own_post = names["on_pre", "on_pre"], names["on_post", "on_post"]
    # 1. What the kernels can give
    _require_at_most(own_pre, 1, "one trace of the source's spikes in on_pre")
    _require_at_most(names["on_pre", "on_post"], 1, "one trace of the target's spikes in on_pre")
    _require_at_most(own_post, 1, "one trace of the target's spikes in on_post")
    all_pre = {**names["on_post", "on_pre"], **own_pre}
    _require_at_most(all_pre, 2, "two traces of the source's spikes in all")
    # 2. r2 is what presynaptic spikes read; r1, if nothing else needs it, is the same trace.
    second = next(iter(own_pre), None)
    others = [name for name in all_pre if name != second]
    if second is None and len(others) == 2:
        second = others.pop()
    pre = (others[0] if others else second, second)
    kernel_names: dict[tuple[str, str], str] = {}
    for event, side in (("on_post", "on_pre"), ("on_pre", "on_pre")):
        for name in names[event, side]:
            kernel_names[event, name] = "r2" if name == second else "r1"
    # 3. o1 is what presynaptic spikes read, o2 what postsynaptic ones read
    first_post = next(iter(names["on_pre", "on_post"]), None)
    second_post = next(iter(own_post), None)
    post = (first_post or second_post, second_post)
    kernel_names.update({("on_pre", name): "o1" for name in names["on_pre", "on_post"]})
    kernel_names.update({("on_post", name): "o2" for name in own_post})
    # 4. The time constants of the tables of decay, in the order r1, r2 and o1, o2
    any_trace = next(iter(traces), "")  # for a table of decay that nothing reads
    return Assigned(
        traces, kernel_names, _tables(pre, any_trace), _tables(post, any_trace), None
    )  # fmt: skip


def _tables(pair: tuple[str | None, str | None], any_trace: str) -> tuple[str, ...]:
    first, second = pair
    return (first or any_trace,) if second is None else (first or any_trace, second)


def _assigned_rewarded(names: Names, traces: Mapping[str, Trace], eligibility: str) -> Assigned:
    # An eligibility has one trace of the other side at each spike.
    for event, side, n, whose in (
        ("on_pre", "on_pre", 0, "source"), ("on_post", "on_post", 0, "target"),
        ("on_pre", "on_post", 1, "target"), ("on_post", "on_pre", 1, "source"),
    ):  # fmt: skip
        limit = f"{'one' if n else 'no'} trace of the {whose}'s spikes in {event}"
        _require_at_most(names[event, side], n, f"{limit}, beside an eligibility")
    kernel_names = {("on_pre", name): "o1" for name in names["on_pre", "on_post"]}
    kernel_names.update({("on_post", name): "r1" for name in names["on_post", "on_pre"]})
    pre = next(iter(names["on_post", "on_pre"]), eligibility)
    post = next(iter(names["on_pre", "on_post"]), eligibility)
    return Assigned(traces, kernel_names, (pre,), (post,), eligibility)
