"""Cross-validation of the ridge read-out.

Recordings are divided in one of three ways: by speaker, by take, or at random within each class. The
regularisation is chosen for each test group, on its training recordings only.

With moved copies the Gram matrix has [copies x recordings] rows: the recordings, then one copy of
all of them after another. A read-out is trained on all copies of its training recordings and tested
on recordings only. The regularisation is multiplied by the number of copies, so that exact copies
would change nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from distsnn.liquid.classify.readout import dual_scores, targets_of
from distsnn.liquid.inputs.samples import Samples

ALPHAS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
N_FOLDS = 5
N_INNER = 3  # groups that the regularisation is chosen on
N_INNER_WITH_COPIES = 1  # with copies a trial takes about a hundred times as long
FIRST = 4  # index into ALPHAS at which the search begins


@dataclass(frozen=True)
class Division:
    """Groups of recordings, each tested once. group: int64 [recordings]; names: of the groups."""

    name: str
    group: np.ndarray
    names: tuple[str, ...]


@dataclass(frozen=True)
class Score:
    """Accuracy in percent: over all recordings, and of each group; predicted: int64."""

    division: Division
    accuracy: float
    of_group: tuple[float, ...]
    predicted: np.ndarray
    alphas: tuple[float, ...]


def divisions(samples: Samples) -> list[Division]:
    """Return the divisions that the recordings' names allow, the main one first."""
    items = samples.items
    divided = []
    takes = np.array([item.take for item in items])
    if takes.min() >= 0 and np.unique(takes).size >= N_FOLDS:
        # Consecutive takes form a fold.
        different, rank = np.unique(takes, return_inverse=True)
        fold = rank * N_FOLDS // different.size
        names = tuple(
            f"takes {different[rank[fold == k].min()]}-{different[rank[fold == k].max()]}"
            for k in range(N_FOLDS)
        )
        divided.append(Division("takes", fold.astype(np.int64), names))
    else:
        divided.append(_within_classes(samples))
    speakers = samples.speakers
    if len(speakers) >= 3:
        group = np.array([speakers.index(item.speaker) for item in items])
        divided.append(Division("new speakers", group, tuple(speakers)))
    return divided


def _within_classes(samples: Samples) -> Division:
    """Deal the recordings of each class to folds, in a random order that is the same for every run."""
    labels = np.array([item.label for item in samples.items])
    fold = np.empty(labels.size, dtype=np.int64)
    random = np.random.Generator(np.random.Philox(key=20020))
    smallest = min(int((labels == label).sum()) for label in samples.classes)
    n_folds = min(N_FOLDS, smallest)
    for label in samples.classes:
        # Round robin over folds: their sizes differ by at most 1 per class.
        members = random.permutation(np.flatnonzero(labels == label))
        fold[members] = np.arange(members.size) % n_folds
    return Division("folds", fold, tuple(f"fold {k + 1}" for k in range(n_folds)))


def choose_alpha(
    gram: np.ndarray, labels: np.ndarray, n_classes: int, group: np.ndarray, chosen: np.ndarray
) -> tuple[float, float]:
    """Return the alpha with the highest share right on a few groups of ``chosen``, and that share.

    chosen: int64, indices of recordings. Copies, if any, are in the training. The search climbs from
    the middle of ``ALPHAS``; of equally good values the larger is taken.
    """
    targets = _targets(gram, labels, n_classes)
    present = np.unique(group[chosen])
    if present.size < 2:
        return ALPHAS[FIRST], 0.0
    n_inner = min(N_INNER if copies_of(gram, labels) == 1 else N_INNER_WITH_COPIES, present.size)
    # A few groups spread evenly over all.
    tested = present[np.linspace(0, present.size - 1, n_inner).astype(int)]
    shares: dict[int, float] = {}

    def share(k: int) -> float:
        if k not in shares:
            right = n = 0
            for held_out in tested:
                is_test = group[chosen] == held_out
                train, test = chosen[~is_test], chosen[is_test]
                predicted = _predicted(gram, targets, train, test, ALPHAS[k], labels.size)
                right += int(np.count_nonzero(predicted == labels[test]))
                n += test.size
            shares[k] = right / n
        return shares[k]

    # Hill climbing on the grid of ALPHAS, up and down from the middle.
    share(FIRST)
    for direction in (1, -1):
        k = FIRST + direction
        # One step beyond the best so far: the share of the next value may be lower by chance.
        while 0 <= k < len(ALPHAS) and share(k) >= 0.0 and abs(k - _best(shares)) < 2:
            k += direction
    best = _best(shares)
    return ALPHAS[best], shares[best]


def _best(shares: dict[int, float]) -> int:
    """Return the index of the highest share, the largest of several."""
    return max(shares, key=lambda k: (shares[k], k))


def copies_of(gram: np.ndarray, labels: np.ndarray) -> int:
    """Return the number of copies of each recording in a Gram matrix, itself included."""
    return gram.shape[0] // labels.size


def _targets(gram: np.ndarray, labels: np.ndarray, n_classes: int) -> np.ndarray:
    return targets_of(np.tile(labels, copies_of(gram, labels)), n_classes)


def _predicted(
    gram: np.ndarray, targets: np.ndarray, train: np.ndarray, test: np.ndarray, alpha: float, n: int
) -> np.ndarray:
    """Return the predicted classes of recordings ``test`` after training on ``train`` and copies."""
    n_copies = gram.shape[0] // n
    # Rows of the training: recordings and all of their copies.
    rows = (train + n * np.arange(n_copies)[:, None]).ravel()
    scores = dual_scores(gram, targets, rows, test, alpha * n_copies)
    predicted: np.ndarray = scores.argmax(axis=1)
    return predicted


def score(
    gram: np.ndarray,
    labels: np.ndarray,
    n_classes: int,
    division: Division,
    after_group: Callable[[], None] = lambda: None,
) -> Score:
    """Return the accuracy on each group of the ridge read-out that is trained on the others."""
    targets = _targets(gram, labels, n_classes)
    predicted = np.zeros(labels.size, dtype=np.int64)
    alphas, of_group = [], []
    for k in range(len(division.names)):
        test = np.flatnonzero(division.group == k)
        train = np.flatnonzero(division.group != k)
        alpha, _ = choose_alpha(gram, labels, n_classes, division.group, train)
        predicted[test] = _predicted(gram, targets, train, test, alpha, labels.size)
        alphas.append(alpha)
        of_group.append(100.0 * float((predicted[test] == labels[test]).mean()))
        after_group()
    accuracy = 100.0 * float((predicted == labels).mean())
    return Score(division, accuracy, tuple(of_group), predicted, tuple(alphas))


def alpha_for_all(
    gram: np.ndarray, labels: np.ndarray, n_classes: int, divided: list[Division]
) -> float:
    """Return the alpha of the read-out that is kept: the geometric mean over the divisions."""
    everyone = np.arange(labels.size)
    chosen = [
        choose_alpha(gram, labels, n_classes, division.group, everyone)[0] for division in divided
    ]
    # Geometric mean: ALPHAS are spaced logarithmically.
    return float(np.exp(np.mean(np.log(chosen))))


def confusion_of(labels: np.ndarray, predicted: np.ndarray, n_classes: int) -> np.ndarray:
    """Return the confusion matrix, int64 [true class, predicted class]."""
    table = np.zeros((n_classes, n_classes), dtype=np.int64)
    # table[true class, predicted class]
    np.add.at(table, (labels, predicted), 1)
    return table
