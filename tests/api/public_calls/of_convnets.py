"""Calls of convolutional networks."""

from __future__ import annotations

from typing import Any

import numpy as np

from distsnn import convnet
from public_calls.call import Call


def conv_layers() -> tuple[Any, ...]:
    """The layers of a small convolutional network."""
    return (convnet.ConvSettings("conv1", 4, 3), convnet.PoolSettings("pool1"))


def of_convnets() -> dict[str, Call]:
    """Calls of convolutional networks."""
    path = {"path": "nowhere"}
    return {
        "ConvSettings": Call(convnet.ConvSettings, lambda: {"name": "c", "maps": 4, "kernel": 3}),
        "PoolSettings": Call(convnet.PoolSettings, lambda: {"name": "p"}),
        "InputSettings": Call(convnet.InputSettings),
        "SvmSettings": Call(convnet.SvmSettings),
        "SdnnSettings": Call(convnet.SdnnSettings, lambda: {
            "title": "t", "layers": conv_layers(), "readouts": {"r": "pool1 1x1"}}),
        "ImageSet": Call(convnet.ImageSet, lambda: {
            "images": np.zeros((2, 3, 3), np.uint8), "labels": np.array([0, 1]),
            "classes": ("a", "b"), "source": "here"}),
        "load_images": Call(convnet.load_images, lambda: {**path, "part": "train"},
                            {"path": "", "part": "", "size": ""}),
        "load_preset": Call(convnet.load_preset, lambda: {"name": convnet.preset_names()[0]},
                            {"name": ""}),
        "load_trained": Call(convnet.load_trained, lambda: dict(path), {"path": ""}),
        "override": Call(convnet.override, lambda: {
            "settings": convnet.load_preset(convnet.preset_names()[0]), "changes": []},
            {"changes": "--set"}),
        "preset_names": Call(convnet.preset_names),
    }  # fmt: skip
