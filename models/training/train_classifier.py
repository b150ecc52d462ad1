"""Train the classifier on pre-rendered close-ups."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as functional

from augment import flip, jitter_colour, to_tensor
from dataset import load
from nets import Classifier


def train(cache: Path, pictures: int, epochs: int, batch: int, threads: int) -> Classifier:
    """Train from scratch and return the network."""
    torch.set_num_threads(threads)
    torch.manual_seed(2)
    rng = np.random.default_rng(2)
    images, labels = load(cache, "closeups", "training", pictures)
    net = Classifier().to(memory_format=torch.channels_last).train()
    optimiser = torch.optim.AdamW(net.parameters(), weight_decay=1e-3)
    steps = len(images) // batch * epochs
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=4e-3, total_steps=steps)

    started = time.time()
    for epoch in range(epochs):
        order = rng.permutation(len(images))
        total = 0.0
        for first in range(0, len(order) - batch + 1, batch):
            chosen = np.sort(order[first:first + batch])
            picture = images[chosen]
            flip(picture, rng)
            scores = net(jitter_colour(to_tensor(picture), rng))
            value = functional.cross_entropy(
                scores, torch.from_numpy(labels[chosen]), label_smoothing=0.02)
            optimiser.zero_grad(set_to_none=True)
            value.backward()
            optimiser.step()
            schedule.step()
            total += value.item()
        print(f"classifier epoch {epoch + 1}/{epochs}: loss {total / (len(order) // batch):.3f}, "
              f"{time.time() - started:.0f} s", flush=True)
    return net.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--pictures", type=int, default=7200)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    net = train(options.cache, options.pictures, options.epochs, options.batch, options.threads)
    torch.save(net.state_dict(), options.cache / "classifier.pt")


if __name__ == "__main__":
    main()
