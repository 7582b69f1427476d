#!/usr/bin/env python3
"""Trains the sample checkpoint on scenes written by `vitrine synth`.

    python Tools/train_sample.py TRAIN_FOLDER VALIDATION_FOLDER OUT.pt --minutes 60

Needs torch, torchvision, numpy, pillow, pycocotools. Licence: Apache-2.0, our own code.

Method: assignment and loss as described for YOLOv5 (documentation "YOLOv5 architecture", sections
4.3-4.5; CIoU: Zheng et al., "Distance-IoU loss", AAAI 2020), AdamW (Loshchilov and Hutter, 2019),
a warm-up, a constant rate and a linear fall, and an exponential moving average of the weights.
"""
import argparse
import contextlib
import copy
import datetime
import io
import json
import math
import os
import random
import time

import numpy as np
import torch
import torch.nn.functional as F

from yolov5_layout import DetectionModel

GAINS = {"box": 0.05, "obj": 0.25, "cls": 0.20}  # obj: 1.0 at 640 pixels, by area
BALANCE = (4.0, 1.0, 0.4)  # objectness of the strides 8, 16, 32


class Pictures:
    """A COCO folder of square pictures, brought to side × side pixels once, in `pixels-SIDE.u8`."""

    def __init__(self, folder, side):
        truth = json.load(open(f"{folder}/annotations.json"))
        self.path = f"{folder}/annotations.json"
        self.names = [c["name"] for c in sorted(truth["categories"], key=lambda c: c["id"])]
        self.categories = sorted(c["id"] for c in truth["categories"])
        self.ids = [i["id"] for i in truth["images"]]
        size = truth["images"][0]["width"]
        cache = f"{folder}/pixels-{side}.u8"
        if not os.path.exists(cache):
            self.decode(folder, truth, side, cache)
        self.side, self.scale = side, size / side
        self.pixels = np.memmap(cache, np.uint8, "r").reshape(-1, side, side, 3)
        assert len(self.pixels) == len(self.ids), f"{cache} does not belong to this folder"
        rows = {i: [] for i in self.ids}
        for a in truth["annotations"]:
            x, y, w, h = a["bbox"]
            kind = self.categories.index(a["category_id"])
            rows[a["image_id"]].append(
                [kind, (x + w / 2) / size, (y + h / 2) / size, w / size, h / size])
        self.labels = [np.array(rows[i], np.float32).reshape(-1, 5) for i in self.ids]

    @staticmethod
    def decode(folder, truth, side, cache):
        from PIL import Image

        with open(cache + ".part", "wb") as out:
            for image in truth["images"]:
                picture = Image.open(f"{folder}/images/{image['file_name']}").convert("RGB")
                assert picture.width == picture.height, image["file_name"]
                out.write(np.asarray(picture.resize((side, side), Image.Resampling.BOX)).tobytes())
        os.rename(cache + ".part", cache)

    def batch(self, indices, augment):
        """Images [N, 3, H, W] in 0...1, labels [M, 6]: image, class, centre, size (shares)."""
        images, labels = [], []
        for place, index in enumerate(indices):
            image, rows = self.pixels[index], self.labels[index].copy()
            if augment:  # one of the square's eight symmetries: no class is changed by any
                if random.random() < 0.5:
                    image, rows[:, 1] = image[:, ::-1], 1 - rows[:, 1]
                if random.random() < 0.5:
                    image, rows[:, 2] = image[::-1], 1 - rows[:, 2]
                if random.random() < 0.5:
                    image, rows = image.transpose(1, 0, 2), rows[:, [0, 2, 1, 4, 3]]
                if random.random() < 0.3:
                    image = image[..., [2, 0, 1]]
            images.append(np.ascontiguousarray(image))
            labels.append(np.hstack([np.full((len(rows), 1), place, np.float32), rows]))
        pixels = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2)
        return pixels.float() / 255, torch.from_numpy(np.concatenate(labels))


def ciou(a, b, eps=1e-7):
    """Complete IoU of boxes [M, 4] given as centre and size (Zheng et al., 2020, eq. 8-11)."""
    a_low, a_high = a[:, :2] - a[:, 2:] / 2, a[:, :2] + a[:, 2:] / 2
    b_low, b_high = b[:, :2] - b[:, 2:] / 2, b[:, :2] + b[:, 2:] / 2
    overlap = (torch.minimum(a_high, b_high) - torch.maximum(a_low, b_low)).clamp(0).prod(1)
    iou = overlap / (a[:, 2:].prod(1) + b[:, 2:].prod(1) - overlap + eps)
    hull = torch.maximum(a_high, b_high) - torch.minimum(a_low, b_low)
    distance = (a[:, :2] - b[:, :2]).pow(2).sum(1) / (hull.pow(2).sum(1) + eps)
    angle = torch.atan(b[:, 2] / (b[:, 3] + eps)) - torch.atan(a[:, 2] / (a[:, 3] + eps))
    v = 4 / math.pi**2 * angle.pow(2)
    with torch.no_grad():
        alpha = v / (1 - iou + v + eps)
    return iou - distance - alpha * v


