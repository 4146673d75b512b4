"""Whole trainings: stopping and going on, learning rules, the classifier, the command line."""

from __future__ import annotations

import numpy as np
import pytest
from convnet_networks import blobs, small_settings

from distsnn.chip import load_chip
from distsnn.comm.serial import SerialComm
from distsnn.convnet.classify import extraction
from distsnn.convnet.engine.network import ConvNetwork
from distsnn.convnet.images.image_set import ImageSet, divide
from distsnn.convnet.machine import Machine
from distsnn.convnet.train.evaluation import evaluate
from distsnn.convnet.train.learning import LayerLearner
from distsnn.convnet.train.progress import Progress
from distsnn.convnet.train.trained import load_trained
from distsnn.convnet.train.training import Training
from distsnn.errors import DistsnnError, UsageError


def machine() -> Machine:
    return Machine(SerialComm(), load_chip("loihi"))


def shapes(n: int = 120, seed: int = 0) -> ImageSet:
    images, labels = blobs(n, seed=seed)
    return ImageSet(images, labels.astype(np.int64), ("cross", "ring", "bar"), "blobs")


class Stopping(Progress):
    """Writes every piece down, and stops like Ctrl-C when a number of them is there."""

    def __init__(self, folder, n_pieces):
        super().__init__(is_silent=True)
        self.folder, self.n_pieces, self.n_kept = folder, n_pieces, 0

    def is_time_to_keep(self):
        self.n_kept += 1
        if self.n_kept == self.n_pieces:
            raise KeyboardInterrupt
        return True

    def counted(self, what):
        def said(n, total):
            self.is_time_to_keep()

        return said

    def fitting(self, name, settings):
        def said(n, worst):
            self.is_time_to_keep()

        return said


def trained(folder, data, progress=None, **changes):
    settings = small_settings(**changes)
    train, held = divide(data, "last:30", 1)
    work = Training(settings, train, held, folder, machine(), progress or Progress(True))
    return work.run()


def test_stopped_training_goes_on(tmp_path, monkeypatch):
    """Stopped in every piece in turn: layers, blocks of features, classifiers; same result."""
    monkeypatch.setattr(extraction, "BLOCK", 20)
    data = shapes()
    whole = trained(tmp_path / "whole", data)
    n_stops = 0
    for n_pieces in range(2, 40):
        folder = tmp_path / "stopped"
        try:
            report = trained(folder, data, Stopping(folder, n_pieces))
            break
        except KeyboardInterrupt:
            n_stops += 1
    assert n_stops > 4
    for name in ("digest", "readouts", "layers", "links"):
        assert report[name] == whole[name], name
    for name in ("features", "learning"):
        assert report[name]["traffic_digest"] == whole[name]["traffic_digest"]
    files = sorted(path.name for path in (tmp_path / "stopped").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "whole").iterdir())
    assert not any("part" in name or name == "features" for name in files)


def test_stopping_really_kept_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr(extraction, "BLOCK", 20)
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path, shapes(), Stopping(tmp_path, 10))
    kept = [path.name for path in tmp_path.rglob("*.npz")]
    assert "layer-conv1.npz" in kept
    assert "00000.npz" in kept


def test_features_and_evaluation_agree(tmp_path):
    """eval on held-out images finds what training found on them; it learns the shapes."""
    data = shapes(240)
    report = trained(tmp_path, data)
    _, held = divide(data, "last:30", 1)
    result = evaluate(load_trained(tmp_path), held, machine(), Progress(True))
    for name, one in report["readouts"].items():
        assert result["readouts"][name] == {**one["held_out"]}
    assert result["accuracy"] > 60, "chance is 33"
    assert np.trace(result["confusion"]) == round(result["accuracy"] * 30 / 100)
    assert result["spikes_per_sample"] > 20
    assert result["joules_per_sample"] > 0
    ways = {(one["from"], one["to"]) for one in result["links"]}
    assert ("pool1", "conv2") in ways


def test_folder_of_another_training_is_refused(tmp_path):
    data = shapes()
    trained(tmp_path, data)
    with pytest.raises(UsageError, match="other settings"):
        trained(tmp_path, data, conv1={"maps": 7})
    with pytest.raises(UsageError, match="other images"):
        trained(tmp_path, shapes(seed=4))
    with pytest.raises(DistsnnError, match=r"without settings\.json"):
        load_trained(tmp_path / "nothing")


def test_unfinished_training_cannot_be_tried(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path, shapes(), Stopping(tmp_path, 2))
    with pytest.raises(DistsnnError, match="not finished"):
        load_trained(tmp_path)


def learner_of(n=120, **rule):
    images, _ = blobs(n)
    network = ConvNetwork(small_settings(conv1=rule), images, machine())
    return LayerLearner(network, network.convolutions[0], n)


def test_rates_double_up_to_the_most():
    learner = learner_of(a_plus=0.004, double_every=5, max_a_plus=0.15, max_images=60)
    learner.learn()
    assert learner.a_plus == np.float32(0.15)
    learner = learner_of(a_plus=0.004, double_every=5, max_images=11)
    learner.learn()
    assert learner.a_plus == pytest.approx(0.016)
    learner = learner_of(a_plus=0.004, double_every=0, max_images=60)
    learner.learn()
    assert learner.a_plus == np.float32(0.004)


def test_learning_converges_and_stops():
    """C falls below its limit long before the most images; weights stay inside (0, 1)."""
    learner = learner_of(max_images=5000, stop_c=0.02, double_every=20)
    learner.learn()
    assert learner.n_shown < 5000
    assert learner.curve[-1][1] < 0.02 < learner.curve[-2][1]
    assert 0.0 < learner.part.weights.min() < 0.01
    assert 0.99 < learner.part.weights.max() < 1.0


def test_adapted_thresholds_even_out_the_wins():
    """With adaptation no map wins much more often than others, and all win."""
    plain = learner_of(max_images=600, stop_c=0.0)
    adapted = learner_of(max_images=600, stop_c=0.0, adapt=0.5, adapt_time=0.5)
    for learner in (plain, adapted):
        learner.learn()
    assert adapted.wins.min() > plain.wins.min()
    assert adapted.wins.std() / adapted.wins.mean() < 0.7 * plain.wins.std() / plain.wins.mean()
    assert np.ptp(adapted.part.theta) > 0.5


def test_radius_and_number_of_winners():
    learner = learner_of(winners=4, radius=2)
    network = learner.network
    network.present(np.arange(60), up_to="conv1")
    n_all = 0
    for image in range(60):
        rows = learner._competition.winners(image)
        n_all += len(rows)
        assert len(rows) <= 4
        assert len(set(rows[:, 2].tolist())) == len(rows), "one winner per map"
        for i in range(len(rows)):
            for j in range(i):
                assert np.abs(rows[i, 3:] - rows[j, 3:]).max() > 2
    assert n_all > 120


def test_images_are_shown_in_new_orders():
    learner = learner_of()
    orders = [learner._random("order of images", epoch).permutation(120) for epoch in range(2)]
    assert not np.array_equal(*orders)
    assert np.array_equal(np.sort(orders[0]), np.arange(120))
