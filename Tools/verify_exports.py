#!/usr/bin/env python3
"""Exports YOLOv5 checkpoints in many ways and lets others judge the files.

    verify_exports.py VITRINE MODELS [--reference DIR] [--picture FILE] [--randoms DIR]
                      [--work DIR] [--only SECTION,...] [--models GLOB]

VITRINE is the executable, MODELS a folder of checkpoints. Every file must pass onnx.checker
(full_check) and give the same numbers in ONNX Runtime, OpenVINO and onnx.reference (a small input).
The truth is PyTorch's: raw_bus_square640_*.npy and raw_outputs.json in the reference folder, the
original code itself where `torch` and `yolov5` can be imported, and what Tools/random_models.py wrote.
Needs numpy, onnx, onnxruntime, openvino. Prints a table; exit status 1 where anything fails.

Sections: opsets, dynamic, options, randoms, foreign, refused.
Limits: boxes 0.1 px worst and 0.01 px mean, scores 1e-4. Random weights: largest error divided by
the largest reference value, per group of columns (x y, width height, scores, mask coefficients) or
per whole output, 1e-4.
"""
import argparse
import fnmatch
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
import openvino

BOX_WORST, BOX_MEAN, SCORE, RELATIVE = 0.1, 0.01, 1e-4, 1e-4
failures = []


def row(section, name, passed, detail=""):
    if not passed:
        failures.append(f"{section}: {name}")
    print(f"{'ok  ' if passed else 'FAIL'} {section:8} {name:58} {detail}", flush=True)


class Vitrine:
    def __init__(self, path, work):
        self.path, self.work = str(pathlib.Path(path).resolve()), work

    def __call__(self, *arguments, environment=None):
        done = subprocess.run([self.path, *map(str, arguments)], capture_output=True, text=True,
                              cwd=self.work, env=environment, timeout=900)
        return done.returncode, done.stdout, done.stderr

    def export(self, source, *arguments):
        out = self.work / "export.onnx"
        out.unlink(missing_ok=True)
        code, _, errors = self("export", source, "-o", out, "-q", *arguments)
        if code:
            raise RuntimeError(f"export: exit {code}: {errors.strip()[:300]}")
        onnx.checker.check_model(str(out), full_check=True)
        return out

    def json(self, *arguments):
        code, out, errors = self(*arguments, "--json", "-q")
        try:
            return code, json.loads(out)
        except json.JSONDecodeError:
            raise RuntimeError(f"exit {code}, no JSON: {(errors or out).strip()[:300]}") from None


def ort(path, picture):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: picture})


def vino(path, picture):
    hints = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = openvino.Core().compile_model(str(path), "CPU", hints)
    results = compiled({0: picture})
    return [np.array(results[output]) for output in compiled.outputs]


def interpreter(path, picture):
    from onnx.reference import ReferenceEvaluator
    session = ReferenceEvaluator(str(path))
    return session.run(None, {session.input_names[0]: picture})


def differences(actual, expected):
    """(worst box, mean box, worst score) of [batch, boxes, 5 + classes]."""
    if actual.shape != expected.shape:
        raise RuntimeError(f"shape {actual.shape} instead of {expected.shape}")
    error = np.abs(actual.astype(np.float64) - expected)
    if not np.isfinite(error).all():
        raise RuntimeError("not finite")
    return error[..., :4].max(), error[..., :4].mean(), error[..., 4:].max()


def within(found, factor=1):
    return found[0] <= BOX_WORST * factor and found[1] <= BOX_MEAN * factor and found[2] <= SCORE * factor


def text(found):
    return f"box {found[0]:.1e} mean {found[1]:.1e} px, score {found[2]:.1e}"


def relative(actual, expected, classes=None):
    """The largest error over the largest value of each group of columns."""
    if actual.shape != expected.shape:
        raise RuntimeError(f"shape {actual.shape} instead of {expected.shape}")
    groups = [slice(None)]
    if classes is not None and expected.ndim == 3:
        groups = [slice(0, 2), slice(2, 4), slice(4, 5 + classes), slice(5 + classes, None)]
    worst = 0.0
    for group in groups:
        a, b = actual[..., group].astype(np.float64), expected[..., group]
        if b.size:
            worst = max(worst, float(np.abs(a - b).max() / max(np.abs(b).max(), 1e-30)))
    return worst if np.isfinite(worst) else float("inf")


