"""How well a classifier did: accuracy and confusion."""

from __future__ import annotations

from typing import Any

import numpy as np

from distsnn.convnet.images.image_set import ImageSet


def score(found: np.ndarray, data: ImageSet) -> dict[str, Any]:
    """Return accuracy in percent and the confusion, rows: true class, columns: found class."""
    n = len(data.classes)
    confusion = np.zeros((n, n), dtype=np.int64)
    np.add.at(confusion, (data.labels, found), 1)
    accuracy = 100.0 * float(np.trace(confusion)) / max(1, len(data))
    return {"accuracy": accuracy, "confusion": confusion.tolist()}
