"""A linear classifier on features: scaling of columns, and one machine for each class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from distsnn.checks import must_be
from distsnn.convnet.classify.readout import Block
from distsnn.convnet.settings import SvmSettings
from distsnn.errors import UsageError
from distsnn.kernels.conv.svm import (
    BIAS,
    KAPPA,
    LANES,
    MAX_VIOLATION,
    N_CHANGED,
    descend,
    measure,
    outputs,
)
from distsnn.kernels.numbers import stream_key

AT_ONCE = 4096  # samples between two looks at the clock
FULL_EPOCH_EVERY = 5  # passes; in the others samples that did not change for long are passed over
N_NUMBERS = 4  # of a class
MIN_SD = 0.05  # of the largest one of a block


@dataclass(frozen=True)
class Scaling:
    """x = (n - shift) * scale per column, float32 [columns]."""

    shift: np.ndarray
    scale: np.ndarray


def scaling_of(samples: np.ndarray, blocks: Sequence[tuple[Block, int]]) -> Scaling:
    """Return the scaling of int16 samples whose columns are ``blocks`` of so many columns.

    Potentials are centred and divided by their standard deviation; times and spikes are divided by
    it, those that vary little by 5 % of the largest. Each block gets the same mean square length,
    all together 1.
    """
    n = len(samples)
    total = samples.sum(axis=0, dtype=np.int64) / n
    square = np.zeros(samples.shape[1])
    for first in range(0, n, AT_ONCE):
        square += (samples[first : first + AT_ONCE].astype(np.float64) ** 2).sum(axis=0)
    square /= n
    sd = np.sqrt(np.maximum(square - total**2, 0.0))
    shift, scale = np.zeros_like(sd), np.zeros_like(sd)
    first = 0
    for block, n_columns in blocks:
        here = slice(first, first + n_columns)
        first += n_columns
        if block.what == "potential":
            shift[here] = total[here]
            scale[here] = np.where(sd[here] > 0, 1.0 / np.maximum(sd[here], 1e-12), 0.0)
            length = (sd[here] * scale[here]) ** 2
        else:
            scale[here] = 1.0 / max(1e-12, MIN_SD * sd[here].max(initial=0.0))
            scale[here] = np.minimum(scale[here], 1.0 / np.maximum(sd[here], 1e-12))
            length = square[here] * scale[here] ** 2
        scale[here] /= np.sqrt(max(1e-12, float(length.sum())) * len(blocks))
    return Scaling(shift.astype(np.float32), scale.astype(np.float32))


@dataclass
class Classifier:
    """What ``fit`` found: u float32 [classes, columns], of_class float64 [classes, 4]."""

    u: np.ndarray
    of_class: np.ndarray
    n_epochs: int = 0
    n_support: int = 0

    def __post_init__(self) -> None:
        for name, dtype, n_columns in (("u", np.float32, LANES), ("of_class", np.float64, 0)):
            found = getattr(self, name)
            is_array = isinstance(found, np.ndarray) and found.ndim == 2 and found.dtype == dtype
            is_right = is_array and (
                found.shape[1] % LANES == 0
                if n_columns
                else found.shape == (len(self.u), N_NUMBERS)
            )
            if not is_right or not np.isfinite(found).all():
                columns = f"a multiple of {LANES}" if n_columns else str(N_NUMBERS)
                limit = f"finite {np.dtype(dtype)} [classes, {columns}]"
                raise UsageError(must_be(f"classifier: {name}", limit, found, "Fit one."))

    def outputs(self, samples: np.ndarray) -> np.ndarray:
        """Return float64 [samples, classes]: how far each sample is on each class's side.

        samples: int16 [n, columns], as many columns as it was fitted to. Raises UsageError.
        """
        is_right = isinstance(samples, np.ndarray) and samples.dtype == np.int16
        is_right = is_right and samples.ndim == 2
        if not is_right or padded_columns(samples.shape[1]) != self.u.shape[1]:
            limit = f"int16 [n, columns] for the classifier's {self.u.shape[1]}"
            raise UsageError(must_be("classifier: samples", limit, samples, "Give its features."))
        padded = pad_columns(samples)
        found = np.empty((len(samples), len(self.u)))
        room = np.empty(padded.shape[1], np.float32), np.empty(LANES, np.float32)
        outputs(padded, self.u, self.of_class, found, *room)
        return found

    def classes(self, samples: np.ndarray) -> np.ndarray:
        """Return the class of each sample, int64; of equal outputs the first."""
        return np.argmax(self.outputs(samples), axis=1)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return plain arrays to store."""
        numbers = np.array([self.n_epochs, self.n_support], dtype=np.int64)
        return {"u": self.u, "of_class": self.of_class, "numbers": numbers}

    @classmethod
    def from_arrays(cls, arrays: Any) -> Classifier:
        """Read what ``arrays`` gave."""
        return cls(arrays["u"], arrays["of_class"], *(int(n) for n in arrays["numbers"]))


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
    say: Callable[[int, float], None] = lambda n, worst: None,
) -> Classifier:
    """Return the machines of all classes. samples: int16 [n, columns]; labels: int [n].

    say(pass, largest violation) is called after each pass over all samples.
    """
    _require_samples(samples, labels, n_classes, sum(n for _, n in blocks))
    scaling = scaling_of(samples, blocks)
    if settings.solver == "sklearn":
        return _fit_sklearn(samples, labels, n_classes, scaling, settings, seed)
    samples = pad_columns(samples)
    n, n_columns = samples.shape
    shift, scale = np.zeros((2, n_columns), dtype=np.float32)
    shift[: scaling.shift.size], scale[: scaling.scale.size] = scaling.shift, scaling.scale
    gain = scale * scale
    drop = gain * shift
    cross, squares = np.empty(n), np.empty(n)
    measure(samples, gain, drop, cross, squares)
    cross_of_shift = float((drop.astype(np.float64) * shift).sum())
    squares += cross_of_shift + 1.0
    found = Classifier(
        np.zeros((n_classes, n_columns), np.float32), np.zeros((n_classes, N_NUMBERS))
    )
    order = np.arange(n, dtype=np.int32)
    alpha = np.zeros((n, n_classes), dtype=np.float32)
    run = descend.bind(
        order, samples, labels.astype(np.int32), found.u, gain, drop,
        np.array([0.5 / settings.c, cross_of_shift], dtype=np.float32), cross, squares, alpha,
        np.zeros((n, n_classes), dtype=np.uint8), found.of_class,
        np.empty(n_columns, dtype=np.float32), np.empty(LANES, dtype=np.float32),
    )  # fmt: skip
    rng = np.random.Generator(np.random.Philox(key=stream_key(seed, "sdnn order of samples")))
    for number in range(settings.epochs):
        order[:] = rng.permutation(n)
        found.of_class[:, [MAX_VIOLATION, N_CHANGED]] = 0.0
        visits_all = number % FULL_EPOCH_EVERY == 0
        for first in range(0, n, AT_ONCE):
            run(first, min(n, first + AT_ONCE), int(visits_all))
        found.n_epochs = number + 1
        worst = float(found.of_class[:, MAX_VIOLATION].max())
        if visits_all:
            say(number + 1, worst)
            if worst < settings.tolerance:
                break
    found.n_support = int((alpha > 0).any(axis=1).sum())
    return found


