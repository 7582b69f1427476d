"""A nano YOLOv5 whose checkpoints are laid out as YOLOv5 7.0 lays out its own.

The classes are ours, written from the architecture's published facts (layer table, kernel sizes,
attribute names found in real checkpoints with pickletools). They pickle under the names
`models.common.*` and `models.yolo.*`, so that the original code, and every reader of such
checkpoints, opens the file. Licence: Apache-2.0.
"""
import copy
import math
import sys
import types

import torch
from torch import nn

ANCHORS = [  # width, height in pixels, three for each of the strides 8, 16, 32
    [10, 13, 16, 30, 33, 23],
    [30, 61, 62, 45, 59, 119],
    [116, 90, 156, 198, 373, 326],
]
BACKBONE = [
    [-1, 1, "Conv", [64, 6, 2, 2]],
    [-1, 1, "Conv", [128, 3, 2]],
    [-1, 3, "C3", [128]],
    [-1, 1, "Conv", [256, 3, 2]],
    [-1, 6, "C3", [256]],
    [-1, 1, "Conv", [512, 3, 2]],
    [-1, 9, "C3", [512]],
    [-1, 1, "Conv", [1024, 3, 2]],
    [-1, 3, "C3", [1024]],
    [-1, 1, "SPPF", [1024, 5]],
]
HEAD = [
    [-1, 1, "Conv", [512, 1, 1]],
    [-1, 1, "nn.Upsample", ["None", 2, "nearest"]],
    [[-1, 6], 1, "Concat", [1]],
    [-1, 3, "C3", [512, False]],
    [-1, 1, "Conv", [256, 1, 1]],
    [-1, 1, "nn.Upsample", ["None", 2, "nearest"]],
    [[-1, 4], 1, "Concat", [1]],
    [-1, 3, "C3", [256, False]],
    [-1, 1, "Conv", [256, 3, 2]],
    [[-1, 14], 1, "Concat", [1]],
    [-1, 3, "C3", [512, False]],
    [-1, 1, "Conv", [512, 3, 2]],
    [[-1, 10], 1, "Concat", [1]],
    [-1, 3, "C3", [1024, False]],
    [[17, 20, 23], 1, "Detect", ["nc", "anchors"]],
]


class Conv(nn.Module):
    """Convolution, batch normalisation, SiLU."""

    def __init__(self, inputs, outputs, kernel=1, stride=1, padding=None):
        super().__init__()
        padding = kernel // 2 if padding is None else padding
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03)
        self.act = nn.SiLU(inplace=True)

    def forward(self, x):
        return self.act(self.bn(self.conv(x)))


class Bottleneck(nn.Module):
    """1×1 then 3×3, with the input added where `add`."""

    def __init__(self, channels, add):
        super().__init__()
        self.cv1 = Conv(channels, channels, 1)
        self.cv2 = Conv(channels, channels, 3)
        self.add = add

    def forward(self, x):
        y = self.cv2(self.cv1(x))
        return x + y if self.add else y


class C3(nn.Module):
    """Two half-width branches, one through bottlenecks, joined by a 1×1."""

    def __init__(self, inputs, outputs, repeats=1, shortcut=True):
        super().__init__()
        half = outputs // 2
        self.cv1 = Conv(inputs, half)
        self.cv2 = Conv(inputs, half)
        self.cv3 = Conv(2 * half, outputs)
        self.m = nn.Sequential(*[Bottleneck(half, shortcut) for _ in range(repeats)])

    def forward(self, x):
        return self.cv3(torch.cat((self.m(self.cv1(x)), self.cv2(x)), 1))


