"""Finds the part that implements a learning rule, and the kernels that the rules of a network use.

Every file in ``parts`` is loaded, so a new part needs no registration.
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
    """Return a projection's plastic synapses on a rank; NetworkError if no part implements its rule."""
    by_rule_type = {part.rule_type: part for part in all_parts()}
    rule_type = type(context.projection.plasticity)
    for base in rule_type.__mro__:  # from the rule's own class to its most general base
        if base in by_rule_type:
            return by_rule_type[base](context)
    subject = f"{context.projection.name}: plasticity"
    limit = f"derived from one of {', '.join(sorted(base.__name__ for base in by_rule_type))}"
    raise NetworkError(must_be(subject, limit, rule_type.__name__, "Derive its class from one."))


def all_parts() -> Iterator[type[AnyPart]]:
    """Yield the classes of all parts, both those in the folder and those defined in a user's file."""
    # Importing a file of the folder is what makes its class a subclass of PlasticPart.
    for _ in _modules_of(parts):
        pass
    unvisited: list[type[AnyPart]] = PlasticPart.__subclasses__()
    while unvisited:
        part = unvisited.pop()
        if "rule_type" in vars(part):  # not inherited: a subclass alone does not replace a part
            yield part
        unvisited += part.__subclasses__()


def kernels_of(network: Network) -> list[str | Kernel]:
    """Return the modules and kernels to compile for the plastic synapses of a network."""
    rules = [p.plasticity for p in network.projections if p.plasticity is not None]
    if not rules:
        return []
    # Modules without kernels of their own, such as tables of constants, are left out.
    modules = [module.__name__ for module in _modules_of(plastic) if _has_kernels(module)]
    kernels = {id(kernel): kernel for rule in rules for kernel in rule.kernels().values()}
    return [*modules, *kernels.values()]


def _modules_of(package: ModuleType) -> Iterator[ModuleType]:
    for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(info.name)


def _has_kernels(module: ModuleType) -> bool:
    items = vars(module).values()
    return any(isinstance(item, Kernel) and item.module == module.__name__ for item in items)
