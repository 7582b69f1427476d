#!/usr/bin/env python3
"""Writes YOLOv5 networks with random weights, and what PyTorch makes of a random picture.

Needs PyTorch and the PyPI package `yolov5` (7.0.14); the package is only imported. For every
configuration: NAME.pt (a checkpoint as the training writes it), NAME.input.npy [1, 3, H, W] and
NAME.output0.npy, NAME.output1.npy, ... (what the network returns in evaluation mode).

    random_models.py OUT [--only GLOB] [--width W] [--depth D] [--size N] [--half] [--classes N]

`--tiny` writes the networks of a few channels instead that are the fixtures of ModelsTests.
"""
import argparse
import copy
import fnmatch
import pathlib
import sys
import types

import numpy
import torch

SIZES = {"yolov5-p7": 256}

SMALL = [[4, 5, 8, 10], [13, 16, 20, 12]]
TINY = {
    "tiny-detect": {
        "anchors": SMALL,
        "backbone": [
            [-1, 1, "Conv", [8, 6, 2, 2]], [-1, 1, "Conv", [8, 3, 2]], [-1, 2, "C3", [8]],
            [-1, 1, "Conv", [16, 3, 2]], [-1, 1, "SPPF", [16, 5]],
        ],
        "head": [
            [-1, 1, "Conv", [8, 1, 1]], [-1, 1, "nn.Upsample", ["None", 2, "nearest"]],
            [[-1, 2], 1, "Concat", [1]], [-1, 1, "C3", [8, False]],
            [[8, 4], 1, "Detect", ["nc", "anchors"]],
        ],
    },
    "tiny-early": {
        "anchors": SMALL, "activation": "nn.Hardswish()",
        "backbone": [
            [-1, 1, "Focus", [8, 3]], [-1, 1, "nn.ZeroPad2d", [[0, 1, 0, 1]]],
            [-1, 1, "nn.MaxPool2d", [2, 1, 0]], [-1, 1, "Conv", [8, 3, 2]],
            [-1, 2, "BottleneckCSP", [8]], [-1, 1, "Conv", [16, 3, 2]],
            [-1, 1, "SPP", [16, [3, 5]]],
        ],
        "head": [[[4, 6], 1, "Detect", ["nc", "anchors"]]],
    },
    "tiny-ghost": {
        "anchors": SMALL, "activation": "nn.LeakyReLU(0.1)",
        "backbone": [
            [-1, 1, "Conv", [8, 3, 2]], [-1, 1, "GhostBottleneck", [8, 3, 2]],
            [-1, 1, "C3Ghost", [8]], [-1, 1, "DWConv", [8, 3, 2]], [-1, 1, "C3x", [16]],
            [-1, 1, "GhostConv", [16]],
        ],
        "head": [[[2, 5], 1, "Detect", ["nc", "anchors"]]],
    },
    "tiny-transformer": {
        "anchors": SMALL, "activation": "nn.Mish()",
        "backbone": [
            [-1, 1, "Conv", [8, 3, 2]], [-1, 1, "Contract", [2]], [-1, 1, "C3TR", [8]],
            [-1, 1, "Conv", [16, 3, 2]], [-1, 1, "C3SPP", [16, [3, 5]]],
            [-1, 1, "CrossConv", [16, 3, 1]], [-1, 1, "nn.ConvTranspose2d", [8, 2, 2]],
            [-1, 1, "MixConv2d", [8, [1, 3], 2]], [-1, 1, "DWConvTranspose2d", [8, 3, 2, 1, 1]],
            [-1, 1, "Contract", [2]], [-1, 1, "Expand", [2]], [-1, 1, "Bottleneck", [8]],
        ],
        "head": [[[11, 5], 1, "Detect", ["nc", "anchors"]]],
    },
    "tiny-fused": {
        "anchors": SMALL,
        "backbone": [
            [-1, 1, "Conv", [8, 3, 2]], [-1, 1, "DWConv", [8, 3, 2]], [-1, 1, "Conv", [16, 3, 2]],
        ],
        "head": [[[1, 2], 1, "Detect", ["nc", "anchors"]]],
    },
    "tiny-sum": {
        "anchors": SMALL,
        "backbone": [
            [-1, 1, "Conv", [8, 3, 2]], [-1, 1, "Conv", [8, 3, 1]], [[0, 1], 1, "Concat", [1]],
            [-1, 1, "Conv", [8, 3, 2]], [-1, 1, "nn.Upsample", ["None", 2, "bilinear"]],
            [-1, 1, "Conv", [8, 3, 2]], [-1, 1, "Conv", [16, 3, 2]],
        ],
        "head": [[[5, 6], 1, "Detect", ["nc", "anchors"]]],
    },
    "tiny-seg": {
        "anchors": SMALL,
        "backbone": [
            [-1, 1, "Conv", [8, 3, 2]], [-1, 1, "Conv", [8, 3, 2]], [-1, 1, "Conv", [16, 3, 2]],
        ],
        "head": [[[1, 2], 1, "Segment", ["nc", "anchors", 4, 8]]],
    },
    "tiny-cls": {
        "anchors": SMALL,
        "backbone": [[-1, 1, "Conv", [8, 3, 2]], [-1, 1, "C3", [16]]],
        "head": [[-1, 1, "Conv", [16, 3, 2]]],
    },
}


