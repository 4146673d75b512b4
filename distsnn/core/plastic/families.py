"""Finds the part that implements a rule, and the kernels that a network's rules use.

Parts are discovered by their files in ``parts``; a new part needs no registration.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

from distsnn.checks import must_be
from distsnn.core.plastic import parts
from distsnn.core.plastic.context import ProjectionContext
from distsnn.core.plastic.part import AnyPart, PlasticPart
from distsnn.errors import NetworkError
from distsnn.kernels import Kernel, plastic
from distsnn.network import Network


def part_of(context: ProjectionContext) -> AnyPart:
    """Return the plastic synapses of a projection on a rank; NetworkError if no part takes its rule."""
    by_rule_type = {part.rule_type: part for part in all_parts()}
    rule_type = type(context.projection.plasticity)
    for base in rule_type.__mro__:  # from the rule's own class to the most general one
        if base in by_rule_type:
            return by_rule_type[base](context)
    subject = f"{context.projection.name}: plasticity"
    limit = f"derived from one of {', '.join(sorted(base.__name__ for base in by_rule_type))}"
    raise NetworkError(must_be(subject, limit, rule_type.__name__, "Derive its class from one."))


def all_parts() -> Iterator[type[AnyPart]]:
    """Yield the classes of all parts: those in the folder and those defined in a user's file."""
    for _ in _modules_of(parts):
        pass
    waiting: list[type[AnyPart]] = PlasticPart.__subclasses__()
    while waiting:
        part = waiting.pop()
        if "rule_type" in vars(part):  # not inherited: a subclass alone does not replace a part
            yield part
        waiting += part.__subclasses__()


def kernels_of(network: Network) -> list[str | Kernel]:
    """Return the modules and kernels to compile for a network's plastic synapses."""
    rules = [p.plasticity for p in network.projections if p.plasticity is not None]
    if not rules:
        return []
    modules = [module.__name__ for module in _modules_of(plastic) if _has_kernels(module)]
    kernels = {id(kernel): kernel for rule in rules for kernel in rule.kernels().values()}
    return [*modules, *kernels.values()]


def _modules_of(package: ModuleType) -> Iterator[ModuleType]:
    for entry in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(entry.name)


def _has_kernels(module: ModuleType) -> bool:
    items = vars(module).values()
    return any(isinstance(item, Kernel) and item.module == module.__name__ for item in items)
