"""Small networks and images for the tests of this folder."""

from __future__ import annotations

import numpy as np

from distsnn.convnet.settings import SdnnSettings

RULES = {"winners": 3, "radius": 1, "a_plus": 0.05, "double_every": 8, "check_every": 10}


def small_settings(seed: int = 1, **changes: dict) -> SdnnSettings:
    """Return two convolutions and a pooling layer, with read-outs of every kind."""
    plain = {
        "title": "small",
        "seed": seed,
        "input": {"bins": 12, "threshold": 10.0},
        "layers": {
            "conv1": {"maps": 6, "kernel": 4, "padding": 1, "threshold": 6.0, "inhibition": True,
                      "max_images": 40, **RULES},
            "pool1": {"kind": "pool", "size": 2, "stride": 2},
            "conv2": {"maps": 9, "kernel": 3, "threshold": 3.0, "max_images": 30, **RULES},
        },
        "readouts": {
            "all": "conv2.time@2 conv2.potential@2",
            "literal": "conv2.potential@1",
            "first": "conv1.time@3 conv1.potential@3 pool1.spike@all conv2.spike@2",
        },
    }  # fmt: skip
    for name, entry in changes.items():
        place = plain["layers"] if name in plain["layers"] else plain
        place[name] = {**place[name], **entry}
    return SdnnSettings.from_dict(plain, "small")


def blobs(
    n: int, height: int = 16, width: int = 18, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return images of crosses, rings and bars at random positions, and what they are."""
    rng = np.random.default_rng(seed)
    images = np.zeros((n, height, width), dtype=np.uint8)
    labels = rng.integers(0, 3, n)
    for image, label in zip(images, labels, strict=True):
        y, x = rng.integers(4, height - 4), rng.integers(4, width - 4)
        grey = int(rng.integers(120, 256))
        if label == 0:
            image[y, x - 3 : x + 4] = image[y - 3 : y + 4, x] = grey
        elif label == 1:
            image[y - 2 : y + 3, [x - 2, x + 2]] = grey
            image[[y - 2, y + 2], x - 2 : x + 3] = grey
        else:
            image[y - 3 : y + 4, x] = grey
        image[:] = np.minimum(255, image.astype(int) + rng.integers(0, 6, image.shape))
    return images, labels
