"""Read-outs, protocols and features against direct computation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from distsnn.errors import UsageError
from distsnn.liquid.classify import protocols
from distsnn.liquid.classify.protocols import confusion_of, divisions, score
from distsnn.liquid.classify.readout import (
    dual_scores,
    fit_ridge,
    fit_sklearn,
    gram_matrix,
    targets_of,
)
from distsnn.liquid.inputs.encoders import InputSpikes
from distsnn.liquid.inputs.samples import Sample, Samples
from distsnn.liquid.limits import require_memory
from distsnn.liquid.parameters import ReadoutTimes
from distsnn.liquid.states import features, reading_times


def primal_scores(x, labels, test, alpha):
    """Ridge in the primal, with centring, as in the textbook."""
    x = x.astype(np.float64)
    y = np.eye(3)[labels]
    mean, target = x.mean(axis=0), y.mean(axis=0)
    centred = x - mean
    strength = alpha * (centred**2).sum() / len(x)
    square = centred.T @ centred + strength * np.eye(x.shape[1])
    weights = np.linalg.solve(square, centred.T @ (y - target))
    return (test - mean) @ weights + target


@pytest.fixture
def data():
    random = np.random.default_rng(1)
    labels = random.integers(0, 3, 60)
    x = random.standard_normal((60, 25)) + 1.5 * np.eye(25)[labels] + 3.0
    return x.astype(np.float32), labels


def test_dual_equals_primal(data):
    x, labels = data
    gram = gram_matrix(x)
    train, test = np.arange(40), np.arange(40, 60)
    found = dual_scores(gram, targets_of(labels, 3), train, test, 0.1)
    assert found == pytest.approx(primal_scores(x[:40], labels[:40], x[40:], 0.1), abs=2e-4)
    kept = fit_ridge(x[:40], gram[:40, :40], labels[:40], 3, 0.1)
    assert kept.scores(x[40:]) == pytest.approx(found, abs=2e-4)


@pytest.mark.parametrize("kind", ["logistic", "svm"])
def test_other_read_outs_learn_what_can_be_separated(kind):
    pytest.importorskip("sklearn")
    random = np.random.default_rng(2)
    labels = np.arange(90) % 3
    x = (random.standard_normal((90, 10)) * 0.1 + 2.0 * np.eye(10)[labels]).astype(np.float32)
    readout = fit_sklearn(kind, x, labels, 3, 10.0)
    assert (readout.predict(x) == labels).all()
    two = fit_sklearn(kind, x[labels < 2], labels[labels < 2], 2, 10.0)
    assert (two.predict(x[labels < 2]) == labels[labels < 2]).all()


def test_an_unknown_read_out_is_refused(data):
    with pytest.raises(UsageError):
        fit_sklearn("forest", *data, 3, 1.0)


def test_more_rows_than_memory_holds_are_refused():
    require_memory(1000)
    with pytest.raises(UsageError, match="moved_pixels=0"):
        require_memory(10_000_000)


def test_filtered_states_against_their_definition():
    random = np.random.default_rng(3)
    step = np.sort(random.integers(0, 200, 400))
    neuron = random.integers(0, 6, 400)
    times = ReadoutTimes("filtered", 5, tau_ms=20.0)
    ends = reading_times(InputSpikes(step, neuron, 200), 210, times, 1.0)
    assert ends == pytest.approx([42, 84, 126, 168, 210])
    found = features(step, neuron, 6, ends, times, 1.0).reshape(5, 6)
    for k, end in enumerate(ends):
        for i in range(6):
            at = step[(neuron == i)] + 1.0
            state = np.exp(-(end - at[at <= end]) / 20.0).sum()
            assert found[k, i] == pytest.approx(np.sqrt(state), rel=1e-5)


def test_hats_share_out_every_spike():
    random = np.random.default_rng(4)
    step = np.sort(random.integers(0, 300, 500))
    neuron = random.integers(0, 4, 500)
    times = ReadoutTimes("triangular", 9)
    ends = reading_times(InputSpikes(step, neuron, 300), 300, times, 1.0)
    assert ends == pytest.approx(np.linspace(0, 300, 9))
    found = features(step, neuron, 4, ends, times, 1.0).astype(np.float64).reshape(9, 4) ** 2
    assert found.sum(axis=0) == pytest.approx(np.bincount(neuron), rel=1e-5)
    one = features(np.array([75]), np.array([2]), 4, ends, times, 1.0).reshape(9, 4) ** 2
    assert one[2, 2] == pytest.approx(1 - 0.5 / 37.5, rel=1e-5)
    assert one[3, 2] == pytest.approx(0.5 / 37.5, rel=1e-5)


def test_the_input_clock_divides_the_input_spikes():
    step = np.concatenate([np.arange(100), np.arange(100, 500, 20)])
    stimulus = InputSpikes(step, np.zeros(120, np.int64), 500)
    ends = reading_times(stimulus, 530, ReadoutTimes("filtered", 6, clock="input"), 1.0)
    assert np.diff(ends).min() > 0
    for k, end in enumerate(ends[:-1]):
        assert abs((step <= end).sum() - 20 * (k + 1)) <= 1
    later = reading_times(
        stimulus, 530, ReadoutTimes("filtered", 6, clock="input", lag_ms=10.0), 1.0
    )
    assert later[0] == pytest.approx(ends[0] + 10.0)
    assert later[-1] <= 530.01


def named(n_takes=10, speakers=("a", "b", "c", "d")):
    items = [
        Sample(Path(f"{label}_{who}_{take}.wav"), label, who, take)
        for label in "01"
        for who in speakers
        for take in range(n_takes)
    ]
    return Samples("sounds", tuple(items))


def test_divisions_by_take_and_by_speaker():
    takes, speakers = divisions(named())
    assert takes.name == "takes"
    assert speakers.names == ("a", "b", "c", "d")
    items = named().items
    for k in range(5):
        chosen = {items[i].take for i in np.flatnonzero(takes.group == k)}
        assert chosen == {2 * k, 2 * k + 1}
    (folds,) = divisions(named(3, ("a",)))
    assert folds.name == "folds"


def test_exact_copies_change_nothing_and_others_are_learned_from(monkeypatch):
    monkeypatch.setattr(protocols, "N_INNER_WITH_COPIES", protocols.N_INNER)
    samples = named()
    labels = np.array([int(item.label) for item in samples.items])
    division = divisions(samples)[0]
    random = np.random.default_rng(5)
    signal = np.zeros((labels.size, 40))
    signal[:, 0] = 2.0 * labels - 1.0
    x = signal + random.standard_normal(signal.shape)
    alone = score(gram_matrix(x), labels, 2, division)
    copied = score(gram_matrix(np.tile(x, (4, 1))), labels, 2, division)
    assert copied.alphas == alone.alphas
    assert (copied.predicted == alone.predicted).all()
    noisy = [signal + random.standard_normal(signal.shape) for _ in range(9)]
    helped = score(gram_matrix(np.concatenate([x, *noisy])), labels, 2, division)
    assert helped.accuracy > alone.accuracy


def test_a_score_uses_no_recording_that_it_tests():
    """Features that name each recording can be learned by heart, but not foretold."""
    samples = named()
    n = len(samples)
    labels = np.array([int(item.label) for item in samples.items])
    division = divisions(samples)[0]
    by_heart = score(np.eye(n), labels, 2, division)
    assert by_heart.accuracy <= 60.0
    copied = score(np.tile(np.eye(n), (3, 3)), labels, 2, division)
    assert copied.accuracy <= 60.0
    told = score(gram_matrix(np.eye(2)[labels]), labels, 2, division)
    assert told.accuracy == 100.0
    assert confusion_of(labels, told.predicted, 2).tolist() == [[40, 0], [0, 40]]
