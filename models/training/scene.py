"""Conveyor scenes: belt, parts laid on it, and the camera that looks at them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from domains import Domain, draw_band
from parts import CLASSES, NOMINAL_SIZE
from shading import Lighting, Sprite, draw_lighting, draw_sprite

WIDTH, HEIGHT = 640, 360


@dataclass
class Placed:
    """A part on the belt; x and y are the centre in picture pixels."""

    sprite: Sprite
    x: int
    y: int


@dataclass
class Truth:
    """What a part looks like to the camera."""

    kind: str
    box: tuple[float, float, float, float]  # xmin, ymin, xmax, ymax, pixels of the picture
    visible: float  # fraction of the part that is seen


def _periodic_noise(shape: tuple[int, int], sigma: float, rng: np.random.Generator) -> np.ndarray:
    """Smooth noise of unit deviation that continues over the left and right edges."""
    shrink = max(1, int(sigma / 2))
    small = rng.normal(size=(shape[0] // shrink + 1, max(4, shape[1] // shrink))).astype(np.float32)
    pad = min(small.shape[1], int(4 * sigma / shrink) + 2)
    padded = np.pad(small, ((0, 0), (pad, pad)), mode="wrap")
    smooth = cv2.GaussianBlur(padded, (0, 0), sigma / shrink)[:, pad:-pad]
    smooth = cv2.resize(smooth, shape[::-1], interpolation=cv2.INTER_LINEAR)
    return smooth / (smooth.std() + 1e-6)


def _pattern(kind: str, shape: tuple[int, int], pitch: int, rng: np.random.Generator) -> np.ndarray:
    """Relief of the belt surface, about -1..1; pitch divides the width."""
    y, x = np.mgrid[:shape[0], :shape[1]].astype(np.float32)
    wave_x, wave_y = 2 * np.pi * x / pitch, 2 * np.pi * y / pitch
    if kind == "ribs":
        return np.sin(wave_x) if rng.random() < 0.5 else np.sin(wave_y)
    if kind == "weave":
        return np.sin(wave_x) * np.sin(wave_y)
    if kind == "speckle":
        return np.clip(_periodic_noise(shape, 1.0, rng) - 1.2, 0, 1.5)
    if kind == "diamond":
        lines = np.maximum(np.abs(np.cos((wave_x + wave_y) / 2)), np.abs(np.cos((wave_x - wave_y) / 2)))
        return np.clip((lines - 0.93) * 14, 0, 1)
    if kind == "dimples":
        bumps = np.cos(wave_x) + np.cos(wave_y + np.pi * np.floor(x / pitch))
        return np.clip(bumps - 0.9, 0, 1)
    return np.zeros(shape, np.float32)


def draw_belt(domain: Domain, lighting: Lighting, rng: np.random.Generator,
              width: int = WIDTH, zoom: float = 1.0) -> np.ndarray:
    """Draw the belt; its left and right edges match, so that it can run round."""
    shape = (HEIGHT, width)
    colours = list(domain.belt_colours.values())
    colour = np.array(colours[rng.integers(len(colours))], np.float32) * rng.uniform(0.75, 1.3)
    patterns = domain.belt_patterns
    pattern = patterns[rng.integers(len(patterns))]
    pitch = int(rng.choice([8, 10, 16, 20]) * (2 if zoom > 1 else 1))
    strength = rng.uniform(0.04, 0.16)
    surface = 1.0 + strength * _pattern(pattern, shape, pitch, rng)
    surface += rng.uniform(0.015, 0.06) * _periodic_noise(shape, 0.8 * zoom, rng)
    surface += rng.uniform(0.02, 0.07) * _periodic_noise(shape, 34.0 * zoom, rng)
    scratches = np.zeros(shape, np.float32)
    for _ in range(int(rng.integers(0, 14) * width / WIDTH)):
        x, y = int(rng.integers(width)), int(rng.integers(HEIGHT))
        end = (x + int(rng.integers(20, 160)), y + int(rng.integers(-3, 4)))
        cv2.line(scratches, (x, y), end, float(rng.uniform(-0.12, 0.16)), 1, cv2.LINE_AA)
    surface += scratches
    return surface[..., None] * colour * lighting.colour


def draw_rails(image: np.ndarray, lighting: Lighting, rng: np.random.Generator) -> None:
    """Draw the aluminium side rails of the conveyor over the picture's edges."""
    for top in (True, False):
        depth = int(rng.integers(10, 26))
        profile = np.linspace(0.45, 0.8, depth, dtype=np.float32)
        profile[-3:] = (0.9, 0.3, 0.1)
        grain = rng.normal(1.0, 0.02, (depth, image.shape[1])).astype(np.float32)
        rail = (profile[:, None] * grain)[..., None] * lighting.colour
        image[:depth if top else None][-depth:] = rail if top else rail[::-1]


