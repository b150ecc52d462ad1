"""Height maps of the five parts, seen from above.

A part is drawn in its own coordinates: the unit is half of its nominal size
(its diameter, or its length for bolt and spring), the origin is its centre.
Heights use the same unit. Shading turns the heights into an image later.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Callable

import cv2
import numpy as np

CLASSES = ("hex nut", "bolt", "washer", "spring", "gear")

# Nominal size in pixels of a 640x360 picture, at scale 1.
NOMINAL_SIZE = {"hex nut": 58, "bolt": 112, "washer": 62, "spring": 104, "gear": 86}


@dataclass
class Relief:
    """The shape of one part on a pixel grid."""

    height: np.ndarray  # in part units
    cover: np.ndarray  # 0..1, how much of the pixel the part covers
    albedo: np.ndarray  # brightness factor of the material
    brush: tuple[np.ndarray, np.ndarray] | None  # direction across machining marks
    thickness: float  # highest point above the belt, in part units


@dataclass
class Grid:
    """Pixel positions in part coordinates."""

    u: np.ndarray
    v: np.ndarray
    pixel: float  # size of a pixel in part units

    @property
    def radius(self) -> np.ndarray:
        return np.hypot(self.u, self.v)

    def coverage(self, distance: np.ndarray) -> np.ndarray:
        """Turn a signed distance (negative inside) into antialiased coverage."""
        return np.clip(0.5 - distance / self.pixel, 0.0, 1.0)


def make_grid(half_width: int, radius_px: float, angle: float) -> Grid:
    """Make a square grid of 2*half_width pixels for a part turned by angle."""
    axis = (np.arange(-half_width, half_width, dtype=np.float32) + 0.5) / radius_px
    x, y = np.meshgrid(axis, axis)
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return Grid(x * cos + y * sin, y * cos - x * sin, 1.0 / radius_px)


def smoothstep(low: float, high: float, x: np.ndarray) -> np.ndarray:
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def triangle_wave(x: np.ndarray) -> np.ndarray:
    """Period 1, values 0..1, with 1 at whole numbers."""
    return np.abs((x % 1.0) * 2.0 - 1.0)


def turned_marks(grid: Grid, rng: np.random.Generator) -> np.ndarray:
    """Brightness of concentric machining marks."""
    rings = rng.normal(1.0, 0.05, 96).astype(np.float32)
    return np.interp(grid.radius, np.linspace(0, 1.2, 96), rings).astype(np.float32)


def radial(grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    radius = np.maximum(grid.radius, 1e-3)
    return grid.u / radius, grid.v / radius


def hex_nut(grid: Grid, rng: np.random.Generator, variant: int) -> Relief:
    """A chamfered hexagon with a threaded hole; variant changes the hole."""
    radius, apothem, top = grid.radius, 0.866, 0.5
    outside = np.full_like(radius, -1.0)
    for k in range(3):
        direction = np.pi * k / 3
        across = grid.u * np.cos(direction) + grid.v * np.sin(direction)
        outside = np.maximum(outside, np.abs(across) - apothem)
    hole = 0.44 + 0.03 * (variant % 4) + rng.uniform(-0.01, 0.01)
    thread_end = hole * 0.84
    height = np.minimum(top, top + (0.86 - radius) * 0.55)
    height = np.minimum(height, 0.1 - outside * 6.0)
    height = np.minimum(height, top + (radius - hole * 1.16) * 0.9)
    in_thread = radius < hole
    threads = 0.025 * triangle_wave(radius / 0.05)
    height = np.where(in_thread, 0.2 + threads, height)
    albedo = turned_marks(grid, rng)
    albedo = np.where(in_thread, 0.35 + 0.3 * triangle_wave(radius / 0.05), albedo)
    cover = np.minimum(grid.coverage(outside), grid.coverage(thread_end - radius))
    return Relief(height, cover, albedo, radial(grid), top)


def washer(grid: Grid, rng: np.random.Generator, variant: int) -> Relief:
    """A thin flat ring with rounded edges; variant changes the hole."""
    radius, top, rim = grid.radius, 0.12, 0.05
    hole = 0.44 + 0.04 * (variant % 4) + rng.uniform(-0.01, 0.01)
    inside = np.minimum(1.0 - radius, radius - hole)
    depth = np.clip(1.0 - inside / rim, 0.0, 1.0)
    height = top * np.sqrt(1.0 - 0.9 * depth**2)
    bend = rng.uniform(-0.03, 0.03, 2)
    height = height + bend[0] * grid.u * grid.v + bend[1] * grid.u**2
    cover = grid.coverage(-inside)
    return Relief(height, cover, turned_marks(grid, rng), radial(grid), top)


def gear(grid: Grid, rng: np.random.Generator, variant: int) -> Relief:
    """A spur gear with a bore; variant gives the number of teeth."""
    radius, top, teeth = grid.radius, 0.34, variant
    root = 1.0 - 2.3 / teeth
    turn = np.arctan2(grid.v, grid.u) / (2 * np.pi)
    flank = np.clip((triangle_wave(turn * teeth) - 0.22) / 0.42, 0.0, 1.0)
    outside = radius - (root + (1.0 - root) * flank)
    bore = rng.uniform(0.17, 0.24)
    hub, web_end = bore + rng.uniform(0.13, 0.17), root - rng.uniform(0.12, 0.16)
    web = smoothstep(hub, hub + 0.05, radius) * (1 - smoothstep(web_end - 0.05, web_end, radius))
    height = top - rng.uniform(0.1, 0.16) * web
    height = np.minimum(height, 0.12 - outside * 2.6)
    height = np.minimum(height, top + (radius - bore - 0.05) * 0.9)
    cover = np.minimum(grid.coverage(outside), grid.coverage(bore - radius))
    keyway = np.maximum(np.abs(grid.v) - bore * 0.3, np.abs(grid.u - bore) - bore * 0.35)
    cover = np.minimum(cover, grid.coverage(-keyway))
    if web_end - hub > 0.2 and rng.random() < 0.5:
        holes, middle = int(rng.integers(4, 7)), (hub + web_end) / 2
        sector = (turn * holes + 0.5) % 1.0 - 0.5
        distance = np.hypot(radius - middle, sector / holes * 2 * np.pi * middle)
        cover = np.minimum(cover, grid.coverage((web_end - hub) * 0.36 - distance))
    albedo = turned_marks(grid, rng) * (1.0 - 0.18 * web)
    return Relief(height, cover, albedo, radial(grid), top)


def bolt(grid: Grid, rng: np.random.Generator, variant: int) -> Relief:
    """A bolt on its side, with a hexagon (even) or a round head (odd variant)."""
    u, v = grid.u, grid.v
    shank = rng.uniform(0.135, 0.175)
    head_radius, head_length = shank * rng.uniform(1.75, 2.0), shank * rng.uniform(1.3, 1.6)
    neck = -1.0 + head_length
    pitch, thread_start = rng.uniform(0.075, 0.095), neck + rng.uniform(0.05, 0.55)
    threaded = smoothstep(thread_start, thread_start + 0.03, u)
    wave = triangle_wave((u + 0.12 * v) / pitch)
    shank_radius = shank * (1.0 - threaded * 0.16 * (1.0 - wave))
    shank_radius = np.minimum(shank_radius, shank * 0.7 + np.maximum(1.0 - u, 0.0) * 0.9)
    shank_height = shank + np.sqrt(np.maximum(shank_radius**2 - v**2, 0.0))
    shank_outside = np.maximum(np.abs(v) - shank_radius, np.maximum(neck - 0.02 - u, u - 1.0))

    beyond_ends = np.abs(u + 1.0 - head_length / 2) - head_length / 2
    head_outside = np.maximum(np.abs(v) - head_radius, beyond_ends)
    if variant % 2 == 0:
        face = np.minimum(0.866 * head_radius, (head_radius - np.abs(v)) * 1.6)
        face = np.minimum(face, 0.72 * head_radius + (u + 1.0) * 1.2 - np.abs(v) * 0.1)
    else:
        bulge = np.minimum(1.0, 0.6 + (u + 1.0) / head_length)
        face = np.sqrt(np.maximum((head_radius * bulge) ** 2 - v**2, 0.0))
        head_outside = np.maximum(head_outside, np.abs(v) - head_radius * bulge)
    head_height = head_radius + face
    in_head = head_outside < shank_outside
    height = np.where(in_head, head_height, shank_height)
    albedo = 1.0 - 0.45 * threaded * (1.0 - wave) * ~in_head
    cover = grid.coverage(np.minimum(shank_outside, head_outside))
    return Relief(height, cover, albedo, None, 2 * shank)


def spring(grid: Grid, rng: np.random.Generator, variant: int) -> Relief:
    """A coil spring on its side; variant gives the number of turns."""
    coil, wire = rng.uniform(0.27, 0.35), rng.uniform(0.042, 0.058)
    theta = np.linspace(0, 2 * np.pi * variant, variant * 220, dtype=np.float32)
    along = theta / theta[-1] * 2 - 1
    # The end turns lie close together, as on a ground compression spring.
    along = np.sin(along * np.pi / 2) * 0.12 + along * 0.88
    # The coil is drawn flatter than round: steep wire would shade as noise.
    depth = 0.4 * coil
    curve = np.stack([along * (1 - wire), coil * np.cos(theta), depth * np.sin(theta)])

    height = np.zeros_like(grid.u)
    distance = np.full_like(grid.u, 1.0)
    for side in (curve[2] < 0.02, curve[2] >= -0.02):
        strand_distance, strand_z = _distance_to_curve(grid, curve, side)
        strand = depth + wire + strand_z + np.sqrt(np.maximum(wire**2 - strand_distance**2, 0.0))
        height = np.where(strand_distance < wire, strand, height)
        distance = np.minimum(distance, strand_distance)
    albedo = 0.55 + 0.5 * smoothstep(0.2 * depth, 1.6 * depth, height)
    return Relief(height, grid.coverage(distance - wire), albedo, None, 2 * coil)


def _distance_to_curve(grid: Grid, curve: np.ndarray,
                       used: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance of each pixel to the used points of a curve (3, n), and the height there."""
    size = grid.u.shape[0]
    tangent = np.gradient(curve, axis=1)
    tangent /= np.maximum(np.hypot(tangent[0], tangent[1]), 1e-6)
    points = np.concatenate([curve, tangent])[:, used]

    to_pixel = np.linalg.inv(np.array([
        [grid.u[0, 1] - grid.u[0, 0], grid.u[1, 0] - grid.u[0, 0]],
        [grid.v[0, 1] - grid.v[0, 0], grid.v[1, 0] - grid.v[0, 0]],
    ]))
    origin = np.array([[grid.u[0, 0]], [grid.v[0, 0]]])
    columns, rows = np.rint(to_pixel @ (points[:2] - origin)).astype(int)
    empty = np.ones((size, size), np.uint8)
    empty[rows, columns] = 0
    _, nearest = cv2.distanceTransformWithLabels(
        empty, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    lookup = np.zeros((nearest.max() + 1, 6), np.float32)
    lookup[nearest[rows, columns]] = points.T
    u, v, z, tangent_u, tangent_v, slope = np.moveaxis(lookup[nearest], -1, 0)

    # The nearest point was found on a pixel grid; its tangent gives the exact distance.
    du, dv = grid.u - u, grid.v - v
    across = du * tangent_v - dv * tangent_u
    ahead = du * tangent_u + dv * tangent_v
    near = np.clip(ahead, -1.5 * grid.pixel, 1.5 * grid.pixel)
    return np.hypot(across, ahead - near), z + np.clip(slope, -1, 1) * near


BUILDERS: dict[str, Callable[[Grid, np.random.Generator, int], Relief]] = {
    "hex nut": hex_nut,
    "bolt": bolt,
    "washer": washer,
    "spring": spring,
    "gear": gear,
}


def build_relief(kind: str, size_px: float, angle: float, variant: int,
                 rng: np.random.Generator) -> Relief:
    """Build the height map of a part; heights and thickness come back in pixels."""
    radius_px = size_px / 2
    grid = make_grid(int(np.ceil(radius_px * 1.03)) + 2, radius_px, angle)
    relief = BUILDERS[kind](grid, rng, variant)
    brush = relief.brush
    if brush is not None:  # back from part axes to image axes
        cos, sin = np.cos(angle), np.sin(angle)
        brush = (brush[0] * cos - brush[1] * sin, brush[0] * sin + brush[1] * cos)
    return replace(
        relief,
        height=(relief.height * radius_px).astype(np.float32),
        cover=relief.cover.astype(np.float32),
        albedo=relief.albedo.astype(np.float32),
        brush=brush,
        thickness=relief.thickness * radius_px)
