"""A training on disk: finished pieces as plain arrays, each written whole or not at all.

Each piece holds a digest of its arrays, its name and the training that settings.json describes, and
each report a digest of its content, so that a file that was changed, or belongs to another training, is
refused.

settings.json    settings of the network, digests of the images
layer-NAME.npz   a layer that has learned; layer-NAME.part.npz one that is learning
features/N.npz   features of a block of training images; removed after the classifiers are fitted
svm-NAME.npz     the classifier of a read-out
report.json      report of the training
eval.json        report of the last evaluation
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

from distsnn.convnet.train.run_pieces import AGAIN, require_about
from distsnn.errors import InputFileError, UsageError
from distsnn.input_files.limits import printable, refused
from distsnn.input_files.numpy_files import read_npz
from distsnn.input_files.whole import read_json
from distsnn.outputs import SDNN, OutputFolder, json_bytes, npz_bytes, write_file, writing

DIGEST, CHECKSUM = "digest", "checksum"


def _digest_of_json(content: Any) -> str:
    """Return a digest of content in the form that it has after it was written and read."""
    # Written and read once: tuples become lists, keys become texts.
    text = json.dumps(json.loads(json.dumps(content)), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class RunFolder:
    """The folder of one training.

    restart: whether a new training removes what an older one has left. claimed: the folder, if the
    caller has locked it already.
    """

    def __init__(
        self, path: Path, restart: bool = False, claimed: OutputFolder | None = None
    ) -> None:
        self.path, self._restart, self._claimed = path, restart, claimed
        self._training = ""  # digest of the content of settings.json
        self._own: OutputFolder | None = None

    def claim(self, about: Mapping[str, Any]) -> None:
        """Lock the folder for a training until ``close``.

        Raises UsageError if the folder holds another training and is not to be restarted,
        OutputFileError if it cannot be written, holds something else, or is locked by another process.
        """
        self._own = None if self._claimed is not None else OutputFolder(self.path, SDNN)
        try:
            self._require_same(about)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Unlock the folder."""
        if self._own is not None:
            self._own.close()
            self._own = None

    def begin(self, about: Mapping[str, Any]) -> None:
        """Write settings.json, unless the folder holds a part of this training already."""
        if self._restart:
            self._clear()
        if not self.has("settings.json"):
            self.write_json("settings.json", about)
        # Each piece is bound to these settings by this digest.
        self._training = _digest_of_json(about)

    def _require_same(self, about: Mapping[str, Any]) -> None:
        if self.has("settings.json") and not self._restart:
            before = self.about()
            different = [name for name in about if before.get(name) != about[name]]
            if different:
                raise UsageError(
                    f"{printable(self.path)}: must be a folder of the same training, got one with "
                    f"other {', '.join(different)}. Choose another folder, or add --restart."
                )

    def _clear(self) -> None:
        """Remove the files of a training, and nothing else."""
        for pattern in ("settings.json", "report.json", "eval.json", "layer-*.npz", "svm-*.npz"):
            for path in self.path.glob(pattern):
                path.unlink()
        self.drop_features()

    def about(self) -> dict[str, Any]:
        """Return the content of settings.json. Raises InputFileError."""
        path = self.path / "settings.json"
        if not os.path.lexists(path):
            raise InputFileError(
                f"{printable(self.path)}: must be a folder made by sdnn train, got one without "
                "settings.json. Train first."
            )
        about = read_json(path)
        require_about(path, about)
        self._training = _digest_of_json(about)
        return about

    def read_json(self, name: str) -> dict[str, Any]:
        """Return a report of the folder. Raises InputFileError."""
        path = self.path / name
        content = read_json(path)
        if content.pop(CHECKSUM, None) != _digest_of_json([self._of_training(), name, content]):
            raise refused(path, "the report that this training wrote", "another checksum", AGAIN)
        return content

    def write_json(self, name: str, content: Mapping[str, Any], path: Path | None = None) -> None:
        """Write a JSON file of the folder. path: of a temporary file that is put in place later."""
        whole = dict(content)
        if name != "settings.json":
            whole[CHECKSUM] = _digest_of_json([self._of_training(), name, content])
        write_file(path or self.path / name, json_bytes(whole))

    def has(self, name: str) -> bool:
        """Return whether a piece exists."""
        return (self.path / name).exists()

    def save(self, name: str, arrays: Mapping[str, np.ndarray]) -> None:
        """Write a piece."""
        digest = self._digest_of_piece(name, arrays)
        path = self.path / name
        with writing(path):
            path.parent.mkdir(exist_ok=True)
        write_file(path, npz_bytes({**arrays, DIGEST: np.array(digest)}))

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
        """Return the digest of the content of settings.json."""
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
        """Remove a piece, if it exists."""
        (self.path / name).unlink(missing_ok=True)

    def drop_features(self) -> None:
        """Remove the features of the training images."""
        shutil.rmtree(self.path / "features", ignore_errors=True)