class PyTorch:
    """The original code, where it is installed; otherwise None comes back."""

    def __init__(self):
        try:
            sys.path.insert(0, str(pathlib.Path(__file__).parent))
            import random_models
            import torch
            random_models.load_package()
        except (ImportError, SystemExit):
            self.torch = None
            return
        import importlib
        for name in ("models", "models.common", "models.yolo", "models.experimental"):
            sys.modules[name] = importlib.import_module("yolov5." + name)
        sys.modules["utils"] = importlib.import_module("yolov5.utils")
        pathlib.WindowsPath = pathlib.PosixPath
        torch.set_num_threads(2)
        self.torch = torch

    def model(self, path):
        checkpoint = self.torch.load(path, map_location="cpu", weights_only=False)
        model = (checkpoint.get("ema") or checkpoint["model"]).float().eval()
        for module in model.modules():
            if type(module).__name__ == "Upsample" and not hasattr(module, "recompute_scale_factor"):
                module.recompute_scale_factor = None
            if type(module).__name__ == "Detect":
                module.inplace = False
                if not isinstance(module.__dict__.get("anchor_grid"), list):
                    module._buffers.pop("anchor_grid", None)
                    module.anchor_grid = [self.torch.zeros(1)] * module.nl
                module.grid = [self.torch.empty(0)] * module.nl
        return model

    def outputs(self, path, picture):
        with self.torch.no_grad():
            result = self.model(path)(self.torch.from_numpy(picture))
        return (result[0] if isinstance(result, (tuple, list)) else result).numpy()


