"""A convolution layer with learning in plain numpy: nothing of distsnn is used here.

Everything is dense and slow: potentials [maps, rows, columns] as Python-sized integers, one bin after
the other, weights in quanta of 2^-16.
"""

from __future__ import annotations

import numpy as np

ONE = 1 << 16


def dog_filters(size: int = 7, is_loud: bool = False) -> list[np.ndarray]:
    """Return ON and OFF, float32 [size, size]."""
    r = size // 2
    y, x = np.mgrid[-r : r + 1, -r : r + 1]

    def gauss(s):
        return np.exp(-(x * x + y * y) / (2 * s**2)) / (2 * np.pi * s**2)

    on = gauss(1.0) - gauss(2.0)
    on = on - on.mean()
    on = on / on.max()
    off = -on / (-on).max() if is_loud else -on
    return [on.astype(np.float32), off.astype(np.float32)]


def responses(image: np.ndarray, filters: list[np.ndarray]) -> np.ndarray:
    """Return float32 [rows, columns, channels]; pixels outside are 0."""
    r = filters[0].shape[0] // 2
    padded = np.pad(image.astype(np.float32), r)
    height, width = image.shape
    found = []
    for one in filters:
        total = np.zeros((height, width), dtype=np.float32)
        for dy in range(one.shape[0]):
            for dx in range(one.shape[1]):
                total = total + one[dy, dx] * padded[dy : dy + height, dx : dx + width]
        found.append(total)
    return np.stack(found, axis=2)


def rank_code(values: np.ndarray, threshold: float, n_bins: int) -> np.ndarray:
    """Return the bin of each neuron of [rows, columns, channels], -1 where it is silent."""
    flat = values.ravel()
    fires = np.flatnonzero(flat > np.float32(threshold))
    order = sorted(fires.tolist(), key=lambda i: (-float(flat[i]), i))
    bins = np.full(flat.size, -1)
    for rank, i in enumerate(order):
        bins[i] = rank * n_bins // len(order)
    return bins.reshape(values.shape)


def pooled(bins: np.ndarray, size: int, stride: int) -> np.ndarray:
    """Return the earliest bin of each window and map, -1 where none has fired."""
    height = (bins.shape[0] - size) // stride + 1
    width = (bins.shape[1] - size) // stride + 1
    found = np.full((height, width, bins.shape[2]), -1)
    for y in range(height):
        for x in range(width):
            for c in range(bins.shape[2]):
                window = bins[y * stride : y * stride + size, x * stride : x * stride + size, c]
                fired = window[window >= 0]
                if fired.size:
                    found[y, x, c] = fired.min()
    return found


class PlainLayer:
    """weights float32 [maps, channels, k, k]; theta: thresholds in quanta, one per map."""

    def __init__(self, weights: np.ndarray, theta: list[int], padding: int, n_bins: int) -> None:
        self.weights, self.theta = weights.copy(), list(theta)
        self.padding, self.n_bins = padding, n_bins

    def potentials(self, bins: np.ndarray):
        """Yield (bin, potentials after it), int64 [maps, rows, columns]."""
        n_maps, _n_channels, k, _ = self.weights.shape
        quanta = np.floor(self.weights * np.float32(ONE) + np.float32(0.5)).astype(np.int64)
        p = self.padding
        at = np.pad(bins, ((p, p), (p, p), (0, 0)), constant_values=-1)
        height, width = at.shape[0] - k + 1, at.shape[1] - k + 1
        v = np.zeros((n_maps, height, width), dtype=np.int64)
        for t in range(self.n_bins):
            now = (at == t).astype(np.int64)
            for y in range(height):
                for x in range(width):
                    window = now[y : y + k, x : x + k, :]
                    if window.any():
                        v[:, y, x] += np.einsum("mcyx,yxc->m", quanta, window)
            yield t, v

    def spikes(self, bins: np.ndarray, is_inhibited: bool):
        """Return the set of (bin, map, row, column), and the potentials at the end."""
        found, fired, v = set(), set(), None
        for t, v in self.potentials(bins):
            for y in range(v.shape[1]):
                for x in range(v.shape[2]):
                    over = [int(v[m, y, x]) - self.theta[m] for m in range(v.shape[0])]
                    if is_inhibited:
                        if max(over) >= 0 and (y, x) not in fired:
                            fired.add((y, x))
                            found.add((t, over.index(max(over)), y, x))
                        continue
                    for m, excess in enumerate(over):
                        if excess >= 0 and (m, y, x) not in fired:
                            fired.add((m, y, x))
                            found.add((t, m, y, x))
        return found, v

    def winners(self, bins: np.ndarray, n_winners: int, radius: int):
        """Return the winners of an image in order: (bin, map, row, column)."""
        closed, chosen = set(), []
        for t, v in self.potentials(bins):
            candidates = []
            for y in range(v.shape[1]):
                for x in range(v.shape[2]):
                    over = [int(v[m, y, x]) - self.theta[m] for m in range(v.shape[0])]
                    if max(over) >= 0 and (y, x) not in closed:
                        closed.add((y, x))
                        candidates.append((-max(over), over.index(max(over)), y, x))
            for _, m, y, x in sorted(candidates):
                is_free = all(
                    m != other_m and (abs(y - other_y) > radius or abs(x - other_x) > radius)
                    for _, other_m, other_y, other_x in chosen
                )
                if is_free and len(chosen) < n_winners:
                    chosen.append((t, m, y, x))
            if len(chosen) == n_winners:
                break
        return chosen

    def learn(self, bins, n_winners, radius, a_plus, a_minus, edge):
        """Let the winners of an image learn; return them."""
        chosen = self.winners(bins, n_winners, radius)
        p, k = self.padding, self.weights.shape[2]
        at = np.pad(bins, ((p, p), (p, p), (0, 0)), constant_values=-1)
        one = np.float32(1.0)
        for t, m, y, x in chosen:
            window = at[y : y + k, x : x + k, :].transpose(2, 0, 1)
            is_early = (window >= 0) & (window <= t)
            w = self.weights[m]
            rate = np.where(is_early, np.float32(a_plus), -np.float32(a_minus))
            changed = w + (w * (one - w)) * rate
            self.weights[m] = np.clip(changed, np.float32(edge), one - np.float32(edge))
        return chosen
