"""From image to spikes: filters and codes."""

from __future__ import annotations

import numpy as np
import pytest
from convnet_networks import blobs

from distsnn.convnet.engine.layers import build_layers
from distsnn.convnet.engine.parts import InputPart
from distsnn.convnet.filters import difference_of_gaussians, input_filters
from distsnn.convnet.settings import ConvSettings, InputSettings, SdnnSettings
from distsnn.errors import UsageError


def spikes_of(images: np.ndarray, **changes) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return (bins, indices) of each image."""
    what = InputSettings(**changes)
    settings = SdnnSettings(
        "t", (ConvSettings("conv1", 1, 3),), {"r": "conv1.potential@1"}, input=what
    )
    n_channels = len(input_filters(what))
    layer = build_layers(settings, *images.shape[1:], n_channels)[0]
    part = InputPart(what, layer, np.ascontiguousarray(images.reshape(len(images), -1)), 1)
    found = []
    for k in range(len(images)):
        n = part.run(k, 0, 0)
        mask = np.uint32((1 << layer.bits) - 1)
        found.append(((part.spikes[:n] >> 26).astype(int), (part.spikes[:n] & mask).astype(int)))
    return found


def test_difference_of_gaussians():
    """The middle row of the 7 x 7 filter with sigma 1 and 2, computed by hand."""
    on = difference_of_gaussians(7, 1.0, 2.0)
    assert abs(on.sum()) < 1e-12
    assert on.max() == on[3, 3] == 1.0
    assert np.allclose(on[3], [-0.1217, -0.0482, 0.502, 1, 0.502, -0.0482, -0.1217], atol=1e-4)
    assert np.allclose(on, on.T)


def test_off_is_exact_or_loud():
    exact = input_filters(InputSettings())
    loud = input_filters(InputSettings(off="loud"))
    assert np.array_equal(exact[1], -exact[0])
    assert np.array_equal(loud[0], exact[0])
    assert 6.0 < (loud[1] / exact[1]).mean() < 8.5
    assert loud[1].max() == pytest.approx(1.0)
    assert len(input_filters(InputSettings(off="none"))) == 1
    assert len(input_filters(InputSettings(sigmas="1/2 2/4"))) == 4


def test_a_blank_image_is_silent():
    for border in ("zero", "edge"):
        bins, _ = spikes_of(np.full((1, 12, 12), 200, np.uint8), border=border)[0]
        assert (bins.size == 0) == (border == "edge")


@pytest.mark.parametrize("n_bins", [1, 7, 30, 63])
def test_rank_code_drops_nothing(n_bins):
    """Bins are filled evenly, the strongest first; also with fewer responses than bins."""
    images, _ = blobs(10)
    images[0] = 0
    images[0, 8, 8] = 60
    wanted = spikes_of(images, bins=1)
    for (bins, indices), (_, all_indices) in zip(
        spikes_of(images, bins=n_bins), wanted, strict=True
    ):
        n = bins.size
        assert n > 0
        assert set(indices) == set(all_indices)
        assert np.array_equal(bins, np.arange(n) * n_bins // n)
        assert np.bincount(bins, minlength=n_bins).max() <= -(-n // n_bins)


def test_ties_go_by_row_column_channel():
    """Four equal dots give four equal sets of responses, which alternate in order of place."""
    image = np.zeros((1, 24, 24), dtype=np.uint8)
    for y in (5, 17):
        for x in (5, 17):
            image[0, y, x] = 250
    _, indices = spikes_of(image, bins=63)[0]
    positions = [(i // 2 // 24, i // 2 % 24) for i in indices[:4]]
    assert positions == [(5, 5), (5, 17), (17, 5), (17, 17)]


def test_codes_by_value():
    """Linear and inverse latencies: bins rise while responses fall, and end within T."""
    images, _ = blobs(6)
    for code in ("linear", "inverse"):
        for bins, indices in spikes_of(images, code=code, bins=20):
            assert bins[0] == 0
            assert (np.diff(bins) >= 0).all()
            assert bins.max() <= 19
            assert indices.size == np.unique(indices).size
    linear = spikes_of(images, code="linear", bins=20)[0][0]
    inverse = spikes_of(images, code="inverse", bins=20)[0][0]
    assert inverse.mean() < linear.mean()


def test_normalisation_raises_weak_contrast():
    """A faint shape beside a strong one fires earlier when responses are normalised locally."""
    image = np.zeros((1, 20, 60), dtype=np.uint8)
    image[0, 5:15, 5:15] = 250
    image[0, 5:15, 45:55] = 60

    def rank_of_faint(radius):
        bins, indices = spikes_of(image, normalise_radius=radius, bins=60)[0]
        columns = indices // 2 % 60
        return bins[columns > 35].min()

    assert rank_of_faint(6) < rank_of_faint(0)


def test_wrong_numbers_are_refused():
    for wrong in (
        {"bins": 64}, {"bins": 0}, {"off": "soft"}, {"code": "rate"}, {"filter_size": 6},
        {"threshold": -1.0}, {"border": "wrap"},
    ):  # fmt: skip
        with pytest.raises(UsageError, match="must be"):
            InputSettings(**wrong)
    with pytest.raises(UsageError, match="sigmas"):
        input_filters(InputSettings(sigmas="2/1"))
