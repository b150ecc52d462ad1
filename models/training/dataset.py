"""Pre-rendered pictures, kept in a cache so that training need not draw them."""

from __future__ import annotations

import argparse
from multiprocessing import Pool
from pathlib import Path

import cv2
import numpy as np

from domains import DOMAINS
from parts import CLASSES
from scene import HEIGHT, WIDTH, draw_closeup, draw_scene

DETECTOR_SIZE = (320, 192)  # width, height
CLASSIFIER_SIZE = (128, 128)
CLOSEUP_CLASSES = ("empty belt",) + CLASSES
MAX_PARTS = 12
_SEEDS = {"training": 11, "unseen": 5077}


def stretch(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Resize as the service does: plain bilinear, ignoring the aspect ratio."""
    return cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)


def _render_scene(job: tuple[str, int]) -> tuple[np.ndarray, np.ndarray]:
    """One conveyor picture; truth rows are label, box 0..1, visible fraction."""
    domain, index = job
    rng = np.random.default_rng([_SEEDS[domain], 1, index])
    picture, truth = draw_scene(DOMAINS[domain], rng)
    rows = np.zeros((MAX_PARTS, 6), np.float32)
    for row, part in zip(rows, truth):
        xmin, ymin, xmax, ymax = part.box
        row[:] = (CLASSES.index(part.kind) + 1, xmin / WIDTH, ymin / HEIGHT,
                  xmax / WIDTH, ymax / HEIGHT, part.visible)
    return stretch(picture, DETECTOR_SIZE), rows


def _render_closeup(job: tuple[str, int]) -> tuple[np.ndarray, int]:
    """One close-up picture and the index of its class."""
    domain, index = job
    rng = np.random.default_rng([_SEEDS[domain], 2, index])
    label = index % len(CLOSEUP_CLASSES)
    kind = CLASSES[label - 1] if label else None
    return stretch(draw_closeup(kind, DOMAINS[domain], rng), CLASSIFIER_SIZE), label


_RENDERERS = {"scenes": _render_scene, "closeups": _render_closeup}


def load(cache: Path, content: str, domain: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Load pictures (N, H, W, BGR) and their truth, rendering them when missing."""
    cache.mkdir(parents=True, exist_ok=True)
    pictures_file = cache / f"{content}-{domain}-{count}.npy"
    truth_file = cache / f"{content}-{domain}-{count}.truth.npy"
    if not truth_file.exists():
        print(f"rendering {count} {content}, domain {domain}", flush=True)
        jobs = [(domain, index) for index in range(count)]
        with Pool(initializer=cv2.setNumThreads, initargs=(1,)) as pool:
            results = pool.map(_RENDERERS[content], jobs, chunksize=16)
        np.save(pictures_file, np.stack([picture for picture, _ in results]))
        np.save(truth_file, np.array([truth for _, truth in results]))
    return np.load(pictures_file, mmap_mode="c"), np.load(truth_file)


def main() -> None:
    parser = argparse.ArgumentParser(description="Render pictures into a cache.")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--domain", choices=DOMAINS, required=True)
    parser.add_argument("--scenes", type=int, required=True)
    parser.add_argument("--closeups", type=int, required=True)
    options = parser.parse_args()
    load(options.cache, "scenes", options.domain, options.scenes)
    load(options.cache, "closeups", options.domain, options.closeups)


if __name__ == "__main__":
    main()
