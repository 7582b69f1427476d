#!/usr/bin/env python3
"""Gives the sample checkpoint masks: trains a Segment head on scenes written by `vitrine synth`.

    vitrine synth train --seed 30261 --count 1600 --size 320
    python Tools/train_segmentation.py train Samples/shapes-yolov5n.pt seg.pt --minutes 12

Needs torch, numpy and pillow, and what Tools/train_sample.py imports. Licence: Apache-2.0, our own code.

Method: a mask is the sigmoid of prototypes weighted by a row's coefficients, cut to the box (Bolya et al.,
"YOLACT", ICCV 2019, section 3); its loss is the binary cross-entropy inside the box divided by the box's area (section
3.3), added to the loss of detection. The backbone stays as it is; the neck and the known rows of the head learn
at a tenth of the rate. All normalisations but the prototypes' keep the statistics that they have.
"""
import argparse
import copy
import json
import math
import os
import random
import time

import numpy as np
import torch
import torch.nn.functional as F

from train_sample import Pictures, assign, loss_of, save
from yolov5_layout import SegmentationModel

GAIN = 0.1  # of masks, beside train_sample.GAINS
BACKBONE = 10  # how many of the first layers stay as they are


class MaskedPictures(Pictures):
    """Pictures, and for each pixel which of its picture's labels it belongs to: 1, 2, ...; 0 is none."""

    def __init__(self, folder, side):
        super().__init__(folder, side)
        truth = json.load(open(self.path))
        size = truth["images"][0]["width"]
        assert size == side, "masks are not resized: give --side the pictures' own"
        rows = {i: [] for i in self.ids}
        for annotation in truth["annotations"]:
            rows[annotation["image_id"]].append(annotation["segmentation"]["counts"])
        self.owners = np.zeros((len(self.ids), side * side), np.uint8)
        for owners, identifier in zip(self.owners, self.ids):
            for number, counts in enumerate(rows[identifier], 1):
                ends = np.cumsum(counts)
                for start, end in zip(ends[0::2], ends[1::2]):
                    owners[start:end] = number
        self.owners = self.owners.reshape(-1, side, side).transpose(0, 2, 1)  # runs go down columns

    def masked_batch(self, indices):
        """Images [N, 3, H, W] in 0...1, labels [M, 6] as `batch` gives them, masks [M, H, W] in 0...1."""
        images, labels, masks = [], [], []
        for place, index in enumerate(indices):
            image, owners, rows = self.pixels[index], self.owners[index], self.labels[index].copy()
            if random.random() < 0.5:
                image, owners, rows[:, 1] = image[:, ::-1], owners[:, ::-1], 1 - rows[:, 1]
            if random.random() < 0.5:
                image, owners, rows[:, 2] = image[::-1], owners[::-1], 1 - rows[:, 2]
            if random.random() < 0.5:
                image, owners, rows = image.transpose(1, 0, 2), owners.T, rows[:, [0, 2, 1, 4, 3]]
            images.append(np.ascontiguousarray(image))
            labels.append(np.hstack([np.full((len(rows), 1), place, np.float32), rows]))
            masks.append(owners[None] == np.arange(1, len(rows) + 1)[:, None, None])
        pixels = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float() / 255
        return pixels, torch.from_numpy(np.concatenate(labels)), torch.from_numpy(np.concatenate(masks)).float()


def mask_loss(levels, prototypes, labels, masks, head):
    """The mean over all answering cells of the cross-entropy inside the label's box, per pixel of the box."""
    _, _, h, w = prototypes.shape
    truth = F.adaptive_avg_pool2d(masks[:, None], (h, w))[:, 0]  # shares of a pixel at the border
    coefficients, owners = [], []
    for level, raw in enumerate(levels):
        image, anchor, y, x, *_, label = assign(labels, head.anchors[level], *raw.shape[2:4])
        coefficients.append(raw[image, anchor, y, x, 5 + head.nc:])
        owners.append(label)
    coefficients, owners = torch.cat(coefficients), torch.cat(owners)
    column, row = torch.arange(w) + 0.5, torch.arange(h) + 0.5
    total = prototypes.sum() * 0
    for place in range(len(prototypes)):
        mine = labels[owners, 0] == place
        if not mine.any():
            continue
        owner = owners[mine]
        logits = torch.einsum("mk,khw->mhw", coefficients[mine], prototypes[place])
        center, extent = labels[owner, 2:4], labels[owner, 4:6]
        low, high = center - extent / 2, center + extent / 2
        inside_x = (column >= low[:, :1] * w) & (column <= high[:, :1] * w)
        inside_y = (row >= low[:, 1:] * h) & (row <= high[:, 1:] * h)
        inside = inside_y[:, :, None] & inside_x[:, None]
        wrong = F.binary_cross_entropy_with_logits(logits, truth[owner], reduction="none") * inside
        area = (extent * torch.tensor([w, h])).prod(1)
        total = total + (wrong.sum((1, 2)) / area.clamp(1)).sum()
    return total / max(1, len(owners))