def assign(labels, anchors, h, w):
    """Which cells of one level answer for which labels.

    An anchor answers where neither side differs from the box by a factor of 4 or more; the cell
    that holds the centre answers, and the nearer neighbour in x and the nearer in y. The last of
    the results says which label each answer belongs to.
    """
    scale = torch.tensor([w, h, w, h], dtype=torch.float32)
    boxes = labels[:, 2:] * scale
    ratio = boxes[None, :, 2:] / anchors[:, None]
    anchor, row = (torch.maximum(ratio, 1 / ratio).amax(2) < 4).nonzero(as_tuple=True)
    boxes, labels = boxes[row], labels[row]
    own = boxes[:, :2].floor()
    part = boxes[:, :2] - own
    towards = torch.where(part < 0.5, -1.0, 1.0)
    zero = torch.zeros(len(boxes))
    cells, which = [own], [torch.arange(len(boxes))]
    for step in (torch.stack([towards[:, 0], zero], 1), torch.stack([zero, towards[:, 1]], 1)):
        cell = own + step
        inside = (cell >= 0).all(1) & (cell[:, 0] < w) & (cell[:, 1] < h)
        cells.append(cell[inside])
        which.append(which[0][inside])
    cells, which = torch.cat(cells).long(), torch.cat(which)
    image, kind = labels[which, 0].long(), labels[which, 1].long()
    return (image, anchor[which], cells[:, 1], cells[:, 0], kind, boxes[which], anchors[anchor[which]],
            row[which])


def loss_of(levels, labels, detect):
    total = {"box": torch.zeros(()), "obj": torch.zeros(()), "cls": torch.zeros(())}
    for level, raw in enumerate(levels):
        raw = raw.float()
        truth = torch.zeros_like(raw[..., 4])
        image, anchor, y, x, kind, box, size, _ = assign(labels, detect.anchors[level], *raw.shape[2:4])
        if len(image):
            found = raw[image, anchor, y, x]
            cell = torch.stack([x, y], 1)
            center = found[:, :2].sigmoid() * 2 - 0.5 + cell
            extent = (found[:, 2:4].sigmoid() * 2).pow(2) * size
            overlap = ciou(torch.cat([center, extent], 1), box)
            total["box"] += (1 - overlap).mean()
            goal = overlap.detach().clamp(0)
            order = goal.argsort()  # where two labels meet in one cell, the better overlap stays
            truth[image[order], anchor[order], y[order], x[order]] = goal[order]
            total["cls"] += F.binary_cross_entropy_with_logits(found[:, 5:], F.one_hot(kind, detect.nc).float())
        total["obj"] += F.binary_cross_entropy_with_logits(raw[..., 4], truth) * BALANCE[level]
    return sum(GAINS[k] * v for k, v in total.items()) * levels[0].shape[0], {k: v.item() for k, v in total.items()}


def decode(levels, detect):
    """Boxes as corners in pixels, and confidences: [N, rows, 4], [N, rows, classes]."""
    boxes, scores = [], []
    for level, raw in enumerate(levels):
        raw = raw.float().sigmoid()
        n, na, h, w, no = raw.shape
        y, x = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
        center = (raw[..., :2] * 2 - 0.5 + torch.stack([x, y], 2)) * detect.stride[level]
        extent = (raw[..., 2:4] * 2) ** 2 * (detect.anchors[level] * detect.stride[level]).view(1, na, 1, 1, 2)
        boxes.append(torch.cat([center - extent / 2, center + extent / 2], 4).reshape(n, -1, 4))
        scores.append((raw[..., 4:5] * raw[..., 5:]).reshape(n, -1, no - 5))
    return torch.cat(boxes, 1), torch.cat(scores, 1)


