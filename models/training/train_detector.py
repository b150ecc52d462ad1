"""Train the detector on pre-rendered pictures."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor

from augment import flip, jitter_colour, to_tensor
from boxes import match
from dataset import load
from nets import Detector
from priors import detector_priors

NEGATIVES_PER_POSITIVE = 3


def loss(offsets: Tensor, scores: Tensor, classes: Tensor, target: Tensor) -> Tensor:
    """SSD loss: SmoothL1 on matched priors, softmax with hard negatives on classes."""
    positive = classes > 0
    count = positive.sum().clamp(min=1)
    box_loss = functional.smooth_l1_loss(offsets[positive], target[positive], reduction="sum")

    entropy = functional.cross_entropy(
        scores.flatten(0, 1), classes.clamp(min=0).flatten(), reduction="none").view_as(classes)
    negative_entropy = entropy.detach().masked_fill(classes != 0, -1.0)
    wanted = (positive.sum(1) * NEGATIVES_PER_POSITIVE).clamp(min=16)
    rank = negative_entropy.argsort(1, descending=True).argsort(1)
    hard = (rank < wanted[:, None]) & (classes == 0)
    class_loss = entropy[positive | hard].sum()
    return (box_loss + class_loss) / count


def train(cache: Path, pictures: int, epochs: int, batch: int, threads: int) -> Detector:
    """Train from scratch and return the network."""
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    rng = np.random.default_rng(1)
    images, truths = load(cache, "scenes", "training", pictures)
    net = Detector().to(memory_format=torch.channels_last).train()
    priors = torch.from_numpy(detector_priors(Detector.size))
    optimiser = torch.optim.AdamW(net.parameters(), weight_decay=2e-4)
    steps = len(images) // batch * epochs
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=3e-3, total_steps=steps)

    started, total = time.time(), 0.0
    for epoch in range(epochs):
        order = rng.permutation(len(images))
        total = 0.0
        for first in range(0, len(order) - batch + 1, batch):
            chosen = np.sort(order[first:first + batch])
            picture, truth = images[chosen], truths[chosen]
            flip(picture, rng, truth[..., 1:5])
            classes, target = match(priors, torch.from_numpy(truth))
            value = loss(*net(jitter_colour(to_tensor(picture), rng)), classes, target)
            optimiser.zero_grad(set_to_none=True)
            value.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 10.0)
            optimiser.step()
            schedule.step()
            total += value.item()
        print(f"detector epoch {epoch + 1}/{epochs}: loss {total / (len(order) // batch):.3f}, "
              f"{time.time() - started:.0f} s", flush=True)
    return net.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--pictures", type=int, default=8000)
    parser.add_argument("--epochs", type=int, default=13)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    net = train(options.cache, options.pictures, options.epochs, options.batch, options.threads)
    torch.save(net.state_dict(), options.cache / "detector.pt")


if __name__ == "__main__":
    main()
