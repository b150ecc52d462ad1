"""Measures of detection quality."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ir_runner import overlap
from parts import CLASSES

MATCH_IOU = 0.5
# Parts that are hidden more than this count neither as found nor as missed.
LEAST_VISIBLE = 0.3


@dataclass
class _ClassRecord:
    scores: list[float] = field(default_factory=list)
    correct: list[bool] = field(default_factory=list)
    parts: int = 0


class DetectionScore:
    """Collects the detections of many pictures and scores them."""

    def __init__(self) -> None:
        self._records = {label: _ClassRecord() for label in range(1, len(CLASSES) + 1)}

    def add(self, detections: np.ndarray, truth: np.ndarray) -> None:
        """Add a picture: rows of DetectionOutput, and rows of label, box, visible fraction."""
        for label, record in self._records.items():
            parts = truth[truth[:, 0] == label]
            record.parts += int((parts[:, 5] >= LEAST_VISIBLE).sum())
            found = np.zeros(len(parts), bool)
            rows = detections[detections[:, 1] == label]
            for row in rows[np.argsort(-rows[:, 2], kind="stable")]:
                best = -1
                if len(parts):
                    iou = np.where(found, 0, overlap(row[3:], parts[:, 1:5]))
                    best = int(iou.argmax()) if iou.max() >= MATCH_IOU else -1
                if best >= 0:
                    found[best] = True
                    if parts[best, 5] < LEAST_VISIBLE:
                        continue
                record.scores.append(float(row[2]))
                record.correct.append(best >= 0)

    def average_precision(self) -> dict[str, float]:
        """Area under the precision-recall curve of each class, at IoU 0.5."""
        return {CLASSES[label - 1]: _area(record) for label, record in self._records.items()}

    def at_threshold(self, threshold: float) -> dict[str, tuple[float, float]]:
        """Precision and recall of each class, and of all together under "all"."""
        counts = {}
        for label, record in self._records.items():
            taken = np.array(record.scores) > threshold
            counts[CLASSES[label - 1]] = np.array(
                [np.sum(taken & np.array(record.correct, bool)), taken.sum(), record.parts])
        counts["all"] = np.sum(list(counts.values()), axis=0)
        return {name: (float(right / max(taken, 1)), float(right / max(parts, 1)))
                for name, (right, taken, parts) in counts.items()}


def _area(record: _ClassRecord) -> float:
    order = np.argsort(-np.array(record.scores), kind="stable")
    correct = np.array(record.correct, bool)[order]
    hits = np.cumsum(correct)
    precision = hits / np.arange(1, len(hits) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    return float(precision[correct].sum() / max(record.parts, 1))