class Run:
    def __init__(self, options, work):
        self.vitrine, self.models, self.work = Vitrine(options.vitrine, work), options.models_folder, work
        self.reference, self.picture, self.randoms = options.reference, options.picture, options.randoms
        self.pytorch, self.cache = PyTorch(), {}
        pixels = np.load(self.reference / "bus_square640_input_rgb_u8.npy")
        pixels = pixels.reshape((-1,) + pixels.shape[-3:])
        if pixels.shape[-1] == 3:
            pixels = pixels.transpose(0, 3, 1, 2)
        self.bus = np.ascontiguousarray(pixels.astype(np.float32) / 255)
        self.checkpoints = sorted(
            p for p in self.models.glob("*.pt")
            if not p.name.startswith(("broken_", "unsupported_")) and fnmatch.fnmatch(p.name, options.glob))
        self.small = next((p for p in self.checkpoints if p.name.startswith("yolov5n")), self.checkpoints[0])

    def truth(self, path):
        if path not in self.cache:
            file = self.reference / f"raw_bus_square640_{path.stem}.npy"
            if file.exists():
                self.cache[path] = np.load(file).reshape((1, -1, np.load(file).shape[-1]))
            elif self.pytorch.torch:
                self.cache[path] = self.pytorch.outputs(path, self.bus)
            else:
                self.cache[path] = None
        return self.cache[path]

    def attempt(self, section, name, action):
        try:
            row(section, name, *action())
        except Exception as error:  # every failure is a row of the table
            row(section, name, False, f"{type(error).__name__}: {error}"[:400])

    # Sections

    def opsets(self):
        for path in self.checkpoints:
            for opset in range(12, 22) if path == self.small else (12, 17, 21):
                self.attempt("opsets", f"{path.stem} {opset}", lambda: self.opset(path, opset))
            self.attempt("opsets", f"{path.stem} onnx.reference, 64 px", lambda: self.third(path))
            self.attempt("opsets", f"{path.stem} raw_outputs.json", lambda: self.summary(path))

    def opset(self, path, opset):
        out = self.vitrine.export(path, "--opset", opset)
        stated = [item.version for item in onnx.load(out).opset_import if item.domain in ("", "ai.onnx")]
        if stated != [opset]:
            raise RuntimeError(f"opset {stated}")
        if "cls" in path.stem:
            picture = np.random.default_rng(1).random((1, 3, 224, 224), np.float32)
            if ort_shape(out) != [1, 3, 224, 224]:
                raise RuntimeError(f"input {ort_shape(out)}")
            first, second = ort(out, picture)[0], vino(out, picture)[0]
            if not self.pytorch.torch:
                return relative(second, first) <= RELATIVE, "ONNX Runtime against OpenVINO only"
            expected = self.pytorch.outputs(path, picture)
            found = relative(first, expected), relative(second, expected)
            return max(found) <= RELATIVE, f"relative {found[0]:.1e}, OpenVINO {found[1]:.1e}"
        first, second = ort(out, self.bus)[0], vino(out, self.bus)[0]
        expected = self.truth(path)
        between = differences(second, first)
        if expected is None:
            return within(between), f"OpenVINO {text(between)}"
        found, other = differences(first, expected), differences(second, expected)
        return within(found) and within(other), f"{text(found)}; OpenVINO {text(other)}"

    def third(self, path):
        out = self.vitrine.export(path, "--imgsz", 64)
        picture = np.ascontiguousarray(
            np.random.default_rng(2).random((1, 3, 64, 64), np.float32))
        found = relative(interpreter(out, picture)[0], ort(out, picture)[0])
        return found <= RELATIVE, f"relative {found:.1e}"

    def summary(self, path):
        known = json.loads((self.reference / "raw_outputs.json").read_text()).get(path.name)
        if not known or "raw_shape" not in known:
            return True, "nothing recorded"
        output = ort(self.vitrine.export(path), self.bus)[0]
        if list(output.shape) != known["raw_shape"]:
            raise RuntimeError(f"shape {output.shape}")
        worst = max(np.abs(output[0, 0, :len(known["row0"])] - known["row0"]).max(),
                    np.abs(output[0, -1, :len(known["row_last"])] - known["row_last"]).max())
        drift = abs(output.astype(np.float64).sum() - known["sum"]) / output[..., :4].size
        peak = abs(output[..., 4].max() - known["max_obj"])
        return (worst <= BOX_WORST and drift <= BOX_MEAN and peak <= SCORE,
                f"rows {worst:.1e}, mean drift {drift:.1e}, highest objectness {peak:.1e}")

    def dynamic(self):
        out = self.work / "dynamic.onnx"
        exporter = next(iter(self.models.glob(f"reference_{self.small.stem}*.onnx")), None)
        generator = np.random.default_rng(3)

        def compare(picture, engines):
            expected = (ort(exporter, picture)[0] if exporter
                        else self.pytorch.outputs(self.small, picture))
            found = [differences(engine(out, picture)[0], expected) for engine in engines]
            return all(map(within, found)), "; ".join(map(text, found))

        for kind, cases in (
            ("batch", [(n, 640, 640) for n in (1, 2, 3, 7, 16)]),
            ("size", [(1, 320, 320), (1, 512, 640), (2, 640, 480), (1, 1280, 1280)]),
        ):
            for opset in (12, 17):
                shutil.copy(self.vitrine.export(self.small, "--dynamic", kind, "--opset", opset), out)
                for count, height, width in cases if opset == 17 else cases[1:2]:
                    picture = generator.random((count, 3, height, width), np.float32)
                    self.attempt("dynamic", f"{kind} {count}×{height}×{width} opset {opset}",
                                 lambda: compare(picture, (ort, vino)))

    def options(self):
        path, expected = self.small, self.truth(self.small)

        def raw(opset):
            out = self.vitrine.export(path, "--head", "raw", "--opset", opset)
            first, second = ort(out, self.bus), vino(out, self.bus)
            between = max(relative(b, a) for a, b in zip(first, second, strict=True))
            found = differences(decode(first, self.anchors(path)), expected)
            return within(found) and between <= RELATIVE, f"decoded here: {text(found)}; OpenVINO {between:.1e}"

        def plain(*arguments):
            out = self.vitrine.export(path, *arguments)
            found = [differences(engine(out, self.bus)[0], expected) for engine in (ort, vino)]
            return all(map(within, found)), "; ".join(map(text, found))

        def half(opset):
            out = self.vitrine.export(path, "--half", "--opset", opset)
            found = differences(ort(out, self.bus.astype(np.float16))[0].astype(np.float32), expected)
            return found[1] <= 0.3 and found[2] <= 0.03, f"limits mean 0.3 px, 0.03: {text(found)}"

        def size():
            out = self.vitrine.export(path, "--imgsz", 512, 640)
            picture = np.ascontiguousarray(self.bus[:, :, :512, :])
            first, second = ort(out, picture)[0], vino(out, picture)[0]
            truth = self.pytorch.outputs(path, picture) if self.pytorch.torch else first
            found = differences(first, truth), differences(second, truth)
            return all(map(within, found)), "; ".join(map(text, found))

        def batch():
            out = self.vitrine.export(path, "--batch", 4)
            picture = np.concatenate([self.bus, self.bus[:, :, ::-1], self.bus[..., ::-1], self.bus * 0.5])
            first, second = ort(out, picture)[0], vino(out, picture)[0]
            found = differences(first[:1], expected), differences(second, first)
            return all(map(within, found)), "; ".join(map(text, found))

        for opset in (12, 17):
            self.attempt("options", f"--head raw opset {opset}", lambda: raw(opset))
            self.attempt("options", f"--half opset {opset}", lambda: half(opset))
            self.attempt("options", f"--keep-batchnorm opset {opset}",
                         lambda: plain("--keep-batchnorm", "--opset", opset))
            for extra in ((), ("--dynamic", "batch"), ("--dynamic", "size"), ("--half",)):
                self.attempt("options", f"--head end2end {' '.join(extra)} opset {opset}",
                             lambda: self.end2end(path, opset, extra))
        self.attempt("options", "--imgsz 512 640", size)
        self.attempt("options", "--batch 4", batch)
        for pair in (("--half", "--dynamic", "size"), ("--head", "raw", "--dynamic", "size"),
                     ("--head", "raw", "--half"), ("--keep-batchnorm", "--dynamic", "batch")):
            def loads(pair=pair):
                out = self.vitrine.export(path, *pair)
                picture = self.bus.astype(np.float16) if "--half" in pair else self.bus
                return True, str([o.shape for o in ort(out, picture)])
            self.attempt("options", " ".join(pair), loads)

    def end2end(self, path, opset, extra):
        out = self.vitrine.export(path, "--head", "end2end", "--opset", opset, *extra)
        picture = self.bus.astype(np.float16) if "--half" in extra else self.bus
        engines = (ort,) if "--half" in extra else (ort, vino)
        found = [engine(out, picture)[0].astype(np.float32) for engine in engines]
        code, document = self.vitrine.json("detect", path, self.picture, "--square")
        if code:
            raise RuntimeError(f"detect: exit {code}")
        expected = document["pictures"][0]
        height, width = expected["height"], expected["width"]
        gain = min(640 / height, 640 / width)
        shift = np.array([(640 - width * gain) / 2, (640 - height * gain) / 2] * 2)
        limit = (4.0, 0.02) if "--half" in extra else (0.2, 1e-3)
        details, passed = [], True
        for rows in found:
            if len(rows) != len(expected["detections"]):
                raise RuntimeError(f"{len(rows)} detections instead of {len(expected['detections'])}: {rows}")
            worst = [0.0, 0.0]
            for have, want in zip(rows, expected["detections"]):
                box = (have[1:5] - shift) / gain
                box = box.clip(0, [width, height, width, height])
                edges = [want["box"][key] for key in ("x1", "y1", "x2", "y2")]
                score, kind = sorted(have[5:7]) if have[6] >= 1 else (have[6], have[5])
                if kind != want["classIndex"] and have[5] != want["classIndex"]:
                    raise RuntimeError(f"class of {have}")
                confidence = min(abs(have[5] - want["confidence"]), abs(have[6] - want["confidence"]))
                worst = [max(worst[0], np.abs(box - edges).max()), max(worst[1], confidence)]
            passed &= worst[0] <= limit[0] and worst[1] <= limit[1]
            details.append(f"{len(rows)} boxes, {worst[0]:.1e} px, {worst[1]:.1e}")
        twice = "--dynamic" in extra and ort(out, np.concatenate([picture, picture]))[0]
        if "--dynamic" in extra and (
            len(twice) != 2 * len(found[0]) or set(twice[:, 0]) != {0.0, 1.0}):
            raise RuntimeError(f"a batch of two gives {twice}")
        return passed, "; ".join(details)

    def anchors(self, path):
        _, document = self.vitrine.json("inspect", path)
        return anchors_of(document)

    def random_networks(self):
        for path in sorted(self.randoms.glob("*.pt")):
            self.attempt("randoms", path.stem, lambda: self.random_network(path))

    def random_network(self, path):
        picture = np.load(path.with_suffix(".input.npy"))
        expected = []
        while (file := path.parent / f"{path.stem}.output{len(expected)}.npy").exists():
            expected.append(np.load(file))
        out = self.vitrine.export(path, "--imgsz", *picture.shape[2:])
        names = {p.key: p.value for p in onnx.load(out, load_external_data=False).metadata_props}
        classes = len(re.findall(r"\d+: ", names["names"]))
        details, passed = [], True
        for engine in (ort, vino):
            outputs = engine(out, picture)
            worst = max(relative(a, b, classes) for a, b in zip(outputs, expected))
            if len(outputs) != len(expected):
                raise RuntimeError(f"{len(outputs)} outputs instead of {len(expected)}")
            passed &= worst <= RELATIVE
            details.append(f"{worst:.1e}")
        code, document = self.vitrine.json("check", out, "--against", path)
        return passed and code == 0, f"relative {', OpenVINO '.join(details)}; check exit {code}"

    def foreign(self):
        files = [*self.models.glob("foreign_*.onnx"), *self.models.glob("reference_*.onnx")]
        for path in sorted(files):
            def inspect():
                code, document = self.vitrine.json("inspect", path)
                return code == 0 and len(document["classNames"]) > 0, f"{len(document['classNames'])} classes"

            def check():
                code, document = self.vitrine.json("check", path)
                return code == 0, "; ".join(f"{c['name']}: {c['verdict']}" for c in document["checks"])

            def detect():
                code, document = self.vitrine.json("detect", path, self.picture, "--square")
                found = document["pictures"][0]["detections"]
                if "yolov5n" not in path.name:
                    return code == 0, f"{len(found)} detections"
                _, own = self.vitrine.json("detect", self.small, self.picture, "--square")
                return code == 0 and alike(found, own["pictures"][0]["detections"]), f"{len(found)} as of {self.small.stem}"

            for action in (inspect, check, detect):
                self.attempt("foreign", f"{action.__name__} {path.stem}", action)

    def refused(self):
        for path in sorted([*self.models.glob("broken_*"), *self.models.glob("unsupported_*")]):
            for command in ("inspect", "export", "detect", "deploy"):
                def refuse():
                    before = sorted(self.work.rglob("*"))
                    more = {"detect": [self.picture], "deploy": ["--images", self.picture]}.get(command, [])
                    code, out, errors = self.vitrine(command, path, *more, "-q")
                    left = [str(p) for p in sorted(self.work.rglob("*")) if p not in before]
                    once = errors.count("error[") == 1
                    return code == 70 and once and not left, f"exit {code} {errors[:errors.find(']') + 1]} {left or ''}"
                self.attempt("refused", f"{command} {path.name}", refuse)


