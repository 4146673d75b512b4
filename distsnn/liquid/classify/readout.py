"""Linear read-outs. Ridge regression is solved in dual variables, by inner products of recordings.

The Gram matrix [n, n] of the features of n recordings is computed once; every training set, test set
and regularisation takes rows and columns of it. There is one target per class, 1 for recordings of
the class and 0 for others; features and targets are centred on the training set; lambda = alpha
times the mean squared norm of the centred training features.

Source: Saunders, Gammerman & Vovk 1998, ICML (ridge regression in dual variables).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import UsageError

BLOCK = 4096  # features that are multiplied together
KINDS = ("ridge", "logistic", "svm")


@dataclass(frozen=True)
class Readout:
    """scores = features @ weights + bias. weights: float32 [features, classes]; bias [classes]."""

    weights: np.ndarray
    bias: np.ndarray

    def scores(self, features: np.ndarray) -> np.ndarray:
        """Return the score of each class, float64 [recordings, classes]."""
        total = np.zeros((features.shape[0], self.bias.size))
        for first in range(0, features.shape[1], BLOCK):
            part = slice(first, first + BLOCK)
            # In blocks of features: float32 products, float64 sums.
            total += features[:, part] @ self.weights[part]
        return total + self.bias

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Return the number of the class with the highest score, int64 [recordings]."""
        return self.scores(features).argmax(axis=1)


def gram_matrix(features: np.ndarray) -> np.ndarray:
    """Return the inner products of all pairs of recordings, float64 [n, n]."""
    n = features.shape[0]
    gram = np.zeros((n, n))
    for first in range(0, features.shape[1], BLOCK):
        part = np.ascontiguousarray(features[:, first : first + BLOCK])
        gram += part @ part.T
    return gram


def targets_of(labels: np.ndarray, n_classes: int) -> np.ndarray:
    """Return 1 for the class of each recording and 0 for others, float64 [n, n_classes]."""
    return np.eye(n_classes)[labels]


def dual_weights(gram: np.ndarray, targets: np.ndarray, alpha: float) -> np.ndarray:
    """Return the weight of each training recording in each class, float64 [n, classes].

    gram: of the training recordings, not centred. The columns sum to 0 after centring.
    """
    # H G H with H = I - 11'/n: the inner products of centred features.
    # Row means of G; G is symmetric.
    mean = gram.mean(axis=0)
    centred = gram - mean - mean[:, None] + mean.mean()
    # Mean squared norm of the centred features.
    trace = float(np.trace(centred)) / gram.shape[0]
    if not trace > 0.0:
        return np.zeros_like(targets)
    centred[np.diag_indices_from(centred)] += alpha * trace
    # (H G H + lambda I) a = H Y
    dual = np.linalg.solve(centred, targets - targets.mean(axis=0))
    return dual - dual.mean(axis=0)


def dual_scores(
    gram: np.ndarray, targets: np.ndarray, train: np.ndarray, test: np.ndarray, alpha: float
) -> np.ndarray:
    """Return the scores of the recordings ``test`` after training on ``train`` (indices)."""
    inner = gram[np.ix_(train, train)]
    dual = dual_weights(inner, targets[train], alpha)
    # Scores of tests: inner products with the training recordings, times the dual weights.
    # bias = mean target - mean features w
    bias = targets[train].mean(axis=0) - inner.mean(axis=0) @ dual
    return gram[np.ix_(test, train)] @ dual + bias


def fit_ridge(
    features: np.ndarray, gram: np.ndarray, labels: np.ndarray, n_classes: int, alpha: float
) -> Readout:
    """Return the ridge read-out trained on all recordings."""
    targets = targets_of(labels, n_classes)
    dual = dual_weights(gram, targets, alpha)
    # w = sum over recordings of dual weight times features.
    weights = np.empty((features.shape[1], n_classes), dtype=np.float32)
    for first in range(0, features.shape[1], BLOCK):
        part = slice(first, first + BLOCK)
        weights[part] = features[:, part].T.astype(np.float64) @ dual
    bias = targets.mean(axis=0) - gram.mean(axis=0) @ dual
    return Readout(weights, bias)


def fit_sklearn(
    kind: str, features: np.ndarray, labels: np.ndarray, n_classes: int, strength: float
) -> Readout:
    """Return a ``logistic`` or ``svm`` read-out by scikit-learn; ``strength`` is its C.

    Features are divided by their root mean square norm, and the weights again.
    """
    model = _sklearn_model(kind, strength)
    # Root mean square norm 1, so that C means the same for any number of features.
    scale = max(float(np.sqrt((features.astype(np.float64) ** 2).sum(axis=1).mean())), 1e-30)
    model.fit(features / np.float32(scale), labels)
    coefficients, intercept = np.asarray(model.coef_), np.asarray(model.intercept_)
    if coefficients.shape[0] == 1:  # two classes: one score, for the second
        coefficients = np.concatenate([-coefficients, coefficients])
        intercept = np.concatenate([-intercept, intercept])
    weights = np.zeros((features.shape[1], n_classes), dtype=np.float32)
    # A class without a training recording is never predicted.
    bias = np.full(n_classes, -np.inf)
    present = np.asarray(model.classes_)
    weights[:, present], bias[present] = (coefficients / scale).T, intercept
    return Readout(weights, bias)


def _sklearn_model(kind: str, strength: float) -> Any:
    if kind not in KINDS[1:]:
        raise UsageError(
            must_be("read-out: kind", f"one of {', '.join(KINDS)}", kind, "Choose one.")
        )
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    if kind == "svm":
        return LinearSVC(C=strength, dual=True, max_iter=5000, random_state=0)
    return LogisticRegression(C=strength, max_iter=500)