def stub(name):
    """The package imports much that no network needs; an empty module does."""
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        partial = ".".join(parts[:end])
        if partial not in sys.modules:
            module = types.ModuleType(partial)
            module.__path__ = []
            module.__getattr__ = lambda attribute: type(attribute, (), {})
            sys.modules[partial] = module


def load_package():
    while True:
        try:
            import yolov5.models.yolo as yolo
            return yolo
        except ModuleNotFoundError as error:
            stub(error.name)
        except ImportError as error:
            stub("pandas") if "dependenc" in str(error) else sys.exit(str(error))


def configurations(root):
    import yaml
    for path in sorted(root.rglob("*.yaml")):
        config = yaml.safe_load(path.read_text())
        if isinstance(config, dict) and "backbone" in config:
            yield path.stem, config


def noise(shape, generator):
    return torch.randn(shape, generator=generator)


def pictures(count, size, generator):
    """Blots of every scale: plain noise is the same everywhere to a deep layer."""
    result = torch.zeros(count, 3, size, size)
    cells = 1
    while cells <= size:
        coarse = noise((count, 3, cells, cells), generator)
        result += torch.nn.functional.interpolate(coarse, size=(size, size), mode="nearest")
        cells *= 2
    return torch.sigmoid(result)


def randomise(model, size, generator):
    """Random weights; statistics measured on noise and then disturbed.

    Without the measurement the values of deep networks grow until every sigmoid is 0 or 1, and
    any error invisible. A variance far below the mean's square would magnify rounding errors.
    """
    norms = []
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            shape = module.running_mean.shape
            module.weight.data.copy_(torch.rand(shape, generator=generator) * 0.5 + 0.25)
            module.bias.data.copy_(noise(shape, generator) * 0.2)
            norms.append(module)
        elif isinstance(module, (torch.nn.Conv2d, torch.nn.Linear, torch.nn.ConvTranspose2d)):
            weight = module.weight.data
            weight.copy_(noise(weight.shape, generator) * weight[0].numel() ** -0.5)
            if module.bias is not None:
                module.bias.data.copy_(noise(module.bias.shape, generator) * 0.3)
        elif isinstance(module, torch.nn.MultiheadAttention):
            for part in (module.in_proj_weight, module.in_proj_bias):
                part.data.copy_(noise(part.shape, generator) * part.shape[-1] ** -0.5)
    for module in model.modules():
        if type(module).__name__ == "Sum":
            module.w.data.copy_(noise(module.w.shape, generator))
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    model.train()
    model(pictures(16, size, generator))
    for norm, momentum in zip(norms, momenta):
        norm.momentum = momentum
        floor = 0.1 * norm.running_mean.square().mean() + 0.3 * norm.running_var.mean()
        norm.running_var.clamp_(min=float(floor))
        shape, deviation = norm.running_var.shape, norm.running_var.sqrt()
        norm.running_mean += 0.2 * deviation * noise(shape, generator)
        norm.running_var *= torch.rand(shape, generator=generator) * 0.8 + 0.7


