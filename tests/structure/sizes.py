"""Sizes of folders, files, functions and constructors, and their limits."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from structure.package_sources import MODELS, Finding, Source, name_of

MAX_FILES = 15  # .py files in a folder, __init__ aside
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40
MAX_KERNEL_LINES = 60  # kernels, and the steps of neuron models
MAX_PARAMETERS = 7  # of the constructor of a class that works

# One thing a file: one model, rule, format, picture or command each.
ONE_EACH = ("neurons", "plasticity", "network/rules", "gallery", "events", "cli", "stimuli")
KERNELS = ("kernels",)
# Dataclasses that hold what a user sets, or what a run gives, by room.
RECORDS = {  # of parameters that users set, or of results
    "chip": {"Chip", "EventEnergy", "EventTime", "SynapseFormat"},
    "convnet": {"ConvSettings", "InputSettings", "Layer"},
    "forecast": {"Forecast"},
    "core": {"SynapseTable"},
    "liquid": {
        "Column", "Evaluation", "EventEncoder", "FilterBank", "Responses", "SavedRun", "Training",
    },
    "network": {"Population", "Projection"},
    "running": {"Result"},
    "sonata": {"EdgeTable", "Edges", "NodeTable", "SonataConfig"},
    "traffic": {"Activity", "MeshCounters", "SweepPoint"},
}  # fmt: skip
KERNEL_DECORATORS = {"kernel", "device", "step_kernel", "njit"}


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
    return any(name_of(decorator) in KERNEL_DECORATORS for decorator in node.decorator_list)


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
    return any(name_of(decorator) == "dataclass" for decorator in node.decorator_list)


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
