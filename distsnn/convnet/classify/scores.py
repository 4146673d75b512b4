"""Accuracy and confusion matrix of a classifier."""

from __future__ import annotations

from typing import Any

import numpy as np

from distsnn.convnet.images.image_set import ImageSet


def score(predicted: np.ndarray, data: ImageSet) -> dict[str, Any]:
    """Return accuracy in percent and the confusion, rows: true class, columns: predicted class."""
    n = len(data.classes)
    confusion = np.zeros((n, n), dtype=np.int64)
    # confusion[true class, predicted class]
    np.add.at(confusion, (data.labels, predicted), 1)
    accuracy = 100.0 * float(np.trace(confusion)) / max(1, len(data))
    return {"accuracy": accuracy, "confusion": confusion.tolist()}