def ort_shape(path):
    return [d.dim_value for d in onnx.load(path).graph.input[0].type.tensor_type.shape.dim]


def anchors_of(document):
    """[(stride, [[width, height], ...]), ...] from the facts of `vitrine inspect --json`."""
    levels = []
    for fact in document["facts"]:
        if (match := re.fullmatch(r"stride (\d+)", fact["name"])):
            pairs = re.findall(r"([\d.]+)×([\d.]+)", fact["value"])
            levels.append((int(match[1]), [[float(w), float(h)] for w, h in pairs]))
    return levels


def decode(levels, anchors):
    """Raw heads [batch, anchors, height, width, 5 + classes] as the decoded output."""
    parts = []
    for level, (stride, sizes) in zip(levels, anchors, strict=True):
        values = 1 / (1 + np.exp(-level.astype(np.float64)))
        y, x = np.mgrid[:level.shape[2], :level.shape[3]]
        values[..., 0] = (values[..., 0] * 2 - 0.5 + x) * stride
        values[..., 1] = (values[..., 1] * 2 - 0.5 + y) * stride
        values[..., 2:4] = (values[..., 2:4] * 2) ** 2 * np.array(sizes)[None, :, None, None]
        parts.append(values.reshape(level.shape[0], -1, level.shape[-1]))
    return np.concatenate(parts, 1)


