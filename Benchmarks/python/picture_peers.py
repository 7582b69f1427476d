"""picture_peers.py PICTURE OUTPUT.npy RUNS [rect|square]

Times what the original code does around the network on one picture, one thread: OpenCV's reader,
the letterbox and the suppression of PyPI `yolov5`, NumPy's reordering and PyTorch's division.
Writes the median of each stage in milliseconds of processor time as one line of JSON.
"""
import json, os, statistics, sys, time

os.environ.update(OMP_NUM_THREADS="1", YOLOV5_VERBOSE="false")
import cv2
import numpy
import torch
from yolov5.utils.augmentations import letterbox
from yolov5.utils.general import non_max_suppression, scale_boxes

torch.set_num_threads(1)
cv2.setNumThreads(1)


def main(picture, output, runs, shape="rect"):
    times = {"decode": [], "letterbox": [], "post": []}
    prediction = torch.from_numpy(numpy.load(output))
    if prediction.ndim == 2:
        prediction = prediction[None]
    for run in range(int(runs) + 3):
        start = time.thread_time()
        image = cv2.imread(picture)
        decoded = time.thread_time()
        scaled = letterbox(image, 640, stride=32, auto=shape == "rect")[0]
        planes = numpy.ascontiguousarray(scaled.transpose((2, 0, 1))[::-1])
        tensor = torch.from_numpy(planes).float()
        tensor /= 255
        prepared = time.thread_time()
        copy = prediction.clone()  # suppression writes into what it is given
        begun = time.thread_time()
        found = non_max_suppression(copy, 0.25, 0.45, max_det=300)[0]
        found[:, :4] = scale_boxes(tensor.shape[1:], found[:, :4], image.shape).round()
        done = time.thread_time()
        if run >= 3:
            times["decode"].append(decoded - start)
            times["letterbox"].append(prepared - decoded)
            times["post"].append(done - begun)
    print(json.dumps({name: 1e3 * statistics.median(values) for name, values in times.items()}))


with torch.inference_mode():
    main(*sys.argv[1:])
