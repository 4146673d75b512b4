"""A training on disk: finished pieces as plain arrays, each of them whole.

settings.json    what is trained, on what
layer-NAME.npz   a layer that has learned; layer-NAME.part.npz one that is learning
features/N.npz   features of a block of training images; removed when the classifiers are there
svm-NAME.npz     the classifier of a read-out
report.json      what came of it
eval.json        what came of the last evaluation
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.errors import InputFileError, UsageError
from distsnn.outputs import SDNN, OutputFolder, json_bytes, npz_bytes, write_file
from distsnn.outputs.files import writing


class RunFolder:
    """The folder of one training."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._own: OutputFolder | None = None

    def claim(
        self,
        about: Mapping[str, Any],
        restart: bool = False,
        claimed: OutputFolder | None = None,
    ) -> None:
        """Take the folder for a training until ``close``.

        claimed: the folder, if the caller has taken it already. Raises UsageError if the folder
        holds another training and is not to be restarted, OutputFileError if it cannot be written,
        holds something else, or belongs to another process.
        """
        self._own = None if claimed is not None else OutputFolder(self.path, SDNN)
        try:
            self._require_same(about, restart)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let other processes write into the folder."""
        if self._own is not None:
            self._own.close()
            self._own = None

    def begin(self, about: Mapping[str, Any], restart: bool = False) -> None:
        """Write down what is trained, unless the folder holds a part of it already.

        restart: remove what an older training has left.
        """
        if restart:
            self._clear()
        if not self.has("settings.json"):
            self.write_json("settings.json", about)

    def _require_same(self, about: Mapping[str, Any], restart: bool) -> None:
        if self.has("settings.json") and not restart:
            before = self.about()
            different = [name for name in about if before.get(name) != about[name]]
            if different:
                raise UsageError(
                    f"{self.path}: holds a training with other {', '.join(different)}, limit the "
                    "same one. Choose another folder, or add --restart."
                )

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

    def write_json(
        self, name: str, content: Mapping[str, Any], path: Path | None = None
    ) -> None:
        """Write a JSON file of the folder; path: where to, if it is put in place later."""
        write_file(path or self.path / name, json_bytes(content))

    def has(self, name: str) -> bool:
        """Return whether a piece is there."""
        return (self.path / name).exists()

    def save(self, name: str, arrays: Mapping[str, np.ndarray]) -> None:
        """Write a piece."""
        path = self.path / name
        with writing(path):
            path.parent.mkdir(exist_ok=True)
        write_file(path, npz_bytes(arrays))

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
