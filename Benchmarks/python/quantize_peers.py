#!/usr/bin/env python3
"""Quantises a float ONNX file with NNCF, ONNX Runtime's quantize_static and NVIDIA's ModelOpt.

    PYTHON quantize_peers.py FLOAT.onnx --images FOLDER --output FOLDER [--tools nncf onnxruntime modelopt]

Each tool is given the same pictures, letterboxed to the network's input, in two forms: as it decides itself
(`NAME.onnx`), and with everything behind the head's convolutions left in float, as their authors advise for
detectors (`NAME-head.onnx`). One line of JSON for each file is printed, also where a tool fails.
"""
import argparse, json, pathlib, sys, time

import numpy, onnx
from PIL import Image


def letterboxed(path, height, width):
    picture = Image.open(path).convert("RGB")
    scale = min(height / picture.height, width / picture.width)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    canvas = numpy.full((height, width, 3), 114, numpy.uint8)
    top, left = (height - size[1]) // 2, (width - size[0]) // 2
    canvas[top:top + size[1], left:left + size[0]] = numpy.asarray(picture.resize(size, Image.BILINEAR))
    return (canvas.transpose(2, 0, 1)[None] / numpy.float32(255)).astype(numpy.float32)


def head_nodes(model):
    """The nodes that depend on a convolution whose result reaches an output without another convolution."""
    readers = {}
    for node in model.graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    last = []
    for node in model.graph.node:
        if node.op_type != "Conv":
            continue
        seen, work = set(), list(node.output)
        while work:
            for reader in readers.get(work.pop(), []):
                if id(reader) not in seen:
                    seen.add(id(reader))
                    work += list(reader.output)
        if not any(other.op_type == "Conv" for other in model.graph.node if id(other) in seen):
            last.append(seen)
    behind = set().union(*last) if last else set()
    return [node.name for node in model.graph.node if id(node) in behind and node.name]


def with_nncf(path, inputs, name, excluded, output):
    import nncf
    model = onnx.load(path)
    scope = nncf.IgnoredScope(names=excluded, validate=False) if excluded else nncf.IgnoredScope()
    result = nncf.quantize(model, nncf.Dataset([{name: value} for value in inputs]), preset=nncf.QuantizationPreset.MIXED,
                           subset_size=len(inputs), ignored_scope=scope)
    onnx.save(result, output)


def with_onnxruntime(path, inputs, name, excluded, output):
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    class Reader(CalibrationDataReader):
        def __init__(self):
            self.values = iter([{name: value} for value in inputs])

        def get_next(self):
            return next(self.values, None)

    quantize_static(path, output, Reader(), quant_format=QuantFormat.QDQ, per_channel=True,
                    activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, nodes_to_exclude=excluded)


def with_modelopt(path, inputs, name, excluded, output):
    from modelopt.onnx.quantization import quantize
    quantize(path, quantize_mode="int8", calibration_data={name: numpy.concatenate(inputs)}, calibration_method="max",
             calibration_eps=["cpu"], nodes_to_exclude=excluded or None, high_precision_dtype="fp32",
             output_path=output)


TOOLS = {"nncf": with_nncf, "onnxruntime": with_onnxruntime, "modelopt": with_modelopt}


def version(tool):
    import importlib.metadata
    name = {"modelopt": "nvidia-modelopt"}.get(tool, tool)
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--images", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--tools", nargs="+", choices=TOOLS, default=list(TOOLS))
    options = parser.parse_args()
    model = onnx.load(options.model)
    name = model.graph.input[0].name
    height, width = (value.dim_value for value in model.graph.input[0].type.tensor_type.shape.dim[2:])
    paths = sorted(path for path in pathlib.Path(options.images).iterdir()
                   if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    inputs = [letterboxed(path, height, width) for path in paths]
    excluded = head_nodes(model)
    for tool in options.tools:
        for form, nodes in (("", []), ("-head", excluded)):
            line = {"tool": tool, "version": version(tool), "file": f"{options.output}/{tool}{form}.onnx",
                    "form": "head in float" if form else "default", "pictures": len(inputs)}
            start = time.monotonic()
            try:
                TOOLS[tool](options.model, inputs, name, nodes, line["file"])
            except Exception as error:
                line["error"] = f"{type(error).__name__}: {error}"[:300]
            line["seconds"] = round(time.monotonic() - start, 1)
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    sys.exit(main())
