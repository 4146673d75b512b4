"""Measures how the package is built: sizes of folders, files and functions, feelers, circles, words.

Only the source is read. As a program::

    python tests/structure/measure.py           print a table of what is beyond the limits
    python tests/structure/measure.py --shrink  lower known.json to what is there today

``test_structure.py`` holds the limits. ``known.json`` has what is still beyond them; it only shrinks.
"""

from __future__ import annotations

import ast
import io
import json
import re
import sys
import tokenize
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "distsnn"
KNOWN = Path(__file__).with_name("known.json")

MAX_FILES = 15  # .py files in a folder, __init__ aside
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40
MAX_KERNEL_LINES = 60  # kernels, and the steps of neuron models
MAX_PARAMETERS = 7  # of the constructor of a class that works
MIN_COMMENTS = 0.04  # of the lines of a room

# One thing a file: one model, rule, format, picture or command each.
ONE_EACH = ("neurons", "plasticity", "network/rules", "gallery", "events", "cli")
KERNELS = ("kernels",)
MODELS = ("neurons", "plasticity")
# Dataclasses that hold what a user sets, or what a run gives, by room.
RECORDS = {  # of parameters that users set, or of results
    "chip": {"Chip", "EventEnergy", "EventTime"},
    "convnet": {"ConvSettings", "InputSettings", "Layer"},
    "forecast": {"Forecast"},
    "core": {"SynapseTable"},
    "liquid": {
        "Column", "Evaluation", "EventEncoder", "FilterBank", "Responses", "SavedRun", "Training",
    },
    "network": {"Population", "Projection"},
    "running": {"Result"},
    "traffic": {"Activity", "MeshCounters", "SweepPoint"},
}  # fmt: skip
KERNEL_DECORATORS = {"kernel", "device", "step_kernel", "njit"}


@dataclass(frozen=True)
class Finding:
    """Something beyond a limit. key: its room and name, so that it survives edits and moves."""

    key: str
    value: float = 1


@dataclass
class Source:
    """A file of the package, parsed."""

    path: Path
    root: Path = PACKAGE
    text: str = field(init=False)

    def __post_init__(self) -> None:
        self.text = self.path.read_text()

    @property
    def name(self) -> str:
        """The path in the package, with slashes."""
        return self.path.relative_to(self.root).as_posix()

    @property
    def folder(self) -> str:
        return self.path.parent.relative_to(self.root).as_posix()

    @property
    def room(self) -> str:
        """The folder right below the package, or "." for its own files."""
        parts = self.path.relative_to(self.root).parts
        return parts[0] if len(parts) > 1 else "."

    @property
    def module(self) -> str:
        parts = self.path.relative_to(self.root.parent).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def n_lines(self) -> int:
        return len(self.text.splitlines())

    @cached_property
    def n_comments(self) -> int:
        """Lines with a comment; those that steer a tool do not count."""
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        return sum(
            token.type == tokenize.COMMENT
            and not re.match(r"#\s*(type:|noqa|fmt:|pragma|!)", token.string)
            for token in tokens
        )


@cache
def sources(root: Path = PACKAGE) -> tuple[Source, ...]:
    """Return every file of the package."""
    return tuple(Source(path, root) for path in sorted(root.rglob("*.py")))


# --- sizes ----------------------------------------------------------------------------------------


def full_folders(files: tuple[Source, ...]) -> Iterator[Finding]:
    counts = Counter(file.folder for file in files if file.path.stem != "__init__")
    for folder, n in counts.items():
        if n > MAX_FILES and folder not in ONE_EACH:
            yield Finding(folder, n)


def long_files(files: tuple[Source, ...]) -> Iterator[Finding]:
    for file in files:
        if file.n_lines > MAX_FILE_LINES:
            yield Finding(file.name, file.n_lines)


def long_functions(files: tuple[Source, ...]) -> Iterator[Finding]:
    """Functions beyond their limit, decorators aside and docstrings included."""
    for file in files:
        for name, node in _functions(file.tree):
            n = (node.end_lineno or node.lineno) - node.lineno + 1
            if n > (MAX_KERNEL_LINES if _is_kernel(file, node) else MAX_FUNCTION_LINES):
                yield Finding(f"{file.room}:{name}", n)


def _functions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            yield f"{prefix}{node.name}", node
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield from _functions(node, f"{prefix}{node.name}.")
        elif not isinstance(node, ast.expr):
            yield from _functions(node, prefix)


