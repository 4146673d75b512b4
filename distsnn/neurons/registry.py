"""Finds neuron models: those of this folder by name, a user's own by path."""

from __future__ import annotations

import dataclasses
import importlib
from pathlib import Path
from types import ModuleType

from distsnn.checks import must_be
from distsnn.errors import NetworkError
from distsnn.kernels import Kernel
from distsnn.kernels.compile.file_modules import chosen, import_file
from distsnn.neurons.model import KERNEL, NeuronModel, require_complete


def all_models() -> dict[str, type[NeuronModel]]:
    """Return the models of this folder, name -> class, sorted by name."""
    models: dict[str, type[NeuronModel]] = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem != "__init__":
            module = importlib.import_module(f"distsnn.neurons.{path.stem}")
            models.update(models_of(module))
    return dict(sorted(models.items()))


def load_model(path_or_name: str | Path) -> type[NeuronModel]:
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
            limit = f"one of {', '.join(models)} or the path of a .py file"
            raise NetworkError(must_be("model", limit, text, "Check the spelling."))
        return models[text]
    path = f"{path}.py" if wanted else text
    thing = f"model file {path}"
    models = models_of(import_file(Path(path), "distsnn_model", "model file"))
    how = "A model is a NeuronModel dataclass in a file that ends with advance = driver(...)."
    model = chosen(thing, models, wanted, how)
    require_complete(model)
    return model


def models_of(module: ModuleType) -> dict[str, type[NeuronModel]]:
    """Return the models that a module defines: its NeuronModel dataclasses that have a kernel.

    The kernel is the class's or the module's.
    """
    has_kernel = isinstance(vars(module).get(KERNEL), Kernel)
    return {
        name: item
        for name, item in vars(module).items()
        if isinstance(item, type)
        and issubclass(item, NeuronModel)
        and dataclasses.is_dataclass(item)
        and item.__module__ == module.__name__
        and (has_kernel or _has_kernel(item))
    }


def _has_kernel(model: type) -> bool:
    return any(isinstance(vars(base).get(KERNEL), Kernel) for base in model.__mro__)
