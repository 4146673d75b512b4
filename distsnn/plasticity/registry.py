"""Finds learning rules: those of this folder by name, a user's own by path."""

from __future__ import annotations

import dataclasses
import importlib
from pathlib import Path
from types import ModuleType

from distsnn.errors import NetworkError
from distsnn.kernels import Kernel
from distsnn.kernels.compile.file_modules import chosen, import_file


def all_rules() -> dict[str, type]:
    """Return the rules of this folder, name -> class, sorted by name."""
    found: dict[str, type] = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem != "__init__":
            found.update(rules_of(importlib.import_module(f"distsnn.plasticity.{path.stem}")))
    return dict(sorted(found.items()))


def load_rule(path_or_name: str | Path) -> type:
    """Return the rule class of that name, or the one that the file at that path defines.

    A path ends in ``.py``; ``path.py:Name`` chooses among several rules in one file. The file is a
    program and is executed. Raises NetworkError for a name that does not exist and for a file that is
    not a rule, InputFileError for a file that cannot be read.
    """
    text = str(path_or_name)
    path, _, wanted = text.partition(".py:")
    if not wanted and not text.endswith(".py"):
        rules = all_rules()
        if text not in rules:
            raise NetworkError(
                f"rule {text!r}: not found, limit {', '.join(rules)} or the path of a .py file. "
                "Check the spelling."
            )
        return rules[text]
    path = f"{path}.py" if wanted else text
    found = rules_of(import_file(Path(path), "distsnn_rule", "rule file"))
    what = (
        "A rule is a dataclass with a family in a file that ends with "
        "deliver, sweep = trace_kernels(...)."
    )
    return chosen(f"rule file {path}", found, wanted, what)


def rules_of(module: ModuleType) -> dict[str, type]:
    """Return the rules that a module defines: its dataclasses with a family, and with kernels.

    The kernels are the module's, or made by the class from a text (``kernel_module``).
    """
    has_kernels = any(isinstance(item, Kernel) for item in vars(module).values())
    return {
        name: item
        for name, item in vars(module).items()
        if isinstance(item, type)
        and dataclasses.is_dataclass(item)
        and item.__module__ == module.__name__
        and hasattr(item, "family")
        and (has_kernels or hasattr(item, "kernel_module") or _has_kernels(item))
    }


def _has_kernels(rule: type) -> bool:
    return any(isinstance(item, Kernel) for item in vars(rule).values())
