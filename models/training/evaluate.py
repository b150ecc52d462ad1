"""Measure the exported models on unseen pictures and on the demo videos.

Everything is computed from the IR files. Writes evaluation.md beside the models.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Iterator

import numpy as np

from dataset import CLASSIFIER_SIZE, CLOSEUP_CLASSES, DETECTOR_SIZE, load, stretch
from ir_runner import IrModel
from metrics import LEAST_VISIBLE, DetectionScore
from parts import CLASSES
from videos import decode

THRESHOLD = 0.5


def run(model: IrModel, picture: np.ndarray) -> np.ndarray:
    """Compute a model for a picture (H, W, BGR) of its input size."""
    return model.run(np.ascontiguousarray(picture.transpose(2, 0, 1)[None]))


def truth_frames(folder: Path, name: str) -> Iterator[tuple[np.ndarray, dict]]:
    """The frames of a demo video that have ground truth, with it."""
    truth = json.loads((folder / f"{name}.truth.json").read_text(encoding="utf-8"))
    by_frame = {frame["frame_id"]: frame for frame in truth["frames"]}
    for frame_id, frame in enumerate(decode(folder / f"{name}.mp4"), 1):
        if frame_id in by_frame:
            yield frame, by_frame[frame_id]


def score_scenes(model: IrModel, pictures: np.ndarray, truths: np.ndarray) -> DetectionScore:
    score = DetectionScore()
    for picture, truth in zip(pictures, truths):
        score.add(run(model, picture)[0, 0], truth[truth[:, 0] > 0])
    return score


def score_conveyor(model: IrModel, demo: Path) -> DetectionScore:
    score = DetectionScore()
    for frame, truth in truth_frames(demo, "conveyor"):
        rows = [[part["label"], *part["box"], part["visible"]] for part in truth["objects"]]
        score.add(run(model, stretch(frame, DETECTOR_SIZE))[0, 0], np.array(rows).reshape(-1, 6))
    return score


def confusion(model: IrModel, pictures: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Counts of true class (rows) against answered class (columns)."""
    counts = np.zeros((len(CLOSEUP_CLASSES),) * 2, int)
    for picture, label in zip(pictures, labels):
        counts[label, run(model, picture)[0].argmax()] += 1
    return counts


def inspection_counts(model: IrModel, demo: Path) -> tuple[int, int]:
    """Right answers and frames of the inspection video, where a class is known."""
    right = total = 0
    for frame, truth in truth_frames(demo, "inspection"):
        if truth["class"] is not None:
            answer = run(model, stretch(frame, CLASSIFIER_SIZE))[0].argmax()
            right += CLOSEUP_CLASSES[answer] == truth["class"]
            total += 1
    return right, total


def detection_table(score: DetectionScore) -> list[str]:
    precision = score.average_precision()
    at_threshold = score.at_threshold(THRESHOLD)
    lines = [f"| Class | AP at IoU 0.5 | Precision at {THRESHOLD} | Recall at {THRESHOLD} |",
             "|---|---|---|---|"]
    for name in CLASSES:
        right, found = at_threshold[name]
        lines.append(f"| {name} | {precision[name]:.3f} | {right:.3f} | {found:.3f} |")
    right, found = at_threshold["all"]
    mean = np.mean(list(precision.values()))
    return lines + [f"| **all** | **{mean:.3f}** (mean) | **{right:.3f}** | **{found:.3f}** |"]


def confusion_table(counts: np.ndarray) -> list[str]:
    lines = ["| Shown, answered | " + " | ".join(CLOSEUP_CLASSES) + " | Right |",
             "|---" * (len(CLOSEUP_CLASSES) + 2) + "|"]
    for name, row, right in zip(CLOSEUP_CLASSES, counts, counts.diagonal()):
        lines.append(f"| {name} | " + " | ".join(map(str, row)) + f" | {right / row.sum():.3f} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--scenes", type=int, default=600)
    parser.add_argument("--closeups", type=int, default=1200)
    options = parser.parse_args()
    demo = options.output / "demo"
    detector = IrModel(options.output / "parts-detector" / "parts-detector.xml")
    classifier = IrModel(options.output / "parts-classifier" / "parts-classifier.xml")

    scenes = score_scenes(detector, *load(options.cache, "scenes", "unseen", options.scenes))
    conveyor = score_conveyor(detector, demo)
    counts = confusion(classifier, *load(options.cache, "closeups", "unseen", options.closeups))
    right, total = inspection_counts(classifier, demo)

    report = "\n".join([
        "# Evaluation of the demo models", "",
        "Written by `models/make.sh`; computed from the exported files. Parts of which less",
        f"than {LEAST_VISIBLE:.0%} is visible count neither as found nor as missed.", "",
        f"## Detector, {options.scenes} pictures of the unseen domain", "",
        *detection_table(scenes), "",
        "## Detector, demo/conveyor.mp4 (every fifth frame)", "", *detection_table(conveyor), "",
        f"## Classifier, {options.closeups} pictures of the unseen domain", "",
        f"Accuracy {np.trace(counts) / counts.sum():.4f}", "", *confusion_table(counts), "",
        "## Classifier, demo/inspection.mp4 (every fifth frame, without parts in transit)", "",
        f"{right} of {total} frames right.", ""])
    (options.output / "evaluation.md").write_text(report, encoding="utf-8")
    print(report)


if __name__ == "__main__":
    main()
