"""Make the two demo videos and their ground truth."""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path
from typing import Iterator

import numpy as np

from dataset import CLOSEUP_CLASSES
from domains import UNSEEN, draw_band
from parts import CLASSES, NOMINAL_SIZE
from scene import (HEIGHT, WIDTH, Camera, Placed, closeup_size, compose, draw_belt, draw_rails,
                   falloff)
from shading import draw_lighting, draw_sprite

FRAME_RATE = 25
CONVEYOR_SEED, INSPECTION_SEED = (5, 1), (8, 2)  # chosen for their looks
TRUTH_INTERVAL = 5  # the truth of every fifth frame is kept
BELT_SPEED = 4  # pixels a frame
BELT_LENGTH = 4 * WIDTH  # after this the belt's surface repeats

# The inspection camera's cycle, in frames: a part comes, stops, goes, nothing is there.
ARRIVE, STOP, LEAVE, EMPTY = 9, 23, 9, 9
TRAVEL = 480  # pixels between out of sight and the camera's middle


def encode(frames: Iterator[np.ndarray], path: Path, quality: int) -> None:
    """Write BGR frames as H.264 in BT.709 colour."""
    colour = ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
              "-color_range", "tv"]
    command = [
        "ffmpeg", "-y", "-loglevel", "error",
        "-f", "rawvideo", "-pixel_format", "bgr24", "-video_size", f"{WIDTH}x{HEIGHT}",
        "-framerate", str(FRAME_RATE), "-i", "-",
        "-vf", "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p",
        "-c:v", "libx264", "-preset", "slow", "-crf", str(quality), "-g", "50",
        "-threads", "1", *colour, "-movflags", "+faststart", str(path),
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        for frame in frames:
            process.stdin.write(frame.tobytes())
        process.stdin.close()
    if process.returncode:
        raise SystemExit(f"ffmpeg failed on {path}")


def decode(path: Path) -> Iterator[np.ndarray]:
    """Read the frames of a video as BGR."""
    command = ["ffmpeg", "-loglevel", "error", "-i", str(path),
               "-vf", "scale=in_color_matrix=bt709", "-f", "rawvideo", "-pix_fmt", "bgr24", "-"]
    size = WIDTH * HEIGHT * 3
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        while len(data := process.stdout.read(size)) == size:
            yield np.frombuffer(data, np.uint8).reshape(HEIGHT, WIDTH, 3)


def _camera(exposure: float) -> Camera:
    return Camera(exposure, gamma=0.85, blur=0.5, motion=0, noise=0.008, quality=None)


def conveyor(seconds: int, truth: list[dict]) -> Iterator[np.ndarray]:
    """Frames of parts that travel along a belt; appends to truth."""
    rng = np.random.default_rng(CONVEYOR_SEED)
    lighting = draw_lighting(UNSEEN, rng)
    belt = draw_belt(UNSEEN, lighting, rng, width=BELT_LENGTH)
    rails = np.full((HEIGHT, WIDTH, 3), np.nan, np.float32)
    draw_rails(rails, lighting, rng)
    light = falloff(lighting, rng)

    frames = seconds * FRAME_RATE
    parts = []
    deck: list[str] = []
    # Positions along the belt, with the first parts in view from the start.
    for along in np.arange(WIDTH - 60, -BELT_SPEED * frames, -62):
        if not deck:
            deck = list(rng.permutation(CLASSES))
        kind = deck.pop()
        size = NOMINAL_SIZE[kind] * draw_band(UNSEEN.scales, rng)
        lane = int(len(parts) * 127 % 215) + 72
        sprite = draw_sprite(kind, size, rng.uniform(0, 2 * np.pi), UNSEEN, lighting, rng)
        parts.append(Placed(sprite, int(along + rng.integers(-16, 17)), lane))

    for frame_id in range(1, frames + 1):
        shift = BELT_SPEED * (frame_id - 1)
        background = np.roll(belt, shift, axis=1)[:, :WIDTH]
        background = np.where(np.isnan(rails), background, rails)
        moved = [Placed(part.sprite, part.x + shift, part.y) for part in parts]
        image, seen = compose(background, moved)
        if (frame_id - 1) % TRUTH_INTERVAL == 0:
            truth.append({"frame_id": frame_id, "objects": [
                {"label": CLASSES.index(part.kind) + 1, "class": part.kind,
                 "box": [round(part.box[0] / WIDTH, 4), round(part.box[1] / HEIGHT, 4),
                         round(part.box[2] / WIDTH, 4), round(part.box[3] / HEIGHT, 4)],
                 "visible": round(part.visible, 2)} for part in seen]})
        yield _camera(1.25).take(image * light, rng)


def inspection(truth: list[dict]) -> Iterator[np.ndarray]:
    """Frames of one part after another under a close-up camera; appends to truth."""
    rng = np.random.default_rng(INSPECTION_SEED)
    lighting = draw_lighting(UNSEEN, rng)
    belt = draw_belt(UNSEEN, lighting, rng, width=BELT_LENGTH, zoom=2.5)
    light = falloff(lighting, rng)
    steps = np.concatenate([
        np.diff(np.rint(TRAVEL * np.sin(np.linspace(0, np.pi / 2, ARRIVE + 1)))),
        np.zeros(STOP),
        np.diff(np.rint(TRAVEL * (1 - np.cos(np.linspace(0, np.pi / 2, LEAVE + 1))))),
        np.zeros(EMPTY)]).astype(int)

    shift, frame_id = 0, 0
    for kind in ("gear", "bolt", "hex nut", "spring", "washer"):
        size = closeup_size(kind, draw_band(UNSEEN.closeup_scales, rng))
        angle = rng.uniform(0, 2 * np.pi)
        sprite = draw_sprite(kind, size, angle, UNSEEN, lighting, rng)
        x, y = WIDTH // 2 - TRAVEL, HEIGHT // 2 + int(rng.integers(-18, 19))
        for step in steps:
            frame_id += 1
            shift += step
            x += step
            image, seen = compose(
                np.roll(belt, shift, axis=1)[:, :WIDTH], [Placed(sprite, x, y)])
            if (frame_id - 1) % TRUTH_INTERVAL == 0:
                stands = kind if step == 0 else None
                truth.append({"frame_id": frame_id,
                              "class": stands if seen else CLOSEUP_CLASSES[0]})
            camera = _camera(1.25)
            camera.motion = int(step * 0.4)
            yield camera.take(image * light, rng)


def _write_truth(path: Path, frames: list[dict]) -> None:
    rows = ",\n".join(json.dumps(frame, separators=(",", ":")) for frame in frames)
    path.write_text(f'{{"frames":[\n{rows}\n]}}\n', encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--seconds", type=int, default=20, help="length of the conveyor video")
    options = parser.parse_args()
    for name, make, quality in (
            ("conveyor", lambda truth: conveyor(options.seconds, truth), 24),
            ("inspection", inspection, 23)):
        truth: list[dict] = []
        encode(make(truth), options.output / f"{name}.mp4", quality)
        _write_truth(options.output / f"{name}.truth.json", truth)


if __name__ == "__main__":
    main()
