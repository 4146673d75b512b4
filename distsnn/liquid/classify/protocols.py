"""How well a read-out does on recordings that it was not trained on.

Three ways to divide recordings: by unheard speaker, by take, at random within each class. The
regularisation is chosen anew for every test group, on its training recordings only.

Recordings may come with moved copies: a Gram matrix of [copies x recordings] rows, copy after copy,
the recordings themselves first. A read-out is trained on all copies of its training recordings and
tested on recordings themselves. With copies a regularisation is that much stronger, so that exact
copies would change nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from distsnn.liquid.classify.readout import dual_scores, targets_of
from distsnn.liquid.inputs.samples import Samples

ALPHAS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
N_FOLDS = 5
N_INNER = 3  # groups that the regularisation is chosen on, and
N_INNER_OF_COPIES = 1  # where copies make each trial a hundred times dearer
FIRST = 4  # where the search for it begins


@dataclass(frozen=True)
class Division:
    """group: int64 [recordings], each group is tested once; names: of the groups."""

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
    found = []
    takes = np.array([item.take for item in items])
    if takes.min() >= 0 and np.unique(takes).size >= N_FOLDS:
        different, place = np.unique(takes, return_inverse=True)
        fold = place * N_FOLDS // different.size
        names = tuple(
            f"takes {different[place[fold == k].min()]}-{different[place[fold == k].max()]}"
            for k in range(N_FOLDS)
        )
        found.append(Division("takes", fold.astype(np.int64), names))
    else:
        found.append(_within_classes(samples))
    speakers = samples.speakers
    if len(speakers) >= 3:
        group = np.array([speakers.index(item.speaker) for item in items])
        found.append(Division("unheard speakers", group, tuple(speakers)))
    return found


def _within_classes(samples: Samples) -> Division:
    """Each class is dealt into folds in random order, the same for every run."""
    labels = np.array([item.label for item in samples.items])
    fold = np.empty(labels.size, dtype=np.int64)
    random = np.random.Generator(np.random.Philox(key=20020))
    smallest = min(int((labels == label).sum()) for label in samples.classes)
    n_folds = min(N_FOLDS, smallest)
    for label in samples.classes:
        members = random.permutation(np.flatnonzero(labels == label))
        fold[members] = np.arange(members.size) % n_folds
    return Division("folds", fold, tuple(f"fold {k + 1}" for k in range(n_folds)))


def choose_alpha(
    gram: np.ndarray, labels: np.ndarray, n_classes: int, group: np.ndarray, which: np.ndarray
) -> tuple[float, float]:
    """Return the alpha that does best on a few groups of the recordings ``which``, and its share.

    Trained with copies, where there are some. Searched uphill from the middle of ``ALPHAS``; of
    equally good ones the larger is taken.
    """
    targets = _targets(gram, labels, n_classes)
    present = np.unique(group[which])
    if present.size < 2:
        return ALPHAS[FIRST], 0.0
    n_inner = min(N_INNER if copies_of(gram, labels) == 1 else N_INNER_OF_COPIES, present.size)
    places = np.linspace(0, present.size - 1, n_inner).astype(int)
    shares: dict[int, float] = {}

    def share(k: int) -> float:
        if k not in shares:
            right = n = 0
            for held_out in present[places]:
                train, test = which[group[which] != held_out], which[group[which] == held_out]
                predicted = _predicted(gram, targets, train, test, ALPHAS[k], labels.size)
                right += int(np.count_nonzero(predicted == labels[test]))
                n += test.size
            shares[k] = right / n
        return shares[k]

    share(FIRST)
    for direction in (1, -1):
        k = FIRST + direction
        # One step further than the best so far: a dip of a recording or two is no summit.
        while 0 <= k < len(ALPHAS) and share(k) >= 0.0 and abs(k - _summit(shares)) < 2:
            k += direction
    best = _summit(shares)
    return ALPHAS[best], shares[best]


def _summit(shares: dict[int, float]) -> int:
    """Return where the share is highest, the largest of several."""
    return max(shares, key=lambda k: (shares[k], k))


def copies_of(gram: np.ndarray, labels: np.ndarray) -> int:
    """Return how often each recording is in a Gram matrix."""
    return gram.shape[0] // labels.size


def _targets(gram: np.ndarray, labels: np.ndarray, n_classes: int) -> np.ndarray:
    return targets_of(np.tile(labels, copies_of(gram, labels)), n_classes)


def _predicted(
    gram: np.ndarray, targets: np.ndarray, train: np.ndarray, test: np.ndarray, alpha: float, n: int
) -> np.ndarray:
    """Return the classes that recordings ``test`` get after training on ``train`` and copies."""
    n_copies = gram.shape[0] // n
    rows = (train + n * np.arange(n_copies)[:, None]).ravel()
    scores = dual_scores(gram, targets, rows, test, alpha * n_copies)
    found: np.ndarray = scores.argmax(axis=1)
    return found


def score(
    gram: np.ndarray,
    labels: np.ndarray,
    n_classes: int,
    division: Division,
    after_group: Callable[[], None] = lambda: None,
) -> Score:
    """Return how well the ridge read-out does on every group when trained on the others."""
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
    gram: np.ndarray, labels: np.ndarray, n_classes: int, found: list[Division]
) -> float:
    """Return the alpha of the read-out that is kept: the middle of those of the divisions."""
    everyone = np.arange(labels.size)
    chosen = [
        choose_alpha(gram, labels, n_classes, division.group, everyone)[0] for division in found
    ]
    return float(np.exp(np.mean(np.log(chosen))))


def confusion_of(labels: np.ndarray, predicted: np.ndarray, n_classes: int) -> np.ndarray:
    """Return how often class i was taken for class j, int64 [n_classes, n_classes]."""
    table = np.zeros((n_classes, n_classes), dtype=np.int64)
    np.add.at(table, (labels, predicted), 1)
    return table
