"""Checks of the exported models against the trained networks, and golden files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from augment import to_tensor
from boxes import decode
from ir_runner import IrModel
from nets import Classifier, Detector
from priors import detector_priors

TOLERANCE = 1e-4


def _planar(picture: np.ndarray) -> np.ndarray:
    """(H, W, BGR) to (1, BGR, H, W)."""
    return np.ascontiguousarray(picture.transpose(2, 0, 1)[None])


def check_classifier(net: Classifier, model: IrModel, pictures: np.ndarray) -> float:
    """Greatest difference of the probabilities; raises when it is too great."""
    with torch.no_grad():
        expected = net(to_tensor(pictures)).softmax(1).numpy()
    actual = np.concatenate([model.run(_planar(picture)) for picture in pictures])
    return _require(np.abs(expected - actual).max())


def check_detector(net: Detector, model: IrModel, pictures: np.ndarray) -> float:
    """Greatest difference between detections and the network's own scores and boxes.

    The network gives a score for each class of each prior box; every detection has
    to be one of those, and the best score of each class has to be a detection.
    """
    priors = torch.from_numpy(detector_priors(net.size))
    worst = 0.0
    for picture in pictures:
        with torch.no_grad():
            offsets, scores = net(to_tensor(picture[None]))
        boxes = decode(priors, offsets[0]).numpy()
        scores = scores[0].softmax(1).numpy()
        rows = model.run(_planar(picture))[0, 0]
        rows = rows[rows[:, 1] > 0]
        for row in rows:
            label = int(row[1])
            difference = np.maximum(
                np.abs(boxes - row[3:]).max(1), np.abs(scores[:, label] - row[2]))
            worst = max(worst, float(difference.min()))
        for label in range(1, net.classes):
            best = scores[:, label].max()
            if best > 0.3:
                worst = max(worst, float(abs(best - rows[rows[:, 1] == label, 2].max())))
    return _require(worst)


def _require(difference: float) -> float:
    if not difference <= TOLERANCE:
        raise SystemExit(f"the exported model differs from the network by {difference}")
    return float(difference)


def write_golden(model: IrModel, picture: np.ndarray, folder: Path, name: str, output: str) -> None:
    """Keep one input and what the exported model makes of it."""
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / f"{name}.input.npy", _planar(picture))
    np.save(folder / f"{name}.{output}.npy", model.run(_planar(picture)).astype(np.float32))