def falloff(lighting: Lighting, rng: np.random.Generator) -> np.ndarray:
    """Uneven light over the picture: a gradient and the lens's dark corners."""
    y, x = np.mgrid[-1:1:HEIGHT * 1j, -1:1:WIDTH * 1j].astype(np.float32)
    key = -lighting.shadow / np.linalg.norm(lighting.shadow)
    gradient = 1.0 + rng.uniform(0.0, 0.28) * (x * key[0] + y * key[1])
    return (gradient * (1.0 - rng.uniform(0.0, 0.2) * (x * x + y * y) / 2))[..., None]


def compose(background: np.ndarray, parts: list[Placed]) -> tuple[np.ndarray, list[Truth]]:
    """Lay the parts on the background, the first lowest."""
    image = background.copy()
    owner = np.full(image.shape[:2], -1, np.int16)
    boxes: list[tuple[float, float, float, float] | None] = []
    for index, part in enumerate(parts):
        half = part.sprite.cover.shape[0] // 2
        left, top = part.x - half, part.y - half
        x0, y0 = max(0, left), max(0, top)
        x1, y1 = min(WIDTH, part.x + half), min(HEIGHT, part.y + half)
        if x0 >= x1 or y0 >= y1:
            boxes.append(None)
            continue
        inside = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
        target = image[y0:y1, x0:x1]
        cover = part.sprite.cover[inside]
        target *= part.sprite.shade[inside][..., None]
        target += (part.sprite.colour[inside] - target) * cover[..., None]
        solid = cover > 0.5
        owner[y0:y1, x0:x1][solid] = index
        boxes.append(_box(solid, x0, y0))

    counts = np.bincount(owner[owner >= 0].ravel(), minlength=len(parts))
    truth = []
    for index, (part, box) in enumerate(zip(parts, boxes)):
        if box is not None and counts[index]:
            visible = counts[index] / np.count_nonzero(part.sprite.cover > 0.5)
            truth.append(Truth(part.sprite.kind, box, float(visible)))
    return image, truth


def _box(solid: np.ndarray, x0: int, y0: int) -> tuple[float, float, float, float] | None:
    columns, rows = np.flatnonzero(solid.any(axis=0)), np.flatnonzero(solid.any(axis=1))
    if not columns.size:
        return None
    return (float(x0 + columns[0]), float(y0 + rows[0]),
            float(x0 + columns[-1] + 1), float(y0 + rows[-1] + 1))


