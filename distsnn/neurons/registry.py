"""Finds neuron models: those of this folder by name, a user's own by path."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from distsnn.errors import InputFileError, NetworkError
from distsnn.kernels import Kernel
from distsnn.kernels.neuron_driver import STATE_DTYPES

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

    A path ends in ``.py``; ``path.py:Name`` chooses among several models in one file. The same
    file gives the same class however often it is loaded, and a new one once its text has changed.
    Raises NetworkError for a name that does not exist and for a file that is not a model,
    InputFileError for a file that cannot be read.
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
    models = models_of(_import_file(Path(path)))
    if len(models) != 1 and wanted not in models:
        raise NetworkError(
            f"model file {path}: defines {', '.join(models) or 'no model'}, limit one model"
            f"{' named ' + wanted if wanted else ''}. A model is a dataclass in a file that ends "
            "with advance = driver(...); name it as path.py:Name if there are several."
        )
    chosen = models[wanted] if wanted else next(iter(models.values()))
    require_complete(chosen)
    return chosen


def models_of(module: ModuleType) -> dict[str, type]:
    """Return the models that a module defines: its dataclasses with states, if it has kernels."""
    if not any(isinstance(item, Kernel) for item in vars(module).values()):
        return {}
    return {
        name: item
        for name, item in vars(module).items()
        if isinstance(item, type)
        and dataclasses.is_dataclass(item)
        and item.__module__ == module.__name__
        and hasattr(item, "states")
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


def _import_file(path: Path) -> ModuleType:
    """Import a file under a name that its text decides; the same text is imported once."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputFileError(
            f"model file {path}: cannot be read ({error.strerror}). Check the path."
        ) from error
    name = f"distsnn_model_{path.stem}_{hashlib.sha256(content).hexdigest()[:16]}"
    known = sys.modules.get(name)
    if known is not None and _still_has(str(known.__file__), content):
        return known
    specification = importlib.util.spec_from_file_location(name, path.resolve())
    if specification is None or specification.loader is None:
        raise InputFileError(f"model file {path}: is not a Python file. Name it with .py.")
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    try:
        specification.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise NetworkError(
            f"model file {path}: fails at import with {type(error).__name__}: {error}. "
            "Run it with python to see where."
        ) from error
    return module


def _still_has(file: str, content: bytes) -> bool:
    """Whether a file can be read and has this content: it is what will be compiled."""
    path = Path(file)
    return path.is_file() and path.read_bytes() == content