def _require_samples(
    samples: np.ndarray, labels: np.ndarray, n_classes: int, n_columns: int
) -> None:
    """Raise UsageError unless samples and labels are what ``fit`` says."""
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
    """Let scikit-learn's LinearSVC find the machines."""
    try:
        from sklearn.svm import LinearSVC
    except ImportError as error:
        raise UsageError(
            "svm.solver: sklearn is not installed, limit installed packages. "
            "Run pip install scikit-learn, or use the solver own."
        ) from error
    scaled = (samples.astype(np.float32) - scaling.shift) * scaling.scale
    machine = LinearSVC(C=settings.c, tol=settings.tolerance * 1e-2, random_state=seed % 2**32)
    machine.fit(scaled, labels)
    w = np.zeros((n_classes, samples.shape[1]))
    b = np.full(n_classes, -1.0)
    if n_classes == 2:
        w[0], w[1] = -machine.coef_[0], machine.coef_[0]
        b[0], b[1] = -machine.intercept_[0], machine.intercept_[0]
    else:
        w[machine.classes_], b[machine.classes_] = machine.coef_, machine.intercept_
    u = (w * scaling.scale).astype(np.float32)
    of_class = np.zeros((n_classes, N_NUMBERS))
    of_class[:, KAPPA] = u.astype(np.float64) @ scaling.shift
    of_class[:, BIAS] = b
    n_more = -u.shape[1] % LANES
    return Classifier(np.pad(u, ((0, 0), (0, n_more))), of_class, int(np.max(machine.n_iter_)))