@dataclass
class Camera:
    """Faults of the camera."""

    exposure: float
    gamma: float
    blur: float
    motion: int  # pixels along the belt
    noise: float
    quality: int | None  # of JPEG; None leaves the picture uncompressed

    def take(self, image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Turn light into an 8-bit BGR picture."""
        if self.motion > 1:
            image = cv2.blur(image, (self.motion, 1))
        if self.blur > 0.2:
            image = cv2.GaussianBlur(image, (0, 0), self.blur)
        image = np.clip(image * self.exposure, 0, None)
        image = image / (1 + np.maximum(image - 0.7, 0))  # soft shoulder of highlights
        image = np.power(image, self.gamma)
        noise = np.empty(image.shape, np.float32)
        cv2.setRNGSeed(int(rng.integers(1 << 31)))
        cv2.randn(noise, 0, self.noise)
        image = image + noise * (0.5 + image)
        picture = np.clip(image * 255 + 0.5, 0, 255).astype(np.uint8)
        if self.quality is not None:
            _, code = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, self.quality])
            picture = cv2.imdecode(code, cv2.IMREAD_COLOR)
        return picture


def draw_camera(rng: np.random.Generator) -> Camera:
    return Camera(
        exposure=rng.uniform(0.75, 1.25),
        gamma=rng.uniform(0.75, 1.05),
        blur=rng.uniform(0.0, 1.3),
        motion=int(rng.integers(0, 7)),
        noise=rng.uniform(0.004, 0.035),
        quality=int(rng.integers(35, 95)))


def _place(kinds: list[str], sizes: list[float],
           rng: np.random.Generator) -> list[tuple[int, int]]:
    """Positions with little overlap, some parts cut by the picture's edges."""
    spots: list[tuple[int, int, float]] = []
    for kind, size in zip(kinds, sizes):
        radius = size / 2 * (0.62 if kind in ("bolt", "spring") else 1.0)
        reach = rng.choice([1.02, 0.72], p=[0.7, 0.3])
        for _ in range(30):  # the last attempt stands, whatever it overlaps
            x = int(rng.integers(int(-radius * 0.3), int(WIDTH + radius * 0.3)))
            y = int(rng.integers(int(radius * 0.6), int(HEIGHT - radius * 0.6)))
            if all(np.hypot(x - a, y - b) > reach * (radius + c) for a, b, c in spots):
                break
        spots.append((x, y, radius))
    return [(x, y) for x, y, _ in spots]


def draw_scene(domain: Domain, rng: np.random.Generator) -> tuple[np.ndarray, list[Truth]]:
    """Draw a conveyor picture with several parts."""
    lighting = draw_lighting(domain, rng)
    background = draw_belt(domain, lighting, rng)
    if rng.random() < 0.5:
        draw_rails(background, lighting, rng)
    count = int(rng.integers(2, 11))
    kinds = [CLASSES[i] for i in rng.integers(len(CLASSES), size=count)]
    sizes = [NOMINAL_SIZE[kind] * draw_band(domain.scales, rng) for kind in kinds]
    parts = []
    for kind, size, (x, y) in zip(kinds, sizes, _place(kinds, sizes, rng)):
        angle = rng.uniform(0, 2 * np.pi)
        parts.append(Placed(draw_sprite(kind, size, angle, domain, lighting, rng), x, y))
    image, truth = compose(background, parts)
    return draw_camera(rng).take(image * falloff(lighting, rng), rng), truth


def draw_closeup(kind: str | None, domain: Domain, rng: np.random.Generator) -> np.ndarray:
    """Draw a picture of the inspection camera: one part, or none."""
    lighting = draw_lighting(domain, rng)
    background = draw_belt(domain, lighting, rng, zoom=2.5)
    if rng.random() < 0.3:
        draw_rails(background, lighting, rng)
    parts = []
    if kind is not None:
        size = closeup_size(kind, draw_band(domain.closeup_scales, rng))
        x = WIDTH // 2 + int(rng.integers(-110, 111))
        y = HEIGHT // 2 + int(rng.integers(-36, 37))
        angle = rng.uniform(0, 2 * np.pi)
        sprite = draw_sprite(kind, size, angle, domain, lighting, rng, supersampling=1)
        parts.append(Placed(sprite, x, y))
    image, _ = compose(background, parts)
    return draw_camera(rng).take(image * falloff(lighting, rng), rng)


def closeup_size(kind: str, scale: float) -> float:
    """Size in the close-up; the long parts are brought nearer to the others."""
    return scale * NOMINAL_SIZE[kind] ** 0.5 * 9.0
