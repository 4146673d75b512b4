"""How long a layer will go on learning, told from how C falls."""

from __future__ import annotations

import math
from dataclasses import replace

from convnet_networks import small_settings

from distsnn.convnet.train.progress import Progress, images_left

LAYER = replace(small_settings().layers[0], stop_c=0.01, max_images=10_000, check_every=500)


def test_falling_c_is_followed_to_its_end():
    """C = 0.2 exp(-n / 1000) reaches 0.01 at n = 1000 ln 20 = 2,996."""
    curve = [(n, 0.2 * math.exp(-n / 1000)) for n in (500, 1000, 1500, 2000)]
    more, is_known = images_left(curve, LAYER)
    assert is_known
    assert abs(2000 + more - 1000 * math.log(20)) <= 1


def test_before_it_falls_only_the_limit_is_known():
    assert images_left([(500, 0.16), (1000, 0.17)], LAYER) == (9_000, False)
    assert images_left([(500, 0.2), (9_900, 0.199)], LAYER) == (100, True)


def test_lines_say_how_long(capsys, monkeypatch):
    clock = iter([0.0, 3.0, 6.0, 9.0, 12.0])
    monkeypatch.setattr("distsnn.convnet.train.progress.perf_counter", lambda: next(clock))
    progress = Progress()
    said = progress.learning("conv1", LAYER)
    said(500, 0.16)
    said(1000, 0.04)
    said(1500, 0.009)
    lines = capsys.readouterr().out.splitlines()
    # 6 ms per image; then C has fallen to a quarter in 500 images, and has as far to go.
    assert lines[0] == "conv1: 500 images, C 0.1600 (until 0.01), at most 57 s left"
    assert lines[1] == "conv1: 1000 images, C 0.0400 (until 0.01), about 3 s left"
    assert lines[2].startswith("conv1: learned from 1500 images")
