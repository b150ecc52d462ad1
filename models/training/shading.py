"""Light on metal: turns a height map into a picture with shadow and highlights."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from domains import Colour, Domain, draw_band
from parts import Relief, build_relief, smoothstep

SUPERSAMPLING = 2


@dataclass
class Light:
    """One bright area in what the metal mirrors."""

    kind: str  # softbox, ring or strip
    direction: np.ndarray  # unit vector to the light; for a strip, across it
    core: float  # cosine (softbox, ring) or half width (strip) of the bright core
    edge: float  # where its brightness has fallen to nothing
    brightness: float

    def seen(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Brightness in the mirrored directions x, y, z."""
        if self.kind == "ring":
            away = np.abs(z - self.direction[2])
            return self.brightness * (1.0 - smoothstep(self.core, self.edge, away))
        toward = x * self.direction[0] + y * self.direction[1] + z * self.direction[2]
        if self.kind == "strip":
            return self.brightness * (1.0 - smoothstep(self.core, self.edge, np.abs(toward)))
        return self.brightness * smoothstep(self.edge, self.core, toward)


@dataclass
class Lighting:
    """All light of a scene."""

    lights: list[Light]
    ambient: float
    zenith: float  # brightness straight above, which flat faces mirror
    colour: np.ndarray  # BGR
    shadow: np.ndarray  # shadow offset in x and y for a height of 1
    shadow_strength: float
    shadow_softness: float  # for a height of 1

    def mirrored(self, nx: np.ndarray, ny: np.ndarray, nz: np.ndarray) -> np.ndarray:
        """What a mirror with these normals shows to a camera straight above."""
        x, y, z = 2 * nz * nx, 2 * nz * ny, 2 * nz * nz - 1
        total = self.ambient + self.zenith * np.maximum(z, 0.0) ** 2
        for light in self.lights:
            total = total + light.seen(x, y, z)
        return total


def _direction(azimuth: float, elevation: float) -> np.ndarray:
    flat = np.cos(elevation)
    return np.array([flat * np.cos(azimuth), flat * np.sin(azimuth), np.sin(elevation)])


def draw_lighting(domain: Domain, rng: np.random.Generator) -> Lighting:
    """Draw the light of a scene."""
    warmth = draw_band(domain.warmth, rng)
    key = rng.uniform(0, 2 * np.pi)
    kind = domain.lights[rng.integers(len(domain.lights))]
    lights = []
    if kind == "ring":
        height = np.sin(np.radians(rng.uniform(40, 65)))
        lights.append(Light("ring", np.array([0, 0, height]), 0.06, 0.22, rng.uniform(0.7, 1.0)))
    if kind == "strip":
        for offset in rng.uniform(0.25, 0.5, 2) * (-1, 1):
            across = _direction(key, offset)
            lights.append(Light("strip", across, 0.08, 0.25, rng.uniform(0.5, 0.8)))
    boxes = int(rng.integers(1, 4)) if kind == "softbox" else 1
    for index in range(boxes):
        azimuth = key if index == 0 else key + rng.uniform(1.0, 5.3)
        half_angle = np.radians(rng.uniform(12, 34))
        lights.append(Light(
            "softbox", _direction(azimuth, np.radians(rng.uniform(32, 72))),
            np.cos(half_angle * 0.5), np.cos(half_angle * 1.5),
            rng.uniform(0.6, 1.3) * (1.0 if index == 0 else 0.6)))
    reach = rng.uniform(0.25, 0.75)
    return Lighting(
        lights=lights,
        ambient=rng.uniform(0.16, 0.30),
        zenith=rng.uniform(0.25, 0.55),
        colour=np.array([1 - warmth, 1.0, 1 + warmth], np.float32),
        shadow=-reach * np.array([np.cos(key), np.sin(key)]),
        shadow_strength=rng.uniform(0.45, 0.75),
        shadow_softness=rng.uniform(0.10, 0.30))


