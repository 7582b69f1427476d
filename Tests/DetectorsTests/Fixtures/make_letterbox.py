"""Writes letterbox.bin: for each case, sizes, options, a random picture and OpenCV's result."""
import math
import pathlib
import struct

import cv2
import numpy as np

random = np.random.default_rng(3)
out = bytearray()
sizes = [(1, 1), (1, 50), (50, 1), (37, 91), (128, 64), (64, 64), (63, 65), (30, 20), (23, 130)]
for h0, w0 in sizes:
    picture = random.integers(0, 256, (h0, w0, 3), dtype=np.uint8)
    for rule in range(3):  # detection square, detection rectangle, evaluation square
        image, size = picture, 64
        if rule == 2:
            r = size / max(h0, w0)
            if r != 1:
                interpolation = cv2.INTER_LINEAR if r > 1 else cv2.INTER_AREA
                image = cv2.resize(image, (math.ceil(w0 * r), math.ceil(h0 * r)), interpolation=interpolation)
        h, w = image.shape[:2]
        r = min(size / h, size / w)
        if rule == 2:
            r = min(r, 1.0)
        new = (max(1, round(w * r)), max(1, round(h * r)))
        dw, dh = size - new[0], size - new[1]
        if rule == 1:
            dw, dh = dw % 32, dh % 32
        if (w, h) != new:
            image = cv2.resize(image, new, interpolation=cv2.INTER_LINEAR)
        dw, dh = dw / 2, dh / 2
        image = cv2.copyMakeBorder(image, round(dh - 0.1), round(dh + 0.1), round(dw - 0.1), round(dw + 0.1),
                                   cv2.BORDER_CONSTANT, value=(114, 114, 114))
        out += struct.pack("<5H", w0, h0, rule, image.shape[1], image.shape[0])
        out += picture.tobytes() + image.tobytes()
(pathlib.Path(__file__).parent / "letterbox.bin").write_bytes(out)
print(cv2.__version__, len(out))
