"""Pieces that an earlier, stopped run of the same training has left in its folder."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from distsnn.convnet.classify import extraction, svm
from distsnn.convnet.engine.network import ConvNetwork
from distsnn.convnet.readout import parse_readouts
from distsnn.convnet.train.run_folder import RunFolder
from distsnn.convnet.train.run_pieces import Shapes, require_features, require_same_chip


class Kept:
    """Reads the pieces of a folder as parts of a network. Rank 0 only; raises InputFileError."""

    def __init__(self, folder: RunFolder, network: ConvNetwork, n_classes: int) -> None:
        self._folder, self._network = folder, network
        first = network.layers[0]
        self._shapes = Shapes(network.settings, first.height, first.width, n_classes)

    def layer(self, name: str, pieces: tuple[str, str]) -> Mapping[str, np.ndarray] | None:
        """Return the state of a layer from the first of the pieces that exists, None without one."""
        piece = next((piece for piece in pieces if self._folder.has(piece)), None)
        if piece is None:
            return None
        path, state = self._folder.path / piece, self._folder.load(piece)
        self._shapes.layer(path, name, state)
        require_same_chip(path, state, self._network.plan.chip)
        return state

    def features(self, ids: np.ndarray, n_columns: int) -> dict[int, dict[str, np.ndarray]]:
        """Return the features that exist, by number of the block of images."""
        n_connections = len(self._network.counts.per_image)
        kept = {}
        for number in range(-(-len(ids) // extraction.BLOCK)):
            name = f"features/{number:05}.npz"
            if self._folder.has(name):
                path, piece = self._folder.path / name, self._folder.load(name)
                # The last block may be shorter.
                n_images = min(extraction.BLOCK, len(ids) - number * extraction.BLOCK)
                require_features(path, piece, n_images, n_columns, n_connections)
                require_same_chip(path, piece, self._network.plan.chip)
                kept[number] = piece
        return kept

    def classifiers(self) -> dict[str, svm.Classifier]:
        """Return the classifiers that exist, by read-out."""
        kept = {}
        for name in parse_readouts(self._network.settings):
            piece = f"svm-{name}.npz"
            if self._folder.has(piece):
                arrays = self._folder.load(piece)
                self._shapes.classifier(self._folder.path / piece, name, arrays)
                kept[name] = svm.Classifier.from_arrays(arrays)
        return kept
