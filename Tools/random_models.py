#!/usr/bin/env python3
"""Writes YOLOv5 networks with random weights, and what PyTorch makes of a random picture.

Needs PyTorch and the PyPI package `yolov5` (7.0.14); the package is only imported. For every
configuration: NAME.pt (a checkpoint as the training writes it), NAME.input.npy [1, 3, H, W] and
NAME.output0.npy, NAME.output1.npy, ... (what the network returns in evaluation mode).

    random_models.py OUT [--only GLOB] [--width W] [--depth D] [--size N] [--half] [--classes N]
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


def randomise(model, generator):
    """Weights that keep the size of the values, statistics that are not 0 and 1."""
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            shape = module.running_mean.shape
            module.running_mean.copy_(torch.randn(shape, generator=generator) * 0.1)
            module.running_var.copy_(torch.rand(shape, generator=generator) + 0.5)
            module.weight.data.copy_(torch.rand(shape, generator=generator) * 0.8 + 0.6)
            module.bias.data.copy_(torch.randn(shape, generator=generator) * 0.2)
        elif isinstance(module, (torch.nn.Conv2d, torch.nn.Linear, torch.nn.ConvTranspose2d)):
            weight = module.weight.data
            fan = weight[0].numel()
            gain = (2.0 / fan) ** 0.5
            weight.copy_(torch.randn(weight.shape, generator=generator) * gain)
            if module.bias is not None:
                noise = torch.randn(module.bias.shape, generator=generator)
                module.bias.data.copy_(noise * 0.3)
        elif isinstance(module, torch.nn.MultiheadAttention):
            for part in (module.in_proj_weight, module.in_proj_bias):
                noise = torch.randn(part.shape, generator=generator)
                part.data.copy_(noise * part.shape[-1] ** -0.5)
        if type(module).__name__ == "Sum" and module.weight:
            module.w.data.copy_(torch.randn(module.w.shape, generator=generator))


def outputs(model, picture):
    result = model(picture)
    result = result if isinstance(result, tuple) else (result,)
    return [part for part in result if isinstance(part, torch.Tensor)]


def write(name, model, size, out, half):
    generator = torch.Generator().manual_seed(sum(map(ord, name)))
    with torch.no_grad():
        randomise(model, generator)
        if half:
            model.half().float()
        model.eval()
        picture = torch.rand((1, 3, size, size), generator=generator)
        model.names = {i: f"kind {i}" for i in range(model.nc)} if hasattr(model, "nc") else {}
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
    print(f"{name}: {count} parameters, {[tuple(o.shape) for o in outputs(model, picture)]}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--only", default="*")
    parser.add_argument("--width", type=float)
    parser.add_argument("--depth", type=float)
    parser.add_argument("--classes", type=int)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--half", action="store_true")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    yolo = load_package()
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
    torch.set_num_threads(1)
    main()
