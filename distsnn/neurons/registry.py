"""Finds neuron models: those of this folder by name, a user's own by path."""

from __future__ import annotations

import dataclasses
import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

from distsnn.errors import NetworkError
from distsnn.kernels import Kernel
from distsnn.kernels.compile.file_modules import chosen, import_file
from distsnn.kernels.neuron.driver import STATE_DTYPES

NEEDED = (
    "receptors", "states", "units", "weight_unit", "positive", "offsets", "initial", "constants",
)  # fmt: skip


def all_models() -> dict[str, type]:
    """Return the models of this folder, name -> class, sorted by name."""
    found: dict[str, type] = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem != "__init__":
            module = importlib.import_module(f"distsnn.neurons.{path.stem}")
            found.update(models_of(module))
    return dict(sorted(found.items()))


def load_model(path_or_name: str | Path) -> type:
    """Return the model class of that name, or the one that the file at that path defines.

    A path ends in ``.py``; ``path.py:Name`` chooses among several models in one file. The file is a
    program and is executed. The same file gives the same class however often it is loaded, and a new
    one once its text has changed. Raises NetworkError for a name that does not exist and for a file
    that is not a model, InputFileError for a file that cannot be read.
    """
    text = str(path_or_name)
    path, _, wanted = text.partition(".py:")
    if not wanted and not text.endswith(".py"):
        models = all_models()
        if text not in models:
            raise NetworkError(
                f"model {text!r}: not found, limit {', '.join(models)} or the path of a .py file. "
                "Check the spelling."
            )
        return models[text]
    path = f"{path}.py" if wanted else text
    thing = f"model file {path}"
    found = models_of(import_file(Path(path), "distsnn_model", "model file"))
    what = "A model is a dataclass in a file that ends with advance = driver(...)."
    model: type = chosen(thing, found, wanted, what)
    require_complete(model)
    return model


def models_of(module: ModuleType) -> dict[str, type]:
    """Return the models that a module defines: its dataclasses with states and a kernel.

    The kernel is the class's or the module's.
    """
    has_kernels = any(isinstance(item, Kernel) for item in vars(module).values())
    return {
        name: item
        for name, item in vars(module).items()
        if isinstance(item, type)
        and dataclasses.is_dataclass(item)
        and item.__module__ == module.__name__
        and hasattr(item, "states")
        and (has_kernels or isinstance(getattr(item, "advance", None), Kernel))
    }


def require_complete(model: type) -> None:
    """Raise NetworkError where a model's class lacks what the simulator asks it for."""
    missing = [name for name in NEEDED if not hasattr(model, name)]
    if missing:
        raise NetworkError(
            f"model {model.__name__}: lacks {', '.join(missing)}, limit all of "
            f"{', '.join(NEEDED)}. Add them to the class."
        )
    states: Any = model.states  # type: ignore[attr-defined]
    wrong = (
        {}
        if isinstance(states, property)
        else {name: dtype for name, dtype in states.items() if dtype not in STATE_DTYPES}
    )
    if wrong:
        raise NetworkError(
            f"model {model.__name__}: states {wrong}, limit {' or '.join(STATE_DTYPES)}. "
            "Choose one of these types."
        )