def alike(found, expected):
    """The same classes in number, every box of IoU 0.9 with its partner."""
    rest = list(expected)
    for item in found:
        best = max((o for o in rest if o["classIndex"] == item["classIndex"]),
                   key=lambda o: overlap(item["box"], o["box"]), default=None)
        if best is None or overlap(item["box"], best["box"]) < 0.9:
            return False
        rest.remove(best)
    return not rest


def overlap(a, b):
    width = min(a["x2"], b["x2"]) - max(a["x1"], b["x1"])
    height = min(a["y2"], b["y2"]) - max(a["y1"], b["y1"])
    both = max(width, 0) * max(height, 0)
    area = lambda box: (box["x2"] - box["x1"]) * (box["y2"] - box["y1"])
    return both / (area(a) + area(b) - both)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("vitrine", type=pathlib.Path)
    parser.add_argument("models_folder", metavar="models", type=lambda p: pathlib.Path(p).resolve())
    parser.add_argument("--reference", type=lambda p: pathlib.Path(p).resolve())
    parser.add_argument("--picture", type=lambda p: pathlib.Path(p).resolve())
    parser.add_argument("--randoms", type=lambda p: pathlib.Path(p).resolve())
    parser.add_argument("--only", default="")
    parser.add_argument("--models", dest="glob", default="*")
    options = parser.parse_args()
    beside = options.models_folder.parent
    options.reference = options.reference or beside / "reference"
    options.picture = options.picture or beside / "coco" / "bus.jpg"
    with tempfile.TemporaryDirectory() as folder:
        run = Run(options, pathlib.Path(folder))
        sections = {"opsets": run.opsets, "dynamic": run.dynamic, "options": run.options,
                    "foreign": run.foreign, "refused": run.refused}
        if options.randoms:
            sections["randoms"] = run.random_networks
        for name in options.only.split(",") if options.only else sections:
            sections[name]()
    print(f"{len(failures)} failures" if failures else "everything holds")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
