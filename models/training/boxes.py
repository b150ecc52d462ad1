"""Matching and coding of boxes for SSD training."""

from __future__ import annotations

import torch
from torch import Tensor

from priors import VARIANCES

IGNORED_VISIBILITY = 0.3  # parts seen less than this are neither right nor wrong
MATCH_IOU, NEGATIVE_IOU = 0.5, 0.4
IGNORED = -1


def pairwise_iou(a: Tensor, b: Tensor) -> Tensor:
    """Overlap of boxes a (N, 4) with boxes b (B, P, 4), as (B, P, N)."""
    b = b[:, :, None]
    low, high = torch.maximum(a[:, :2], b[..., :2]), torch.minimum(a[:, 2:], b[..., 2:])
    common = (high - low).clamp(min=0).prod(-1)
    area_a, area_b = (a[:, 2:] - a[:, :2]).prod(-1), (b[..., 2:] - b[..., :2]).prod(-1)
    return common / (area_a + area_b - common).clamp(min=1e-9)


def match(priors: Tensor, truth: Tensor) -> tuple[Tensor, Tensor]:
    """Give each prior a class (B, N) and box offsets (B, N, 4).

    Truth rows are label, box, visible fraction; label 0 marks an unused row.
    """
    labels, boxes = truth[..., 0].long(), truth[..., 1:5]
    iou = pairwise_iou(priors, boxes) * (labels > 0)[..., None]
    best_iou, best_part = iou.max(1)
    # Each part keeps at least its best prior.
    best_prior = iou.argmax(2)
    for image, part in torch.nonzero(labels > 0).tolist():
        best_iou[image, best_prior[image, part]] = 2.0
        best_part[image, best_prior[image, part]] = part

    classes = labels.gather(1, best_part)
    hidden = truth[..., 5].gather(1, best_part) < IGNORED_VISIBILITY
    classes[best_iou < MATCH_IOU] = IGNORED
    classes[best_iou < NEGATIVE_IOU] = 0
    classes[hidden & (best_iou >= 0.2)] = IGNORED

    target = boxes.gather(1, best_part[..., None].expand(-1, -1, 4))
    return classes, encode(priors, target)


def encode(priors: Tensor, boxes: Tensor) -> Tensor:
    """Offsets that CENTER_SIZE decoding turns back into the boxes."""
    prior, box = to_centre_size(priors), to_centre_size(boxes)
    variances = torch.tensor(VARIANCES)
    centre = (box[..., :2] - prior[:, :2]) / prior[:, 2:] / variances[:2]
    size = torch.log((box[..., 2:] / prior[:, 2:]).clamp(min=1e-6)) / variances[2:]
    return torch.cat([centre, size], -1)


def to_centre_size(boxes: Tensor) -> Tensor:
    low, high = boxes[..., :2], boxes[..., 2:]
    return torch.cat([(low + high) / 2, high - low], -1)


def decode(priors: Tensor, offsets: Tensor) -> Tensor:
    """Corners of the boxes that encode made these offsets from."""
    prior, variances = to_centre_size(priors), torch.tensor(VARIANCES)
    centre = prior[:, :2] + offsets[..., :2] * variances[:2] * prior[:, 2:]
    half = prior[:, 2:] * torch.exp(offsets[..., 2:] * variances[2:]) / 2
    return torch.cat([centre - half, centre + half], -1)