def prepared(path):
    """The model to train, its slow and its fast parameters, and shares of the rate row by row for some of the fast."""
    model = SegmentationModel(torch.load(path, map_location="cpu", weights_only=False)["model"].float())
    for parameter in model.parameters():
        parameter.requires_grad_(True)
    for layer in model.model[:BACKBONE]:
        layer.requires_grad_(False)
    head = model.model[-1]
    fast = list(head.parameters())
    slow = [p for layer in model.model[BACKBONE:-1] for p in layer.parameters()]
    shares = []
    for conv in head.m:  # rows that detection knows already learn slowly too
        for parameter in (conv.weight, conv.bias):
            share = torch.ones(head.na, head.no)
            share[:, :5 + head.nc] = 0.1
            shares.append((parameter, share.view(-1, *[1] * (parameter.ndim - 1))))
    return model.to(memory_format=torch.channels_last), slow, fast, shares


def train(arguments):
    torch.manual_seed(arguments.seed)
    random.seed(arguments.seed)
    torch.set_num_threads(1)
    pictures = MaskedPictures(arguments.train, arguments.side)
    model, slow, fast, shares = prepared(arguments.start)
    head = model.model[-1]
    optimizer = torch.optim.AdamW(
        [{"params": slow, "share": 0.1}, {"params": fast, "share": 1.0}], lr=arguments.rate, betas=(0.9, 0.99), weight_decay=0)
    average = copy.deepcopy(model).eval()
    means, nows = ([v for v in m.state_dict().values() if v.dtype.is_floating_point] for m in (average, model))
    model.eval()
    head.proto.train()
    known = 5 + head.nc
    begin, step, order, told = time.time(), 0, [], time.time()
    while (done := (time.time() - begin) / 60 / arguments.minutes) < 1:
        rate = arguments.rate * min(1, (step + 1) / 50) * min(1, (1 - done) / 0.6 + 0.01)
        for group in optimizer.param_groups:
            group["lr"] = rate * group["share"]
        if len(order) < arguments.batch:
            order = random.sample(range(len(pictures.ids)), len(pictures.ids))
        images, labels, masks = pictures.masked_batch([order.pop() for _ in range(arguments.batch)])
        levels, prototypes = model(images.contiguous(memory_format=torch.channels_last))
        masked = mask_loss(levels, prototypes, labels, masks, head)
        found, parts = loss_of([raw[..., :known] for raw in levels], labels, head)
        loss = found + GAIN * arguments.batch * masked
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(slow + fast, 10)
        before = [parameter.detach().clone() for parameter, _ in shares]
        optimizer.step()
        with torch.no_grad():
            for (parameter, share), old in zip(shares, before):
                parameter.copy_(old + (parameter - old) * share)
            torch._foreach_lerp_(means, nows, 1 - 0.99 * (1 - math.exp(-step / 50)))
        step += 1
        if step % 10 == 0:
            speed = 10 * arguments.batch / (time.time() - told)
            told = time.time()
            shown = " ".join(f"{k} {v:.4f}" for k, v in {**parts, "mask": masked.item()}.items())
            print(f"{100 * done:5.1f}% step {step} loss {loss.item():.3f} {shown} lr {rate:.5f} {speed:.1f} img/s", flush=True)
    save(average, arguments.out, {"imgsz": arguments.side, "batch_size": arguments.batch, "seed": arguments.seed},
         {"steps": step, "pictures": step * arguments.batch})
    print(f"{step} steps, {step * arguments.batch} pictures, {(time.time() - begin) / 60:.1f} minutes, "
          f"{os.path.getsize(arguments.out) / 1e6:.2f} MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train", help="a folder of `vitrine synth`")
    parser.add_argument("start", help="the detector's checkpoint")
    parser.add_argument("out")
    parser.add_argument("--minutes", type=float, default=12, help="time budget; the schedule follows it")
    parser.add_argument("--side", type=int, default=320, help="the pictures' width and height")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    train(parser.parse_args())
