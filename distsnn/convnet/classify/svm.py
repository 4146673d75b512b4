"""A linear classifier on features: one binary support vector machine per class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from distsnn.checks import must_be
from distsnn.convnet.classify.scaling import Scaling, scaling_of
from distsnn.convnet.readout import Block
from distsnn.convnet.settings import SvmSettings
from distsnn.errors import UsageError
from distsnn.kernels.conv.svm import (
    BIAS,
    KAPPA,
    LANES,
    MAX_VIOLATION,
    N_CHANGED,
    N_NUMBERS,
    descend,
    measure,
    outputs,
)
from distsnn.random_streams import generator

AT_ONCE = 4096  # samples of one call of compiled code
FULL_EPOCH_EVERY = 5  # epochs; in the others, samples that have long been unchanged are left out

Report = Callable[[int, float], None]


@dataclass
class Classifier:
    """The result of ``fit``: u float32 [classes, columns], of_class float64 [classes, 4].

    Columns are padded to a multiple of 128; see ``kernels/conv/svm.py`` for what they hold. n_epochs:
    passes over the samples; n_support: samples on the wrong side of a margin, or on it.
    """

    u: np.ndarray
    of_class: np.ndarray
    n_epochs: int = 0
    n_support: int = 0

    def __post_init__(self) -> None:
        u, of_class = self.u, self.of_class
        if not _is_finite(u, np.float32) or u.shape[1] % LANES:
            limit = f"finite float32 [classes, a multiple of {LANES}]"
            raise UsageError(must_be("classifier: u", limit, u, "Fit one."))
        if not _is_finite(of_class, np.float64) or of_class.shape != (len(u), N_NUMBERS):
            limit = f"finite float64 [{len(u)}, {N_NUMBERS}]"
            raise UsageError(must_be("classifier: of_class", limit, of_class, "Fit one."))

    def outputs(self, samples: np.ndarray) -> np.ndarray:
        """Return float64 [samples, classes]: w x + b, positive on the side of the class.

        samples: int16 [n, columns], of the columns that it was fitted to. Raises UsageError.
        """
        is_right = isinstance(samples, np.ndarray) and samples.dtype == np.int16
        is_right = is_right and samples.ndim == 2
        if not is_right or padded_columns(samples.shape[1]) != self.u.shape[1]:
            limit = f"int16 [n, columns] for the classifier's {self.u.shape[1]}"
            raise UsageError(must_be("classifier: samples", limit, samples, "Give its features."))
        padded = pad_columns(samples)
        values = np.empty((len(samples), len(self.u)))
        room = np.empty(padded.shape[1], np.float32), np.empty(LANES, np.float32)
        outputs(padded, self.u, self.of_class, values, *room)
        return values

    def classes(self, samples: np.ndarray) -> np.ndarray:
        """Return the class of each sample, int64; the first of equal outputs wins."""
        return np.argmax(self.outputs(samples), axis=1)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return plain arrays to store."""
        numbers = np.array([self.n_epochs, self.n_support], dtype=np.int64)
        return {"u": self.u, "of_class": self.of_class, "numbers": numbers}

    @classmethod
    def from_arrays(cls, arrays: Any) -> Classifier:
        """Read arrays as ``arrays`` returns them."""
        return cls(arrays["u"], arrays["of_class"], *(int(n) for n in arrays["numbers"]))


def _is_finite(array: Any, dtype: type) -> bool:
    is_table = isinstance(array, np.ndarray) and array.ndim == 2 and array.dtype == dtype
    return is_table and bool(np.isfinite(array).all())


def padded_columns(n_columns: int) -> int:
    """Return the next multiple of 128."""
    return n_columns + -n_columns % LANES


def pad_columns(samples: np.ndarray) -> np.ndarray:
    """Return int16 samples with columns of 0 up to a multiple of 128."""
    n_more = padded_columns(samples.shape[1]) - samples.shape[1]
    if n_more:
        samples = np.pad(samples, ((0, 0), (0, n_more)))
    return np.ascontiguousarray(samples)


def fit(
    samples: np.ndarray,
    labels: np.ndarray,
    n_classes: int,
    blocks: Sequence[tuple[Block, int]],
    settings: SvmSettings,
    seed: int,
    report: Report = lambda n, violation: None,
) -> Classifier:
    """Return the binary classifiers of all classes, each of its class against the rest.

    samples: int16 [n, columns]; labels: int [n]; blocks: each with its number of columns. report(epoch,
    largest violation) is called after each epoch over all samples. Raises UsageError.
    """
    _require_samples(samples, labels, n_classes, sum(n for _, n in blocks))
    scaling = scaling_of(samples, blocks)
    if settings.solver == "sklearn":
        return _fit_sklearn(samples, labels, n_classes, scaling, settings, seed)
    return _descended(pad_columns(samples), labels, n_classes, scaling, settings, seed, report)


