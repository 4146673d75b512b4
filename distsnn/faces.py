"""The face of a package: public names, each loaded when it is first used.

Importing a package then costs nothing, and ``distsnn.comm.launch.environment`` can be called before
numpy is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def lazy_face(
    package: str, names_of_module: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return ``__getattr__``, ``__dir__`` and ``__all__`` of a package.

    names_of_module: public names by the module that defines them, relative to the package
    (``".folder.file"``) or absolute.
    """
    module_of = {name: module for module, names in names_of_module.items() for name in names}
    public = sorted(module_of)

    def load(name: str) -> Any:
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(module_of[name], package), name)

    return load, lambda: public, public
