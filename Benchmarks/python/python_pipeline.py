"""python_pipeline.py ENGINE MODEL.onnx PICTURES SIZE BATCH THREADS PRECISION SECONDS

What people write around an engine in Python, from JPEG bytes to boxes: OpenCV decodes and scales, NumPy
reorders, ONNX Runtime or OpenVINO runs the network, OpenCV suppresses. Square letterbox, confidence 0.25,
overlap 0.45, boxes of different classes apart. One line of JSON: milliseconds per picture.
"""
import json, os, pathlib, statistics, sys, time

import cv2
import numpy as np

CONFIDENCE, OVERLAP, MOST = 0.25, 0.45, 1000


def letterbox(image, size):
    height, width = image.shape[:2]
    ratio = min(size / height, size / width)
    inner = (round(width * ratio), round(height * ratio))
    if inner != (width, height):
        image = cv2.resize(image, inner, interpolation=cv2.INTER_LINEAR)
    left, top = (size - inner[0]) // 2, (size - inner[1]) // 2
    image = cv2.copyMakeBorder(image, top, size - inner[1] - top, left, size - inner[0] - left,
                               cv2.BORDER_CONSTANT, value=(114, 114, 114))
    return image, ratio, left, top


def prepare(files, size):
    places, planes = [], np.empty((len(files), 3, size, size), np.float32)
    for index, data in enumerate(files):
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        image, *place = letterbox(image, size)
        np.divide(image[:, :, ::-1].transpose(2, 0, 1), 255, out=planes[index], dtype=np.float32)
        places.append(place)
    return planes, places


def boxes(rows, place):
    ratio, left, top = place
    rows = rows[rows[:, 4] > CONFIDENCE]
    scores = rows[:, 5:] * rows[:, 4:5]
    chosen, classes = np.nonzero(scores > CONFIDENCE)
    confidence = scores[chosen, classes]
    centre = rows[chosen, :4]
    corner = np.concatenate([centre[:, :2] - centre[:, 2:] / 2, centre[:, 2:]], axis=1)
    if not len(corner):
        return corner
    # Classes apart: each in a plane of its own.
    moved = corner.copy()
    moved[:, :2] += classes[:, None] * 8192
    kept = np.asarray(cv2.dnn.NMSBoxes(moved.tolist(), confidence.tolist(), CONFIDENCE, OVERLAP))
    kept = kept.reshape(-1)[:MOST]
    result = corner[kept]
    result[:, :2] -= (left, top)
    return result / ratio


def onnxruntime_network(path, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda planes: session.run(None, {name: planes})[0]


def openvino_network(path, threads, precision, shape):
    import openvino

    core = openvino.Core()
    model = core.read_model(path)
    model.reshape(shape)
    hint = "bf16" if precision == "bf16" else "f32"
    compiled = core.compile_model(model, "CPU", {
        "INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": hint})
    request = compiled.create_infer_request()

    def run(planes):
        request.infer([openvino.Tensor(planes, shared_memory=True)])
        return request.get_output_tensor(0).data

    return run


def main(engine, model, pictures, size, batch, threads, precision, seconds):
    size, batch, threads = int(size), int(batch), int(threads)
    cv2.setNumThreads(threads)
    files = [path.read_bytes() for path in sorted(pathlib.Path(pictures).glob("*.jpg"))]
    if engine == "onnxruntime":
        network = onnxruntime_network(model, threads)
    else:
        network = openvino_network(model, threads, precision, [batch, 3, size, size])
    times, found, begun = [], 0, time.perf_counter()
    while len(times) < 4 or time.perf_counter() - begun < float(seconds):
        group = [files[(len(times) * batch + index) % len(files)] for index in range(batch)]
        start = time.perf_counter()
        planes, places = prepare(group, size)
        rows = network(planes)
        results = [boxes(rows[index], place) for index, place in enumerate(places)]
        times.append(1e3 * (time.perf_counter() - start) / batch)
        found += sum(map(len, results))
    times = sorted(times[1:])
    print(json.dumps({"median": statistics.median(times), "minimum": times[0], "runs": len(times),
                      "boxes": found}))


if __name__ == "__main__":
    main(*sys.argv[1:])
