"""What the training pictures show, and what only evaluation and videos show.

The two domains share no belt colour, no belt pattern, no light arrangement, no
part scale and no part variant. Training covers wide ranges on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Domain:
    """Ranges to draw a scene from. Colours are linear-ish BGR, 0..1."""

    belt_colours: dict[str, Colour]
    belt_patterns: tuple[str, ...]
    lights: tuple[str, ...]
    finishes: dict[str, Colour]
    scales: tuple[tuple[float, float], ...]  # bands of part scale
    closeup_scales: tuple[tuple[float, float], ...]
    warmth: tuple[tuple[float, float], ...]  # bands of colour temperature, 0 is neutral
    variants: dict[str, tuple[int, ...]]  # part variants, see parts.py


TRAINING = Domain(
    belt_colours={
        "black rubber": (0.11, 0.10, 0.10),
        "dark green": (0.20, 0.27, 0.10),
        "blue": (0.42, 0.22, 0.10),
        "light grey": (0.62, 0.62, 0.60),
        "tan": (0.30, 0.42, 0.52),
        "mid grey": (0.34, 0.33, 0.32),
    },
    belt_patterns=("plain", "ribs", "weave", "speckle"),
    lights=("softbox",),
    finishes={
        "steel": (0.80, 0.78, 0.76),
        "zinc": (0.92, 0.88, 0.84),
        "yellow zinc": (0.45, 0.74, 0.86),
        "black oxide": (0.33, 0.31, 0.31),
        "copper": (0.42, 0.58, 0.86),
    },
    scales=((0.72, 0.93), (1.10, 1.45)),
    closeup_scales=((2.3, 2.8), (3.25, 3.9)),
    warmth=((-0.12, -0.05), (-0.03, 0.05), (0.08, 0.14)),
    variants={
        "hex nut": (0, 1, 3),
        "bolt": (0, 1),
        "washer": (0, 2, 3),
        "spring": (5, 7, 9),
        "gear": (11, 12, 14, 16, 18, 21, 24),
    },
)

UNSEEN = Domain(
    belt_colours={
        "petrol": (0.34, 0.30, 0.08),
        "slate": (0.30, 0.25, 0.21),
        "burgundy": (0.13, 0.10, 0.30),
        "olive": (0.13, 0.28, 0.26),
    },
    belt_patterns=("diamond", "dimples"),
    lights=("ring", "strip"),
    finishes={
        "nickel": (0.72, 0.80, 0.84),
        "stainless": (0.88, 0.85, 0.82),
        "brass": (0.42, 0.70, 0.80),
    },
    scales=((0.95, 1.08),),
    closeup_scales=((2.85, 3.2),),
    warmth=((-0.05, -0.03), (0.05, 0.08)),
    variants={
        "hex nut": (2,),
        "bolt": (0, 1),
        "washer": (1,),
        "spring": (6, 8),
        "gear": (13, 15, 17, 20),
    },
)

DOMAINS = {"training": TRAINING, "unseen": UNSEEN}


def draw_band(bands: tuple[tuple[float, float], ...], rng: np.random.Generator) -> float:
    """Draw uniformly from one of several bands."""
    low, high = bands[rng.integers(len(bands))]
    return float(rng.uniform(low, high))
