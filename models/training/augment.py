"""Cheap random changes of training pictures, done on whole batches."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


def jitter_colour(pictures: Tensor, rng: np.random.Generator) -> Tensor:
    """Change brightness, contrast and colour of float pictures (B, 3, H, W) 0..255."""
    count = len(pictures)
    order = np.stack([
        rng.permutation(3) if rng.random() < 0.35 else np.arange(3) for _ in range(count)])
    pictures = pictures[torch.arange(count)[:, None], torch.from_numpy(order)]
    gain = rng.uniform(0.7, 1.35, (count, 1)) * rng.uniform(0.88, 1.12, (count, 3))
    shift = rng.uniform(-22, 22, (count, 1)) * np.ones((1, 3))

    def per_channel(values: np.ndarray) -> Tensor:
        return torch.from_numpy(values.astype(np.float32))[:, :, None, None]

    return (pictures * per_channel(gain) + per_channel(shift)).clamp_(0, 255)


def flip(pictures: np.ndarray, rng: np.random.Generator,
         boxes: np.ndarray | None = None) -> None:
    """Mirror pictures (B, H, W, 3) and boxes (B, P, 4) in place, at random."""
    for index in range(len(pictures)):
        for axis in (0, 1):  # 0 mirrors y, 1 mirrors x
            if rng.random() < 0.5:
                continue
            pictures[index] = np.flip(pictures[index], axis)
            if boxes is not None:
                low = 1 - axis
                boxes[index][:, [low, low + 2]] = 1 - boxes[index][:, [low + 2, low]]


def to_tensor(pictures: np.ndarray) -> Tensor:
    """8-bit pictures (B, H, W, BGR) to float (B, BGR, H, W), channels last in memory."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float()