def outputs(model, picture):
    result = model(picture)
    result = result if isinstance(result, tuple) else (result,)
    return [part for part in result if isinstance(part, torch.Tensor)]


def write(name, model, size, out, half):
    generator = torch.Generator().manual_seed(sum(map(ord, name)))
    with torch.no_grad():
        randomise(model, size, generator)
        if name.endswith("-fused"):
            model.fuse()
        if half:
            model.half().float()
        model.eval()
        picture = pictures(1, size, generator)
        classes = model.nc if hasattr(model, "nc") else model.model[-1].nc
        model.names = {i: f"kind {i}" for i in range(classes)}
        stored = copy.deepcopy(model)
        torch.save(
            {"epoch": -1, "model": stored.half() if half else stored, "ema": None,
             "optimizer": None, "date": "2022-11-22"},
            out / f"{name}.pt",
        )
        numpy.save(out / f"{name}.input.npy", picture.numpy())
        for index, output in enumerate(outputs(model, picture)):
            numpy.save(out / f"{name}.output{index}.npy", output.numpy())
    count = sum(p.numel() for p in model.parameters())
    shapes = [tuple(o.shape) for o in outputs(model, picture)]
    print(f"{name}: {count} parameters, {shapes}", flush=True)


def write_tiny(yolo, out):
    for name, config in TINY.items():
        config = {"nc": 2, "depth_multiple": 1.0, "width_multiple": 1.0, **config}
        yolo.Conv.default_act = torch.nn.SiLU()
        if name == "tiny-cls":
            from yolov5.models.common import Conv
            model = yolo.ClassificationModel.__new__(yolo.ClassificationModel)
            torch.nn.Module.__init__(model)
            model.model, model.save = yolo.parse_model(copy.deepcopy(config), ch=[3])
            head = yolo.Classify(16, 5)
            head.conv = Conv(16, 16, 1)
            head.linear = torch.nn.Linear(16, 5)
            head.i, head.f, head.type = 2, -1, "models.common.Classify"
            model.model[-1] = head
            model.nc = 5
        else:
            kind = yolo.SegmentationModel if name == "tiny-seg" else yolo.DetectionModel
            model = kind(config)
        if name == "tiny-sum":
            replace_with_sum(yolo, model)
        write(name, model, 32, out, True)


def replace_with_sum(yolo, model):
    """The configuration reader cannot count the channels of a Sum."""
    from yolov5.models.common import Conv
    from yolov5.models.experimental import Sum
    from yolov5.utils.activations import FReLU
    for index, module in ((2, Sum(2, weight=True)), (3, Conv(8, 8, 3, 2, act=FReLU(8)))):
        old = model.model[index]
        module.i, module.f, module.type = old.i, old.f, old.type
        model.model[index] = module


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--only", default="*")
    parser.add_argument("--width", type=float)
    parser.add_argument("--depth", type=float)
    parser.add_argument("--classes", type=int)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--half", action="store_true")
    parser.add_argument("--tiny", action="store_true")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    yolo = load_package()
    if options.tiny:
        return write_tiny(yolo, options.out)
    root = pathlib.Path(yolo.__file__).parent
    for name, config in configurations(root):
        if not fnmatch.fnmatch(name, options.only):
            continue
        config["width_multiple"] = options.width or config["width_multiple"]
        config["depth_multiple"] = options.depth or config["depth_multiple"]
        config["nc"] = options.classes or config["nc"]
        yolo.Conv.default_act = torch.nn.SiLU()
        kind = yolo.SegmentationModel if name.endswith("-seg") else yolo.DetectionModel
        model = kind(config)
        write(name, model, SIZES.get(name, options.size), options.out, options.half)
        if name in ("yolov5n", "yolov5s", "yolov5m", "yolov5l", "yolov5x"):
            yolo.Conv.default_act = torch.nn.SiLU()
            base = yolo.DetectionModel(copy.deepcopy(config))
            classifier = yolo.ClassificationModel(model=base, nc=7, cutoff=10)
            if fnmatch.fnmatch(name + "-cls", options.only) or options.only == name:
                classifier.nc = 7
                write(name + "-cls", classifier, 64, options.out, options.half)


if __name__ == "__main__":
    torch.set_num_threads(2)
    main()