class SPPF(nn.Module):
    """Three poolings in a row, all four stages joined."""

    def __init__(self, inputs, outputs, kernel=5):
        super().__init__()
        self.cv1 = Conv(inputs, inputs // 2)
        self.cv2 = Conv(inputs * 2, outputs)
        self.m = nn.MaxPool2d(kernel_size=kernel, stride=1, padding=kernel // 2)

    def forward(self, x):
        stages = [self.cv1(x)]
        for _ in range(3):
            stages.append(self.m(stages[-1]))
        return self.cv2(torch.cat(stages, 1))


class Concat(nn.Module):
    def __init__(self, dimension=1):
        super().__init__()
        self.d = dimension

    def forward(self, xs):
        return torch.cat(xs, self.d)


class Detect(nn.Module):
    """One 1×1 convolution per level; output [N, anchors, H, W, 5 + classes], raw."""

    def __init__(self, nc, anchors, inputs, strides=(8, 16, 32)):
        super().__init__()
        self.nc = nc
        self.no = nc + 5
        self.nl = len(anchors)
        self.na = len(anchors[0]) // 2
        self.grid = [torch.empty(0) for _ in range(self.nl)]
        self.anchor_grid = [torch.empty(0) for _ in range(self.nl)]
        self.stride = torch.tensor(strides, dtype=torch.float32)
        pixels = torch.tensor(anchors, dtype=torch.float32).view(self.nl, -1, 2)
        self.register_buffer("anchors", pixels / self.stride.view(-1, 1, 1))  # in cells
        self.m = nn.ModuleList(nn.Conv2d(c, self.no * self.na, 1) for c in inputs)
        self.inplace = True
        with torch.no_grad():  # begin with few objects and even classes (focal loss paper, §4.1)
            for conv, stride in zip(self.m, strides):
                bias = conv.bias.view(self.na, -1)
                bias[:, 4] += math.log(8 / (640 / stride) ** 2)
                bias[:, 5:] += math.log(0.6 / (nc - 0.99999))

    def forward(self, xs):
        levels = []
        for conv, x in zip(self.m, xs):
            y = conv(x)
            n, _, h, w = y.shape
            levels.append(y.view(n, self.na, self.no, h, w).permute(0, 1, 3, 4, 2))
        return levels


class Proto(nn.Module):
    """Mask prototypes at twice the size of their input: [N, masks, 2H, 2W]."""

    def __init__(self, inputs, channels, masks):
        super().__init__()
        self.cv1 = Conv(inputs, channels, 3)
        self.upsample = nn.Upsample(None, 2, "nearest")
        self.cv2 = Conv(channels, channels, 3)
        self.cv3 = Conv(channels, masks)

    def forward(self, x):
        return self.cv3(self.cv2(self.upsample(self.cv1(x))))


class Segment(Detect):
    """Detect with `nm` coefficients after each row's classes, and as many prototypes.

    Returns levels [N, anchors, H, W, 5 + classes + nm] and prototypes [N, nm, H, W] of the first level's doubled size.
    """

    def __init__(self, nc, masks, channels, anchors, inputs):
        super().__init__(nc, anchors, inputs)
        self.nm = masks
        self.npr = channels
        self.no = 5 + nc + masks
        self.m = nn.ModuleList(nn.Conv2d(c, self.no * self.na, 1) for c in inputs)
        self.proto = Proto(inputs[0], channels, masks)
        self.detect = Detect.forward

    def forward(self, xs):
        return self.detect(self, xs), self.proto(xs[0])


class DetectionModel(nn.Module):
    def __init__(self, names, depth=0.33, width=0.25):
        super().__init__()
        nc = len(names)
        self.yaml = {
            "nc": nc,
            "depth_multiple": depth,
            "width_multiple": width,
            "anchors": copy.deepcopy(ANCHORS),
            "backbone": copy.deepcopy(BACKBONE),
            "head": copy.deepcopy(HEAD),
            "ch": 3,
        }
        self.model, self.save = assemble(nc, depth, width)
        self.names = dict(enumerate(names))
        self.nc = nc
        self.inplace = True
        self.stride = self.model[-1].stride

    def forward(self, x):
        kept = []
        for layer in self.model:
            if layer.f != -1:
                at = [layer.f] if isinstance(layer.f, int) else layer.f
                x = [x if i == -1 else kept[i] for i in at]
                x = x[0] if isinstance(layer.f, int) else x
            x = layer(x)
            kept.append(x if layer.i in self.save else None)
        return x


class SegmentationModel(DetectionModel):
    """A detection model whose last layer also gives masks; it takes the weights of all the others over."""

    def __init__(self, detector, masks=32, channels=256, width=0.25):
        nn.Module.__init__(self)
        self.yaml = copy.deepcopy(detector.yaml)
        self.yaml["head"][-1] = [[17, 20, 23], 1, "Segment", ["nc", "anchors", masks, channels]]
        self.save, self.names, self.nc, self.inplace = detector.save, detector.names, detector.nc, True
        self.model = copy.deepcopy(detector.model)
        old = self.model[-1]
        head = Segment(self.nc, masks, math.ceil(channels * width / 8) * 8, ANCHORS, [c.in_channels for c in old.m])
        with torch.no_grad():  # each anchor's rows are box, objectness, classes and then coefficients
            for new, known in zip(head.m, old.m):
                new.weight.view(head.na, head.no, -1)[:, :old.no] = known.weight.view(old.na, old.no, -1)
                new.bias.view(head.na, head.no)[:, :old.no] = known.bias.view(old.na, old.no)
            head.anchors.copy_(old.anchors)
        head.i, head.f, head.type = old.i, old.f, "models.yolo.Segment"
        head.np = sum(p.numel() for p in head.parameters())
        self.model[-1] = head
        self.stride = head.stride


def assemble(nc, depth, width):
    """The layers, and which outputs later layers read."""
    channels, layers, save = [], [], []
    for index, (source, repeats, kind, arguments) in enumerate(BACKBONE + HEAD):
        sources = [source] if isinstance(source, int) else source
        inputs = [3 if not channels else channels[s] for s in sources]
        repeats = max(round(repeats * depth), 1) if repeats > 1 else 1
        outputs = inputs[0]
        if kind in ("Conv", "C3", "SPPF"):
            outputs = math.ceil(arguments[0] * width / 8) * 8
        if kind == "Conv":
            layer = Conv(inputs[0], outputs, *arguments[1:])
        elif kind == "C3":
            layer = C3(inputs[0], outputs, repeats, *arguments[1:])
        elif kind == "SPPF":
            layer = SPPF(inputs[0], outputs, *arguments[1:])
        elif kind == "nn.Upsample":
            layer = nn.Upsample(None, 2, "nearest")
        elif kind == "Concat":
            layer, outputs = Concat(*arguments), sum(inputs)
        else:
            layer = Detect(nc, ANCHORS, inputs)
        layer.i, layer.f = index, source
        layer.type = f"{type(layer).__module__}.{type(layer).__name__}"
        layer.np = sum(p.numel() for p in layer.parameters())
        save += [s % index for s in sources if s != -1]
        channels.append(outputs)
        layers.append(layer)
    return nn.Sequential(*layers), sorted(save)


def publish():
    """Makes the classes pickle under the names that YOLOv5 checkpoints use."""
    package, common, yolo = (types.ModuleType(n) for n in ("models", "models.common", "models.yolo"))
    for module, classes in ((common, (Conv, Bottleneck, C3, SPPF, Concat, Proto)),
                            (yolo, (Detect, Segment, DetectionModel, SegmentationModel))):
        for kind in classes:
            kind.__module__ = module.__name__
            setattr(module, kind.__name__, kind)
    package.common, package.yolo = common, yolo
    sys.modules.update({"models": package, "models.common": common, "models.yolo": yolo})


publish()