@dataclass
class Sprite:
    """A shaded part, ready to be laid on a picture."""

    kind: str
    colour: np.ndarray  # BGR
    cover: np.ndarray
    shade: np.ndarray  # light that reaches the belt around the part, 0..1


def _normals(height: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    dx = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    dy = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    length = 1.0 / np.sqrt(dx * dx + dy * dy + 1.0)
    return -dx * length, -dy * length, length


def _reflect(relief: Relief, lighting: Lighting) -> np.ndarray:
    nx, ny, nz = _normals(relief.height)
    if relief.brush is None:
        return lighting.mirrored(nx, ny, nz)
    # Machining marks spread the mirrored light across their direction.
    spread = 0.16
    total = np.zeros_like(nx)
    for step in (-1.5, -0.5, 0.5, 1.5):
        tx = nx + spread * step * relief.brush[0]
        ty = ny + spread * step * relief.brush[1]
        length = 1.0 / np.sqrt(tx * tx + ty * ty + nz * nz)
        total += lighting.mirrored(tx * length, ty * length, nz * length)
    return total / 4


def _shade(cover: np.ndarray, thickness: float, lighting: Lighting) -> np.ndarray:
    """Light left on the belt: a cast shadow, and a dark line of contact."""
    blocked = np.zeros_like(cover)
    for part in (0.2, 0.45, 0.7, 1.0):
        shift = lighting.shadow * thickness * part
        matrix = np.float32([[1, 0, shift[0]], [0, 1, shift[1]]])
        blocked = np.maximum(blocked, cv2.warpAffine(cover, matrix, cover.shape[::-1]))
    cast = cv2.GaussianBlur(blocked, (0, 0), 0.6 + lighting.shadow_softness * thickness)
    contact = cv2.GaussianBlur(cover, (0, 0), 0.6 + 0.1 * thickness)
    return (1 - lighting.shadow_strength * cast) * (1 - 0.35 * contact)


def draw_sprite(kind: str, size_px: float, angle: float, domain: Domain, lighting: Lighting,
                rng: np.random.Generator, supersampling: int = SUPERSAMPLING) -> Sprite:
    """Draw one part of the given size, in pixels of the final picture."""
    variants = domain.variants[kind]
    size = size_px * supersampling
    relief = build_relief(kind, size, angle, variants[rng.integers(len(variants))], rng)
    finishes: list[Colour] = list(domain.finishes.values())
    tint = np.array(finishes[rng.integers(len(finishes))], np.float32)
    tint = tint * rng.uniform(0.85, 1.1) * lighting.colour

    grain = rng.normal(1.0, 0.035, relief.cover.shape).astype(np.float32)
    stains = rng.normal(1.0, 0.09, (6, 6)).astype(np.float32)
    stains = cv2.resize(stains, relief.cover.shape[::-1], interpolation=cv2.INTER_CUBIC)
    metal = _reflect(relief, lighting) * relief.albedo * grain * stains
    colour = metal[..., None] * tint
    # The brightest highlights have the colour of the light, not of the metal.
    colour += np.maximum(metal - 1.0, 0.0)[..., None] * 0.6 * lighting.colour

    side = 2 * (relief.cover.shape[0] // (2 * supersampling))
    thickness = relief.thickness / supersampling
    margin = int(thickness * (np.linalg.norm(lighting.shadow) + 2.5 * lighting.shadow_softness)) + 3

    def shrink(image: np.ndarray) -> np.ndarray:
        small = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
        return cv2.copyMakeBorder(small, *[margin] * 4, cv2.BORDER_CONSTANT, value=0)

    cover = shrink(relief.cover)
    weighted = shrink(colour.astype(np.float32) * relief.cover[..., None])
    return Sprite(
        kind,
        weighted / np.maximum(cover, 1e-3)[..., None],
        cover,
        _shade(cover, thickness, lighting))
