"""A training on disk: finished pieces as plain arrays, each written beside and renamed.

settings.json    what is trained, on what
layer-NAME.npz   a layer that has learned; layer-NAME.part.npz one that is learning
features/N.npz   features of a block of training images; removed when the classifiers are there
svm-NAME.npz     the classifier of a read-out
report.json      what came of it
eval.json        what came of the last evaluation
"""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.errors import InputFileError, OutputFileError, UsageError


class RunFolder:
    """The folder of one training."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self, about: Mapping[str, Any], restart: bool = False) -> None:
        """Take the folder for this training, or go on with the same one. Raises UsageError."""
        file = self.path / "settings.json"
        if restart:
            self._clear()
        if file.exists():
            before = self.about()
            different = [name for name in about if before.get(name) != about[name]]
            if different:
                raise UsageError(
                    f"{self.path}: holds a training with other {', '.join(different)}, limit the "
                    "same one. Choose another folder, or add --restart."
                )
            return
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputFileError(
                f"{self.path}: cannot be made a folder ({error.strerror}). Choose another place."
            ) from error
        self.write_json("settings.json", about)

    def _clear(self) -> None:
        """Remove what a training has left, and nothing else."""
        for pattern in ("settings.json", "report.json", "eval.json", "layer-*.npz", "svm-*.npz"):
            for path in self.path.glob(pattern):
                path.unlink()
        self.drop_features()

    def about(self) -> dict[str, Any]:
        """Return what settings.json says. Raises InputFileError."""
        return self.read_json("settings.json")

    def read_json(self, name: str) -> dict[str, Any]:
        """Return a JSON file of the folder. Raises InputFileError."""
        path = self.path / name
        try:
            content: dict[str, Any] = json.loads(path.read_text())
        except FileNotFoundError as error:
            raise InputFileError(
                f"{self.path}: has no {name}, limit a folder made by sdnn train. Train first."
            ) from error
        except (OSError, ValueError) as error:
            raise InputFileError(f"{path}: cannot be read ({error}). Train again.") from error
        return content

    def write_json(self, name: str, content: Mapping[str, Any]) -> None:
        """Write a JSON file of the folder."""
        text = json.dumps(content, indent=1, allow_nan=False) + "\n"
        self._replace(name, lambda temporary: temporary.write_text(text))

    def has(self, name: str) -> bool:
        """Return whether a piece is there."""
        return (self.path / name).exists()

    def save(self, name: str, arrays: Mapping[str, np.ndarray]) -> None:
        """Write a piece."""

        def write(temporary: Path) -> None:
            with open(temporary, "wb") as file:
                np.savez(file, **arrays)  # type: ignore[arg-type]

        self._replace(name, write)

    def load(self, name: str) -> dict[str, np.ndarray]:
        """Read a piece. Raises InputFileError."""
        path = self.path / name
        try:
            with np.load(path, allow_pickle=False) as content:
                return {key: content[key] for key in content.files}
        except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise InputFileError(
                f"{path}: cannot be read ({error}), limit a whole file. Remove it and train again."
            ) from error

    def drop(self, name: str) -> None:
        """Remove a piece, if it is there."""
        (self.path / name).unlink(missing_ok=True)

    def drop_features(self) -> None:
        """Remove the features of the training images."""
        shutil.rmtree(self.path / "features", ignore_errors=True)

    def _replace(self, name: str, write: Any) -> None:
        path = self.path / name
        temporary = path.with_name(f"{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(exist_ok=True)
            write(temporary)
            os.replace(temporary, path)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise OutputFileError(
                f"{path}: cannot be written ({error.strerror}). Make room, or choose another place."
            ) from error
