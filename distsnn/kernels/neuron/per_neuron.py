"""The step of a model with constants that differ between neurons, made from the model's own step.

``step(c, ...)`` loops over neurons and reads the same constants for all. Its variant takes the
constants as rows, one entry per neuron for those that vary, and reads the record at the start of each
loop over neurons:

    for i in range(v.size):            for i in range(v.size):
        ... c.leak ...                     c = read(c_rows, i)
                                           ... c.leak ...

Statements in front of a loop that depend on the constants are repeated inside it. A step with one
value per constant is not touched, so populations whose neurons are alike cost what they did.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

from distsnn.checks import must_be
from distsnn.errors import NetworkError
from distsnn.kernels.compile.declare import device
from distsnn.kernels.compile.substitute import plain_function

ROWS, READ = "c_rows", "read_row"


def step_per_neuron(
    step: Callable[..., Any], record: Any, varying: Sequence[int]
) -> Callable[..., Any]:
    """Return the step that takes a tuple of constants, arrays [n] at the positions ``varying``.

    record: the NamedTuple class of the constants. Raises NetworkError if the text of the step cannot be
    had, or if it reads a constant outside its loops where one value is needed for all neurons.
    """
    plain: Any = plain_function(step)
    tree = ast.parse(_source_of(plain))
    function = tree.body[0]
    if not isinstance(function, ast.FunctionDef):
        raise _refused(plain, "a function of its own", "another definition")
    function.decorator_list = []
    constants = function.args.args[0].arg
    function.args.args[0].arg = ROWS
    rewriter = _Loops(constants)
    function.body = rewriter.rewrite(function.body)
    rewriter.require_inside(plain, function)
    ast.fix_missing_locations(tree)
    names: dict[str, Any] = dict(plain.__globals__)
    if plain.__closure__:
        cells = zip(plain.__code__.co_freevars, plain.__closure__, strict=True)
        names.update({name: cell.cell_contents for name, cell in cells})
    names[READ] = _reader(record, varying)
    exec(compile(tree, f"<{function.name} per neuron>", "exec"), names)
    made = names[function.name]
    made.__module__ = plain.__module__
    return device(made)


def _source_of(function: Any) -> str:
    try:
        return textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        raise _refused(function, "defined in a file or a cell", "no source text") from None


def _reader(record: Any, varying: Sequence[int]) -> Callable[..., Any]:
    """Return a device function (rows, i) -> the record of neuron i."""
    values = ", ".join(
        f"rows[{k}][i]" if k in varying else f"rows[{k}]" for k in range(len(record._fields))
    )
    names: dict[str, Any] = {"record": record, "__name__": __name__}
    text = f"def {READ}(rows, i):\n    return record({values})\n"
    exec(compile(text, "<reader per neuron>", "exec"), names)
    return device(names[READ])


class _Loops:
    """Rewrites the loops over neurons of a step.

    constants: the name of the record. depending: the names computed from it so far.
    """

    def __init__(self, constants: str) -> None:
        self.constants = constants
        self.depending = {constants}
        self.prelude: list[ast.stmt] = []

    def rewrite(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """Return the statements with the record read inside each loop over neurons."""
        kept: list[ast.stmt] = []
        for statement in body:
            if isinstance(statement, ast.For):
                statement.body = [*self._read(statement), *self.prelude, *statement.body]
                kept.append(statement)
            elif isinstance(statement, (ast.If, ast.While)):
                statement.body = self.rewrite(statement.body)
                statement.orelse = self.rewrite(statement.orelse)
                kept.append(statement)
            elif isinstance(statement, ast.Assign) and self._depends(statement.value):
                self.prelude.append(statement)
                self.depending |= {
                    node.id
                    for target in statement.targets
                    for node in ast.walk(target)
                    if isinstance(node, ast.Name)
                }
            else:
                kept.append(statement)
        return kept

    def _depends(self, node: ast.AST) -> bool:
        names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        return bool(names & self.depending)

    def _read(self, loop: ast.For) -> list[ast.stmt]:
        index = ast.unparse(loop.target)
        return ast.parse(f"{self.constants} = {READ}({ROWS}, {index})").body

    def require_inside(self, step: Any, function: ast.FunctionDef) -> None:
        """Raise NetworkError if anything outside the loops depends on the constants."""
        for statement in function.body:
            for node in _outside_loops(statement):
                if isinstance(node, ast.Name) and node.id in self.depending:
                    raise _refused(step, "one that reads constants inside its loops", node.id)


def _outside_loops(node: ast.AST) -> list[ast.AST]:
    """Return the nodes that are not in the body of a loop."""
    if isinstance(node, ast.For):
        return [part for part in ast.walk(node.iter)]
    nodes = [node]
    for child in ast.iter_child_nodes(node):
        nodes += _outside_loops(child)
    return nodes


def _refused(step: Any, limit: str, got: str) -> NetworkError:
    subject = f"{step.__module__}: step of a model with values per neuron"
    return NetworkError(must_be(subject, limit, got, "Give one number to each parameter."))
