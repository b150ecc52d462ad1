"""Prior boxes of the detector, exactly as OpenVINO's PriorBox makes them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

VARIANCES = (0.1, 0.1, 0.2, 0.2)


@dataclass(frozen=True)
class PriorSpec:
    """The attributes of one PriorBox layer; sizes in pixels of the input image."""

    min_size: tuple[float, ...]
    max_size: tuple[float, ...]
    aspect_ratio: tuple[float, ...]
    step: float
    flip: bool = True
    clip: bool = False
    offset: float = 0.5

    def shapes(self) -> list[tuple[float, float]]:
        """Width and height of the boxes of one cell, in PriorBox-1 order."""
        ratios = [1.0]
        for ratio in self.aspect_ratio:
            for candidate in (ratio, 1.0 / ratio) if self.flip else (ratio,):
                if all(abs(candidate - known) > 1e-6 for known in ratios):
                    ratios.append(candidate)
        shapes = []
        for smallest, largest in zip(self.min_size, self.max_size):
            shapes.append((smallest, smallest))
            shapes.append((np.sqrt(smallest * largest),) * 2)
            shapes += [(smallest * np.sqrt(r), smallest / np.sqrt(r)) for r in ratios[1:]]
        return shapes

    def boxes(self, cells: tuple[int, int], image: tuple[int, int]) -> np.ndarray:
        """All boxes (N, 4) as corners 0..1; cells and image are (height, width)."""
        rows, columns = np.mgrid[:cells[0], :cells[1]]
        x = (columns.reshape(-1, 1, 1) + self.offset) * self.step
        y = (rows.reshape(-1, 1, 1) + self.offset) * self.step
        half = np.array(self.shapes())[None] / 2
        corners = np.concatenate([
            x - half[..., :1], y - half[..., 1:], x + half[..., :1], y + half[..., 1:]], axis=2)
        corners /= np.array([image[1], image[0]] * 2)
        boxes = corners.reshape(-1, 4).astype(np.float32)
        return np.clip(boxes, 0.0, 1.0) if self.clip else boxes


# One specification per feature map of the detector.
DETECTOR_PRIORS = (
    PriorSpec(min_size=(22,), max_size=(30,), aspect_ratio=(2,), step=8),
    PriorSpec(min_size=(34, 50), max_size=(42, 60), aspect_ratio=(2, 3), step=16),
    PriorSpec(min_size=(64,), max_size=(78,), aspect_ratio=(2, 3), step=32),
)


def detector_priors(size: tuple[int, int]) -> np.ndarray:
    """All prior boxes (N, 4) for an input of this (width, height)."""
    width, height = size
    return np.concatenate([
        spec.boxes((-(-height // spec.step), -(-width // spec.step)), (height, width))
        for spec in DETECTOR_PRIORS])
