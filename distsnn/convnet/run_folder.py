"""A training on disk: finished pieces as plain arrays, each written beside and renamed.

Each piece holds a digest of its arrays, its name and the training that settings.json describes, and
each report one of its content, so that nothing that was changed, or belongs to another training, is
taken for this one's.

settings.json    what is trained, on what
layer-NAME.npz   a layer that has learned; layer-NAME.part.npz one that is learning
features/N.npz   features of a block of training images; removed when the classifiers are there
svm-NAME.npz     the classifier of a read-out
report.json      what came of it
eval.json        what came of the last evaluation
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.convnet.run_pieces import AGAIN, require_about
from distsnn.errors import InputFileError, OutputFileError, UsageError
from distsnn.input_files.limits import printable, refused
from distsnn.input_files.numpy_files import read_npz
from distsnn.input_files.whole import read_json

DIGEST, CHECKSUM = "digest", "checksum"


def _digest_of_json(content: Any) -> str:
    """Return a digest of content as it is after writing and reading it."""
    text = json.dumps(json.loads(json.dumps(content)), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class RunFolder:
    """The folder of one training."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._training = ""  # digest of what settings.json says

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
        self._training = _digest_of_json(about)

    def _clear(self) -> None:
        """Remove what a training has left, and nothing else."""
        for pattern in ("settings.json", "report.json", "eval.json", "layer-*.npz", "svm-*.npz"):
            for path in self.path.glob(pattern):
                path.unlink()
        self.drop_features()

    def about(self) -> dict[str, Any]:
        """Return what settings.json says. Raises InputFileError."""
        path = self.path / "settings.json"
        if not os.path.lexists(path):
            raise InputFileError(
                f"{printable(self.path)}: has no settings.json, limit a folder made by sdnn train. "
                "Train first."
            )
        found = read_json(path)
        require_about(path, found)
        self._training = _digest_of_json(found)
        return found

    def read_json(self, name: str) -> dict[str, Any]:
        """Return a report of the folder. Raises InputFileError."""
        path = self.path / name
        content = read_json(path)
        if content.pop(CHECKSUM, None) != _digest_of_json([self._of_training(), name, content]):
            raise refused(path, "the report that this training wrote", "another checksum", AGAIN)
        return content

    def write_json(self, name: str, content: Mapping[str, Any]) -> None:
        """Write a JSON file of the folder."""
        whole = dict(content)
        if name != "settings.json":
            whole[CHECKSUM] = _digest_of_json([self._of_training(), name, content])
        text = json.dumps(whole, indent=1, allow_nan=False) + "\n"
        self._replace(name, lambda temporary: temporary.write_text(text))

    def has(self, name: str) -> bool:
        """Return whether a piece is there."""
        return (self.path / name).exists()

    def save(self, name: str, arrays: Mapping[str, np.ndarray]) -> None:
        """Write a piece."""
        digest = self._digest_of_piece(name, arrays)

        def write(temporary: Path) -> None:
            with open(temporary, "wb") as file:
                np.savez(file, **arrays, **{DIGEST: np.array(digest)})  # type: ignore[arg-type]

        self._replace(name, write)

    def load(self, name: str) -> dict[str, np.ndarray]:
        """Read a piece. Raises InputFileError."""
        path = self.path / name
        arrays = read_npz(path)
        digest = arrays.pop(DIGEST, None)
        if digest is None or str(digest) != self._digest_of_piece(name, arrays):
            limit = "a piece of the training in settings.json, as it was written"
            raise refused(path, limit, "another digest", AGAIN)
        return arrays

    def _of_training(self) -> str:
        """Return the digest of what settings.json says."""
        if not self._training:
            self.about()
        return self._training

    def _digest_of_piece(self, name: str, arrays: Mapping[str, np.ndarray]) -> str:
        digest = hashlib.sha256(f"{self._of_training()}\n{name}\n".encode())
        for key in sorted(arrays):
            array = np.asarray(arrays[key])
            digest.update(f"{key} {array.dtype.str} {array.shape}\n".encode())
            digest.update(array.tobytes())
        return digest.hexdigest()[:32]

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
