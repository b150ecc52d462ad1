"""The two networks. They take pixels 0..255 in BGR order."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from dataset import CLASSIFIER_SIZE, CLOSEUP_CLASSES, DETECTOR_SIZE
from parts import CLASSES
from priors import DETECTOR_PRIORS

# (x - MEAN) * SCALE is the preprocessing inside the exported graphs. The values
# are exact in half precision.
MEAN = (104.0, 117.0, 123.0)
SCALE = 1 / 64


class Conv(nn.Sequential):
    """Convolution, batch normalisation and, unless it is None, an activation."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1,
                 groups: int = 1, activation: nn.Module | None = None) -> None:
        layers = [
            nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
            nn.BatchNorm2d(outputs),
        ]
        super().__init__(*layers, *([] if activation is None else [activation]))


class Separable(nn.Module):
    """A depthwise and a pointwise convolution, with a bypass where shapes allow."""

    def __init__(self, inputs: int, outputs: int, stride: int, activation: nn.Module) -> None:
        super().__init__()
        self.depthwise = Conv(inputs, inputs, 3, stride, groups=inputs, activation=activation)
        self.pointwise = Conv(inputs, outputs, 1, activation=activation)
        self.bypass = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y = self.pointwise(self.depthwise(x))
        return x + y if self.bypass else y


def _stage(inputs: int, outputs: int, blocks: int, activation: nn.Module) -> nn.Sequential:
    """Halve the picture, then refine it."""
    refine = [Separable(outputs, outputs, 1, activation) for _ in range(blocks - 1)]
    return nn.Sequential(Separable(inputs, outputs, 2, activation), *refine)


def normalise(x: Tensor) -> Tensor:
    return (x - x.new_tensor(MEAN).view(1, 3, 1, 1)) * SCALE


class Detector(nn.Module):
    """A small MobileNet with SSD heads on feature maps of stride 8, 16 and 32."""

    size = DETECTOR_SIZE
    classes = len(CLASSES) + 1

    def __init__(self) -> None:
        super().__init__()
        relu = nn.ReLU(inplace=True)
        self.stem = nn.Sequential(Conv(3, 24, 3, 2, activation=relu), _stage(24, 48, 2, relu))
        self.stages = nn.ModuleList([
            _stage(48, 96, 4, relu),
            _stage(96, 160, 4, relu),
            _stage(160, 224, 2, relu),
        ])
        heads = list(zip((96, 160, 224), DETECTOR_PRIORS))
        self.box_heads = nn.ModuleList(
            nn.Conv2d(width, 4 * len(spec.shapes()), 3, padding=1) for width, spec in heads)
        self.class_heads = nn.ModuleList(
            nn.Conv2d(width, self.classes * len(spec.shapes()), 3, padding=1)
            for width, spec in heads)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Box offsets (B, N, 4) and class scores before softmax (B, N, classes)."""
        x = self.stem(normalise(x))
        boxes, scores = [], []
        for stage, box_head, class_head in zip(self.stages, self.box_heads, self.class_heads):
            x = stage(x)
            boxes.append(box_head(x).permute(0, 2, 3, 1).reshape(len(x), -1, 4))
            scores.append(class_head(x).permute(0, 2, 3, 1).reshape(len(x), -1, self.classes))
        return torch.cat(boxes, 1), torch.cat(scores, 1)


class Classifier(nn.Module):
    """A small MobileNet with global average pooling."""

    size = CLASSIFIER_SIZE
    classes = len(CLOSEUP_CLASSES)

    def __init__(self) -> None:
        super().__init__()
        relu6 = nn.ReLU6(inplace=True)
        self.stem = Conv(3, 16, 3, 2, activation=relu6)
        self.pool = nn.MaxPool2d(2)
        self.stages = nn.ModuleList([
            Separable(16, 48, 1, relu6),
            _stage(48, 96, 2, relu6),
            _stage(96, 160, 3, relu6),
        ])
        self.head = nn.Conv2d(160, self.classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Class scores before softmax."""
        x = self.pool(self.stem(normalise(x)))
        for stage in self.stages:
            x = stage(x)
        return self.head(x.mean((2, 3), keepdim=True)).flatten(1)
