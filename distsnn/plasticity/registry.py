"""Lookup of plasticity rules: those of this folder by name, a user's own by path."""

from __future__ import annotations

import dataclasses
import importlib
from functools import cache
from pathlib import Path
from types import ModuleType

from distsnn.checks import must_be
from distsnn.errors import NetworkError
from distsnn.kernels.compile.file_modules import chosen, import_file
from distsnn.plasticity.rule import PlasticityRule

HOW_TO = (
    "A rule is a dataclass derived from TraceRule, in a file that ends with "
    "deliver, sweep = trace_kernels(potentiate, depress)."
)


def all_rules() -> dict[str, type[PlasticityRule]]:
    """Return the rules of this folder, name -> class, sorted by name."""
    return dict(_rules_of_folder())


@cache
def _rules_of_folder() -> dict[str, type[PlasticityRule]]:
    rules: dict[str, type[PlasticityRule]] = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem != "__init__":
            rules.update(rules_of(importlib.import_module(f"distsnn.plasticity.{path.stem}")))
    return dict(sorted(rules.items()))


def load_rule(path_or_name: str | Path) -> type[PlasticityRule]:
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
            limit = f"one of {', '.join(rules)}, or the path of a .py file"
            raise NetworkError(must_be("rule", limit, text, "Check the spelling."))
        return rules[text]
    path = f"{path}.py" if wanted else text
    rules = rules_of(import_file(Path(path), "distsnn_rule", "rule file"))
    return chosen(f"rule file {path}", rules, wanted, HOW_TO)


def rules_of(module: ModuleType) -> dict[str, type[PlasticityRule]]:
    """Return the rules that a module defines itself, by name: dataclasses derived from a family."""
    return {
        name: item
        for name, item in vars(module).items()
        if isinstance(item, type)
        and issubclass(item, PlasticityRule)
        and dataclasses.is_dataclass(item)
        and item.__module__ == module.__name__
    }


def of_face(name: str) -> object:
    """Return what ``distsnn.plasticity`` shows under a name: a rule of this folder, or ``__all__``."""
    if name == "__all__":
        return sorted(["all_rules", "load_rule", *all_rules()])
    rule = None if name.startswith("_") else all_rules().get(name)
    if rule is None:
        raise AttributeError(f"module 'distsnn.plasticity' has no attribute {name!r}")
    return rule
