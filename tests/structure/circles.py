"""Modules that import each other."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from structure.package_sources import Finding, Source


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
