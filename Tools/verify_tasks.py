#!/usr/bin/env python3
"""Compares `vitrine detect` with the original code on networks that classify or segment.

Needs PyTorch, OpenCV and the PyPI package `yolov5` (7.0.14), which is only imported. Classes are
compared by their probabilities, masks pixel by pixel on the boxes that both sides found.

    verify_tasks.py VITRINE PICTURE... --models MODEL.pt... [--conf C]
"""
import argparse
import json
import subprocess
import sys

import cv2
import numpy
import torch
import yolov5.models
import yolov5.utils

sys.modules.setdefault("models", yolov5.models)
sys.modules.setdefault("utils", yolov5.utils)
from yolov5.utils.augmentations import classify_transforms, letterbox  # noqa: E402
from yolov5.utils.general import non_max_suppression, scale_boxes  # noqa: E402
from yolov5.utils.segment.general import process_mask_native  # noqa: E402


def ours(vitrine, model, picture, conf):
    command = [vitrine, "detect", model, picture, "--square", "--json", "--conf", str(conf),
               "--max-det", "50"]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["pictures"][0]


def pixels(mask):
    flat = numpy.zeros(mask["width"] * mask["height"], bool)
    position = 0
    for index, count in enumerate(mask["counts"]):
        flat[position:position + count] = index % 2 == 1
        position += count
    assert position == flat.size, "the runs do not add up to the picture"
    return flat.reshape(mask["width"], mask["height"]).T


def check_classes(network, found, image):
    size = found["inputSize"][0]
    with torch.no_grad():
        scores = torch.softmax(network(classify_transforms(size)(image)[None]), 1)[0].numpy()
    worst = max(abs(scores[c["classIndex"]] - c["probability"]) for c in found["classes"])
    order = [c["classIndex"] for c in found["classes"]]
    agrees = list(numpy.argsort(-scores, kind="stable")[: len(order)]) == order
    print(f"  classes: same order {agrees}, largest difference {worst:.1e}")
    return agrees and worst < 1e-3


def check_masks(network, found, image, conf):
    size = found["inputSize"][0]
    boxed = letterbox(image, size, stride=32, auto=False)[0]
    tensor = torch.from_numpy(numpy.ascontiguousarray(boxed.transpose(2, 0, 1)[::-1])).float()[None] / 255
    with torch.no_grad():
        outputs = network(tensor)
    rows = non_max_suppression(outputs[0], conf, 0.45, max_det=50, nm=32)[0]
    rows[:, :4] = scale_boxes((size, size), rows[:, :4], image.shape)
    masks = process_mask_native(outputs[1][0], rows[:, 6:], rows[:, :4], image.shape[:2]).numpy()
    pairs, different, total, least = 0, 0, 0, 1.0
    for row, mask in zip(rows, masks):
        for other in found["detections"]:
            box = [other["box"][k] for k in ("x1", "y1", "x2", "y2")]
            if other["classIndex"] != int(row[5]) or numpy.abs(row[:4].numpy() - box).max() > 0.01:
                continue
            mine = pixels(other["mask"])
            union = (mine | (mask > 0)).sum()
            pairs, total = pairs + 1, total + mask.size
            different += int((mine != (mask > 0)).sum())
            least = min(least, (mine & (mask > 0)).sum() / union if union else 1.0)
            break
    print(f"  masks: {pairs} of {len(rows)} boxes paired, {different} of {total} pixels differ, "
          f"smallest IoU {least:.5f}")
    return pairs >= 0.9 * len(rows) > 0 and different <= 2e-4 * total


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("vitrine")
    parser.add_argument("pictures", nargs="+")
    parser.add_argument("--models", nargs="+", required=True)
    parser.add_argument("--conf", type=float, default=0.25)
    options = parser.parse_args()
    passes = True
    for model in options.models:
        loaded = torch.load(model, map_location="cpu", weights_only=False)
        network = (loaded.get("ema") or loaded["model"]).float().eval()
        for picture in options.pictures:
            print(f"{model} on {picture}")
            found = ours(options.vitrine, model, picture, options.conf)
            image = cv2.imread(picture)
            if found.get("classes"):
                passes &= check_classes(network, found, image)
            else:
                passes &= check_masks(network, found, image, options.conf)
    sys.exit(0 if passes else 1)


if __name__ == "__main__":
    main()