def _is_kernel(file: Source, node: ast.FunctionDef) -> bool:
    if file.room in KERNELS or (file.room in MODELS and "step" in node.name):
        return True
    return any(_name_of(decorator) in KERNEL_DECORATORS for decorator in node.decorator_list)


def _name_of(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return _name_of(node.func)
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def wide_constructors(files: tuple[Source, ...]) -> Iterator[Finding]:
    """Constructors with too many parameters: written ones, and those of dataclasses."""
    for file in files:
        for node in ast.walk(file.tree):
            if isinstance(node, ast.ClassDef) and not _is_parameters(file, node):
                n = _n_parameters(node)
                if n > MAX_PARAMETERS and node.name not in RECORDS.get(file.room, ()):
                    yield Finding(f"{file.room}:{node.name}", n)


def _is_parameters(file: Source, node: ast.ClassDef) -> bool:
    """Whether a class is a model or a learning rule: its fields are the parameters of equations."""
    return file.room in MODELS and _is_dataclass(node)


def _is_dataclass(node: ast.ClassDef) -> bool:
    return any(_name_of(decorator) == "dataclass" for decorator in node.decorator_list)


def _n_parameters(node: ast.ClassDef) -> int:
    for item in node.body:
        if isinstance(item, ast.FunctionDef) and item.name == "__init__":
            arguments = item.args
            return len(arguments.posonlyargs + arguments.args + arguments.kwonlyargs) - 1
    if not _is_dataclass(node):
        return 0
    return sum(_is_field(item) for item in node.body)


def _is_field(item: ast.stmt) -> bool:
    if not isinstance(item, ast.AnnAssign) or "ClassVar" in ast.unparse(item.annotation):
        return False
    return item.value is None or "init=False" not in ast.unparse(item.value)


# --- what stands where ------------------------------------------------------------------------------


def code_in_faces(files: tuple[Source, ...]) -> Iterator[Finding]:
    """``__init__`` files with more than imports, constants and the lazy ``__getattr__``."""
    for file in files:
        if file.path.stem == "__init__":
            n = sum(_n_code_lines(item) for item in file.tree.body)
            if n:
                yield Finding(file.name, n)


def _n_code_lines(item: ast.stmt) -> int:
    is_lazy = isinstance(item, ast.FunctionDef) and item.name in ("__getattr__", "__dir__")
    is_plain = isinstance(item, (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Expr))
    is_typing = isinstance(item, ast.If) and "TYPE_CHECKING" in ast.unparse(item.test)
    if is_lazy or is_plain or is_typing:
        return 0
    return (item.end_lineno or item.lineno) - item.lineno + 1


def few_comments(files: tuple[Source, ...]) -> Iterator[Finding]:
    """Rooms with a smaller share of comment lines than the limit; the value is in percent."""
    for room, (n_comments, n_lines) in comments_of_rooms(files).items():
        if n_comments < MIN_COMMENTS * n_lines:
            yield Finding(room, round(100 * n_comments / n_lines, 1))


def comments_of_rooms(files: tuple[Source, ...]) -> dict[str, tuple[int, int]]:
    """Return comment lines and lines by room."""
    comments: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    for file in files:
        comments[file.room] += file.n_comments
        lines[file.room] += file.n_lines
    return {room: (comments[room], lines[room]) for room in sorted(lines)}


def feelers(files: tuple[Source, ...]) -> Iterator[Finding]:
    """``getattr`` with a default and ``hasattr``, by room: attributes that may or may not be there."""
    for file in files:
        calls = [node for node in ast.walk(file.tree) if isinstance(node, ast.Call)]
        n = sum(
            _name_of(call.func) == "hasattr"
            or (_name_of(call.func) == "getattr" and len(call.args) == 3)
            for call in calls
            if isinstance(call.func, ast.Name)
        )
        if n:
            yield Finding(file.room, n)


def positional_constants(files: tuple[Source, ...]) -> Iterator[Finding]:
    """Constants of a model that are read by number, ``c[7]``, by room."""
    for file in files:
        if file.room in MODELS:
            n = sum(
                isinstance(node, ast.Subscript)
                and isinstance(node.value, ast.Name)
                and node.value.id == "c"
                and isinstance(node.slice, ast.Constant)
                for node in ast.walk(file.tree)
            )
            if n:
                yield Finding(file.room, n)


def old_constant_names(files: tuple[Source, ...]) -> Iterator[Finding]:
    """Constants called MOST_, LEAST_ or LONGEST_ where the field has MAX_ and MIN_."""
    for file in files:
        for name in sorted(set(re.findall(r"\b_?(?:MOST|LEAST|LONGEST)_\w+", file.text))):
            yield Finding(f"{file.room}:{name}")


def old_messages(files: tuple[Source, ...]) -> Iterator[Finding]:
    """Texts with ", limit ..." in place of "must be ..., got ...", by room."""
    for file in files:
        n = sum(
            len(re.findall(r", limit\b", node.value))
            for node in ast.walk(file.tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )
        if n:
            yield Finding(file.room, n)


# --- imports ----------------------------------------------------------------------------------------


def import_circles(files: tuple[Source, ...]) -> Iterator[Finding]:
    """Groups of modules that import each other, in one room or over several.

    Imports inside functions count too, those for type checkers alone do not.
    """
    for group in _circles(module_graph(files)):
        yield Finding(" <-> ".join(sorted(group)), len(group))


def module_graph(files: tuple[Source, ...]) -> dict[str, set[str]]:
    """Return module -> the modules of the package that it imports."""
    names = {file.module for file in files}
    graph: dict[str, set[str]] = {}
    for file in files:
        found: set[str] = set()
        for node in _run_time_nodes(file.tree):
            if isinstance(node, ast.Import):
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                inside = {f"{node.module}.{alias.name}" for alias in node.names}
                found |= inside & names
                if inside - names:
                    found.add(node.module)
        graph[file.module] = (found & names) - {file.module}
    return graph


def _run_time_nodes(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from _run_time_nodes(child)


def _circles(graph: dict[str, set[str]]) -> list[set[str]]:
    """Return the strongly connected groups of more than one module: those that reach each other."""
    reached = {module: _reached_from(module, graph) for module in graph}
    groups: list[set[str]] = []
    for module in graph:
        group = {other for other in reached[module] if module in reached[other]}
        if len(group) > 1 and group not in groups:
            groups.append(group)
    return groups


def _reached_from(start: str, graph: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        for module in graph[waiting.pop()] - reached:
            reached.add(module)
            waiting.append(module)
    return reached


Measure = Callable[[tuple[Source, ...]], Iterator[Finding]]
FEW_COMMENTS = "rooms with few comments"
MEASURES: dict[str, Measure] = {
    "folders with too many files": full_folders,
    "files with too many lines": long_files,
    "functions with too many lines": long_functions,
    "constructors with too many parameters": wide_constructors,
    "code in __init__ files": code_in_faces,
    FEW_COMMENTS: few_comments,
    "feelers": feelers,
    "constants read by number": positional_constants,
    "old names of constants": old_constant_names,
    "old messages": old_messages,
    "import circles": import_circles,
}


def measure(root: Path = PACKAGE) -> dict[str, dict[str, float]]:
    """Return, for each measure, key -> value of what is beyond its limit."""
    files = sources(root)
    return {name: _summed(of(files)) for name, of in MEASURES.items()}


def _summed(findings: Iterator[Finding]) -> dict[str, float]:
    values: Counter[str] = Counter()
    for finding in findings:
        values[finding.key] += finding.value  # type: ignore[assignment]
    return dict(sorted(values.items()))


def known() -> dict[str, dict[str, float]]:
    """Return the exceptions: what is beyond a limit and may be for now, with its value."""
    return json.loads(KNOWN.read_text())


def shrink() -> None:
    """Lower the exceptions to what is there, and drop those that are needed no longer."""
    today = measure()
    kept = {
        name: {key: today[name][key] for key in exceptions if key in today[name]}
        for name, exceptions in known().items()
    }
    lowered = {
        name: {key: better(name, value, known()[name][key]) for key, value in found.items()}
        for name, found in kept.items()
    }
    KNOWN.write_text(json.dumps(lowered, indent=1) + "\n")


def better(name: str, value: float, limit: float) -> float:
    """Return the value nearer to the limit of the measure: of comments more, of all else less."""
    return max(value, limit) if name == FEW_COMMENTS else min(value, limit)


def main() -> None:
    if "--shrink" in sys.argv[1:]:
        shrink()
    files = sources()
    lengths = sorted(file.n_lines for file in files)
    print(f"{len(files)} files, {sum(lengths)} lines, median {lengths[len(lengths) // 2]}")
    for room, (n_comments, n_lines) in comments_of_rooms(files).items():
        print(f"  {room:16} {n_lines:6} lines, comments {100 * n_comments / n_lines:4.1f} %")
    for name, found in measure().items():
        print(f"\n{name}: {len(found)}")
        for key, value in sorted(found.items(), key=lambda item: -item[1]):
            print(f"  {value:6g}  {key}")


if __name__ == "__main__":
    main()