@torch.no_grad()
def evaluate(model, pictures, count=None, threshold=0.001, overlap=0.6):
    """pycocotools' twelve numbers, and AP50 per class."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval
    from torchvision.ops import batched_nms

    model = model.eval()
    found = []
    count = min(count or len(pictures.ids), len(pictures.ids))
    for start in range(0, count, 32):
        indices = range(start, min(start + 32, count))
        images, _ = pictures.batch(indices, False)
        boxes, scores = decode(model(images.contiguous(memory_format=torch.channels_last)), model.model[-1])
        for index, box, score in zip(indices, boxes, scores):
            row, kind = (score > threshold).nonzero(as_tuple=True)
            value = score[row, kind]
            keep = batched_nms(box[row], value, kind, overlap)[:300]
            for r, k, v in zip(row[keep].tolist(), kind[keep].tolist(), value[keep].tolist()):
                x0, y0, x1, y1 = (box[r] * pictures.scale).tolist()
                found.append({"image_id": pictures.ids[index], "category_id": pictures.categories[k],
                              "bbox": [x0, y0, x1 - x0, y1 - y0], "score": v})
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(pictures.path)
        result = COCOeval(truth, truth.loadRes(found), "bbox")
        result.params.imgIds = pictures.ids[:count]
        result.evaluate()
        result.accumulate()
        result.summarize()
    precision = result.eval["precision"][0, :, :, 0, 2].mean(0)
    return result.stats.tolist(), dict(zip(pictures.names, precision.round(4).tolist()))


def save(model, path, options, note):
    """The file that YOLOv5 7.0 leaves after training: weights in half precision, no optimizer."""
    model = copy.deepcopy(model).to(memory_format=torch.contiguous_format).half().eval()
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    file = io.BytesIO()  # not by name: the archive's root folder is then always `archive`
    torch.save(
        {"epoch": -1, "best_fitness": None, "model": model, "ema": None, "updates": None,
         "optimizer": None, "opt": {**options, **note},
         "date": datetime.datetime.now().isoformat()},
        file,
    )
    with open(path + ".part", "wb") as out:
        out.write(file.getvalue())
    os.replace(path + ".part", path)


def train(arguments):
    torch.manual_seed(arguments.seed)
    random.seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    options = {"imgsz": arguments.side, "batch_size": arguments.batch, "seed": arguments.seed}
    pictures = Pictures(arguments.train, arguments.side)
    unseen = Pictures(arguments.validation, arguments.side)
    model = DetectionModel(pictures.names).to(memory_format=torch.channels_last)
    decayed = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.02}, {"params": others, "weight_decay": 0}],
        lr=arguments.rate, betas=(0.9, 0.99), fused=True)
    average = copy.deepcopy(model).eval()
    step = seen = 0
    if arguments.start:
        state = torch.load(arguments.start, weights_only=True)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        step, seen = state["step"], state["seen"]
    means, nows = ([v for v in m.state_dict().values() if v.dtype.is_floating_point] for m in (average, model))
    begin, first, order, told, told_seen = time.time(), step, [], time.time(), seen
    last_save = last_check = begin

    def keep():
        save(average, arguments.out, options, {"steps": step, "pictures": seen})
        torch.save({"model": model.state_dict(), "average": average.state_dict(),
                    "optimizer": optimizer.state_dict(), "step": step, "seen": seen}, arguments.out + ".state")

    while (done := (time.time() - begin) / 60 / arguments.minutes) < 1:
        rate = arguments.rate * min(1, (step + 1) / 100) * min(1, (1 - done) / arguments.decay + 0.01)
        for group in optimizer.param_groups:
            group["lr"] = rate
        if len(order) < arguments.batch:
            order = random.sample(range(len(pictures.ids)), len(pictures.ids))
        images, labels = pictures.batch([order.pop() for _ in range(arguments.batch)], True)
        model.train()
        with torch.autocast("cpu", torch.bfloat16, enabled=arguments.bf16):
            levels = model(images.contiguous(memory_format=torch.channels_last))
        loss, parts = loss_of(levels, labels, model.model[-1])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 10, foreach=True)
        optimizer.step()
        step, seen = step + 1, seen + arguments.batch
        with torch.no_grad():
            torch._foreach_lerp_(means, nows, 1 - 0.998 * (1 - math.exp(-step / 300)))
        if step % 20 == 0:
            speed = (seen - told_seen) / (time.time() - told)
            told, told_seen = time.time(), seen
            shown = " ".join(f"{k} {v:.4f}" for k, v in parts.items())
            print(f"{100 * done:5.1f}% step {step} loss {loss.item():.3f} {shown} lr {rate:.5f} {speed:.1f} img/s", flush=True)
        if time.time() - last_save > 180:
            last_save = time.time()
            keep()
        if time.time() - last_check > arguments.check * 60:
            stats, _ = evaluate(average, unseen, 150)
            last_check = told = time.time()
            print(f"check at step {step}: AP50 {stats[1]:.4f} AP {stats[0]:.4f}", flush=True)
    keep()
    report(arguments.out, unseen, {"steps": step, "pictures": seen, "steps here": step - first,
                                   "minutes here": round((time.time() - begin) / 60, 1)})


def report(path, unseen, note=None):
    """Measures the file as written, with its half precision weights; after training also beside it."""
    model = torch.load(path, map_location="cpu", weights_only=False)["model"].float()
    stats, classes = evaluate(model, unseen)
    result = {**(note or {}), "side": unseen.side, "images": len(unseen.ids), "AP": round(stats[0], 4), "AP50": round(stats[1], 4),
              "AP75": round(stats[2], 4), "AP50 per class": classes}
    print(json.dumps(result, indent=1), flush=True)
    if note:
        with open(path + ".json", "w") as out:
            json.dump(result, out, indent=1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train")
    parser.add_argument("validation")
    parser.add_argument("out")
    parser.add_argument("--minutes", type=float, default=60, help="time budget; the schedule follows it")
    parser.add_argument("--side", type=int, default=320, help="pictures are brought to this size")
    parser.add_argument("--start", help="go on from OUT.pt.state of an earlier run, at any side")
    parser.add_argument("--decay", type=float, default=0.4, help="share of the time with a falling rate")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--check", type=float, default=6, help="minutes between checks")
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--evaluate", action="store_true", help="only measure OUT.pt")
    arguments = parser.parse_args()
    if arguments.evaluate:
        report(arguments.out, Pictures(arguments.validation, arguments.side))
    else:
        train(arguments)
