"""Images -> filter responses -> spikes, the strongest response first.

    response[c, y, x] = sum over dy, dx of filter[c, dy, dx] image[y + dy - r, x + dx - r]

A response above the threshold gives one spike of its channel. Codes, for T bins:

    rank      bin floor(T k / n) for the response of rank k of n, 0 the strongest
    linear    bin floor(T (largest - v) / (largest - threshold)) for a response v
    inverse   the same with 1/v, 1/largest and 1/threshold

All channels of an image are ranked together. Equal responses are ordered by row, column, channel.

Source: Thorpe & Gautrais 1998 (rank order); Kheradpisheh et al. 2018, Neural Networks 99:56.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.formats import STEP_SHIFT

RANK, LINEAR, INVERSE = range(3)
ZERO, EDGE = range(2)
RADIX_BITS = 11
N_RADIX = 1 << RADIX_BITS


@device
def pad_image(image, height, width, r, border, padded):
    """padded [(height + 2r) * (width + 2r)] = the image with a margin of r pixels: 0, or its edge."""
    wide = width + 2 * r
    for y in range(height + 2 * r):
        # Row of the image under this row of the padded image; rows outside repeat the edge.
        y_in = min(max(y - r, 0), height - 1)
        row = padded[y * wide : (y + 1) * wide]
        source = image[y_in * width : (y_in + 1) * width]
        if border == ZERO and y_in != y - r:
            for x in range(wide):
                row[x] = np.float32(0.0)
            continue
        for x in range(width):
            row[r + x] = np.float32(source[x])
        for x in range(r):
            row[x] = np.float32(source[0]) if border == EDGE else np.float32(0.0)
            row[r + width + x] = (
                np.float32(source[width - 1]) if border == EDGE else np.float32(0.0)
            )


@device
def filter_image(padded, height, width, size, taps, response):
    """response [height * width] = the padded image under one filter, taps [size * size]."""
    wide = width + size - 1
    for y in range(height):
        out = response[y * width : (y + 1) * width]
        for x in range(width):
            out[x] = np.float32(0.0)
        # One tap at a time over whole rows, so that the inner loop is a vector operation.
        for dy in range(size):
            for dx in range(size):
                tap = taps[dy * size + dx]
                first = (y + dy) * wide + dx
                row = padded[first : first + width]
                for x in range(width):
                    out[x] += tap * row[x]


@device
def normalise(response, height, width, r, rows):
    """Divide each response by the mean over the (2r + 1) x (2r + 1) window around it (0 outside)."""
    # Sums along rows, then of these along columns.
    for y in range(height):
        for x in range(width):
            total = np.float32(0.0)
            for k in range(max(0, x - r), min(width, x + r + 1)):
                total += response[y * width + k]
            rows[y * width + x] = total
    per = np.float32(1.0) / np.float32((2 * r + 1) * (2 * r + 1))
    for y in range(height):
        for x in range(width):
            total = np.float32(0.0)
            for k in range(max(0, y - r), min(height, y + r + 1)):
                total += rows[k * width + x]
            if total > np.float32(0.0):
                response[y * width + x] /= total * per


@device
def sort_descending(n, keys, items, counts):
    """Sort keys[0, :n] (bits of positive float32) descending, with their items; stable.

    Three passes over 11 bits each, between the two rows; the result is in row 1. Positive floats are in
    the order of their bits.
    """
    for digit in range(3):
        shift = np.uint32(RADIX_BITS * digit)
        a, b = digit & 1, 1 - (digit & 1)  # from row a to row b
        for k in range(N_RADIX):
            counts[k] = 0
        for i in range(n):
            # Digit, reversed: the largest first.
            k = np.uint32(N_RADIX - 1) - ((keys[a, i] >> shift) & np.uint32(N_RADIX - 1))
            counts[k] += 1
        # From counts to the first position of each digit.
        total = np.int64(0)
        for k in range(N_RADIX):
            here = counts[k]
            counts[k] = total
            total += here
        for i in range(n):
            k = np.uint32(N_RADIX - 1) - ((keys[a, i] >> shift) & np.uint32(N_RADIX - 1))
            position = counts[k]
            counts[k] = position + 1
            keys[b, position] = keys[a, i]
            items[b, position] = items[a, i]


@device
def bin_of_value(v, largest, threshold, n_bins, code):
    """Return the bin of a response by its value."""
    if code == INVERSE:
        # (1/v - 1/largest) / (1/threshold - 1/largest), 0 for the strongest, 1 at the threshold
        late = (np.float32(1.0) / v - np.float32(1.0) / largest) / (
            np.float32(1.0) / threshold - np.float32(1.0) / largest
        )
    else:
        # (largest - v) / (largest - threshold)
        late = (largest - v) / (largest - threshold)
    return min(n_bins - 1, max(np.int64(0), np.int64(late * np.float32(n_bins))))


@kernel(
    "i8(i8, i8, i8, i8, u1[:,:], i8[:], f4[:], f4[:,:], f4[:], f4[:,:], f4[:], u4[:,:], u4[:,:], "
    "i8[:], u4[:])"
)
def encode(
    image, image_in_batch, index_bits, n_before, images, shape, limits, filters, padded, responses,
    rows, keys, items, counts, spikes,
):  # fmt: skip
    """Append the spikes of images[image] to spikes[:n_before]; return the new number.

    shape: height, width, filter size, border, T, code, radius of normalisation (0: none). limits:
    [threshold]. filters [channels, size * size]. A spike: bin (6) | 0 (1) | image in batch, index (25),
    index = (y * width + x) * channels + channel, index_bits of the 25. In order of bins.
    """
    height, width, size, border = shape[0], shape[1], shape[2], shape[3]
    n_bins, code, radius = shape[4], shape[5], shape[6]
    threshold = limits[0]
    n_channels = filters.shape[0]
    # Filter, threshold, normalise.
    pad_image(images[image], height, width, size // 2, border, padded)
    for c in range(n_channels):
        response = responses[c]
        filter_image(padded, height, width, size, filters[c], response)
        for i in range(height * width):
            if not response[i] > threshold:
                response[i] = np.float32(0.0)
        if radius > 0:
            normalise(response, height, width, radius, rows)
    # List the responses that are left, by position and channel: ties keep this order.
    bits = responses.view(np.uint32)
    n = np.int64(0)
    for i in range(height * width):
        for c in range(n_channels):
            if bits[c, i] != np.uint32(0):
                keys[0, n] = bits[c, i]
                items[0, n] = np.uint32(i * n_channels + c)
                n += 1
    # Strongest first.
    sort_descending(n, keys, items, counts)
    # From ranks or values to bins.
    values = keys.view(np.float32)
    start = np.uint32(image_in_batch) << np.uint32(index_bits)
    for k in range(n):
        if code == RANK:
            at = n_bins * k // n
        else:
            at = bin_of_value(values[1, k], values[1, 0], threshold, n_bins, code)
        # bin (6) | 0 (1) | image, index (25)
        spikes[n_before + k] = (np.uint32(at) << np.uint32(STEP_SHIFT)) | start | items[1, k]
    return n_before + n
