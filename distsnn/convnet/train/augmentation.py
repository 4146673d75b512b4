"""Augmentation by translation and reflection: more samples for the classifier, none for the network."""

from __future__ import annotations

import numpy as np

from distsnn.convnet.settings import SvmSettings


def augmented_images(images: np.ndarray, settings: SvmSettings) -> np.ndarray:
    """Return the images that the classifier also learns from: whole sets, each in the given order."""
    # Images, then their mirror images, each translated up, down, left and right.
    sets = [translated_images(images, settings.shifts)]
    if settings.mirror:
        sets.append(images[:, :, ::-1])
        sets += [translated_images(sets[-1], settings.shifts)]
    return np.concatenate(sets)


def translated_images(images: np.ndarray, distance: int) -> np.ndarray:
    """Return the images translated up, down, left and right, one set after the other.

    images: uint8 [n, height, width]. distance: in pixels; 0 gives none. Edges are repeated outwards.
    """
    if distance == 0:
        return images[:0]
    padded = np.pad(images, ((0, 0), (distance,) * 2, (distance,) * 2), mode="edge")
    height, width = images.shape[1:]
    # Upper left corner of the window in the padded image, in units of the distance.
    moves = ((0, 1), (2, 1), (1, 0), (1, 2))
    return np.concatenate(
        [
            padded[:, y * distance : y * distance + height, x * distance : x * distance + width]
            for y, x in moves
        ]
    )