def _descended(
    samples: np.ndarray,
    labels: np.ndarray,
    n_classes: int,
    scaling: Scaling,
    settings: SvmSettings,
    seed: int,
    report: Report,
) -> Classifier:
    """Fit by dual coordinate descent. samples: with padded columns."""
    n, n_columns = samples.shape
    classifier = Classifier(
        np.zeros((n_classes, n_columns), np.float32), np.zeros((n_classes, N_NUMBERS))
    )
    order = np.arange(n, dtype=np.int32)
    alpha = np.zeros((n, n_classes), dtype=np.float32)
    gain, drop, constants, cross, squares = _measured(samples, scaling, settings.c)
    run = descend.bind(
        order, samples, labels.astype(np.int32), classifier.u, gain, drop, constants, cross, squares,
        alpha, np.zeros((n, n_classes), dtype=np.uint8), classifier.of_class,
        np.empty(n_columns, dtype=np.float32), np.empty(LANES, dtype=np.float32),
    )  # fmt: skip
    rng = generator(seed, "sdnn order of samples")
    for epoch in range(settings.epochs):
        # A new order of samples in each epoch, as the convergence proof of Hsieh et al. assumes.
        order[:] = rng.permutation(n)
        classifier.of_class[:, [MAX_VIOLATION, N_CHANGED]] = 0.0
        # Shrinking: only full epochs visit samples that have long been unchanged.
        is_full = epoch % FULL_EPOCH_EVERY == 0
        for first in range(0, n, AT_ONCE):
            run(first, min(n, first + AT_ONCE), int(is_full))
        classifier.n_epochs = epoch + 1
        # Stops if the optimality conditions hold within the tolerance for all classes.
        violation = float(classifier.of_class[:, MAX_VIOLATION].max())
        if is_full:
            report(epoch + 1, violation)
            if violation < settings.tolerance:
                break
    classifier.n_support = int((alpha > 0).any(axis=1).sum())
    return classifier


def _measured(samples: np.ndarray, scaling: Scaling, c: float) -> tuple[np.ndarray, ...]:
    """Return what the descent needs of the samples: gain, drop, constants, cross, squares."""
    n, n_columns = samples.shape
    shift, scale = np.zeros((2, n_columns), dtype=np.float32)
    shift[: scaling.shift.size], scale[: scaling.scale.size] = scaling.shift, scaling.scale
    # x = (n - shift) scale: gain = scale^2, drop = scale^2 shift
    gain = scale * scale
    drop = gain * shift
    cross, squares = np.empty(n), np.empty(n)
    measure(samples, gain, drop, cross, squares)
    cross_of_shift = float((drop.astype(np.float64) * shift).sum())
    squares += cross_of_shift + 1.0  # |x|^2 + 1 = sum of scale^2 (n - shift)^2 + 1
    constants = np.array([0.5 / c, cross_of_shift], dtype=np.float32)
    return gain, drop, constants, cross, squares


def _require_samples(
    samples: np.ndarray, labels: np.ndarray, n_classes: int, n_columns: int
) -> None:
    """Raise UsageError unless samples and labels are those that ``fit`` takes."""
    is_right = isinstance(samples, np.ndarray) and samples.dtype == np.int16
    if not is_right or samples.ndim != 2 or samples.shape[1] != n_columns or not len(samples):
        limit = f"int16 [n, {n_columns}], the columns of all blocks"
        raise UsageError(must_be("classifier: samples", limit, samples, "Give features."))
    is_right = isinstance(labels, np.ndarray) and labels.dtype.kind in "iu"
    if (
        not is_right
        or labels.shape != (len(samples),)
        or not (labels.min() >= 0 and labels.max() < n_classes)
    ):
        limit = f"whole numbers [{len(samples)}] from 0 to {n_classes - 1}"
        raise UsageError(must_be("classifier: labels", limit, labels, "Give numbers of classes."))


def _fit_sklearn(
    samples: np.ndarray,
    labels: np.ndarray,
    n_classes: int,
    scaling: Scaling,
    settings: SvmSettings,
    seed: int,
) -> Classifier:
    """Fit with scikit-learn's LinearSVC."""
    from sklearn.svm import LinearSVC

    # x = (n - shift) scale
    scaled = (samples.astype(np.float32) - scaling.shift) * scaling.scale
    solver = LinearSVC(C=settings.c, tol=settings.tolerance * 1e-2, random_state=seed % 2**32)
    solver.fit(scaled, labels)
    w = np.zeros((n_classes, samples.shape[1]))
    b = np.full(n_classes, -1.0)
    if n_classes == 2:  # one classifier for both
        w[0], w[1] = -solver.coef_[0], solver.coef_[0]
        b[0], b[1] = -solver.intercept_[0], solver.intercept_[0]
    else:
        w[solver.classes_], b[solver.classes_] = solver.coef_, solver.intercept_
    # w x + b = sum of u n - kappa + b, with x = (n - shift) scale.
    u = (w * scaling.scale).astype(np.float32)
    of_class = np.zeros((n_classes, N_NUMBERS))
    of_class[:, KAPPA] = u.astype(np.float64) @ scaling.shift
    of_class[:, BIAS] = b
    # Columns of 0 up to whole lanes.
    n_more = -u.shape[1] % LANES
    return Classifier(np.pad(u, ((0, 0), (0, n_more))), of_class, int(np.max(solver.n_iter_)))
