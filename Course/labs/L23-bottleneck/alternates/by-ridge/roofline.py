"""Another right answer: the roofline itself, and the ridge where its two parts meet."""

from tensor_io import cases, read_json, write_json


def row(layer, peak, band, overhead, size):
    pixels = layer["height"] * layer["width"]
    taps = layer["kernel"] ** 2 * layer["inputs"] // layer["groups"]
    flops = 2 * pixels * layer["outputs"] * taps
    traffic = size * (pixels * layer["inputs"] + pixels * layer["outputs"] + taps * layer["outputs"])
    intensity = flops / traffic
    # What can be reached under the roof, in operations a microsecond.
    reached = 1000 * min(peak, intensity * band)
    inner = flops / reached
    bound = "overhead" if overhead > inner else "compute" if intensity > peak / band else "memory"
    return {"intensity": intensity, "bound": bound, "microseconds": inner + overhead}


for folder, output in cases():
    task = read_json(folder, "task.json")
    device, size = task["device"], task["bytesPerNumber"]
    peak, band, overhead = device["gflops"], device["gigabytesPerSecond"], device["overheadMicroseconds"]

    def whole(*limits):
        return sum(row(layer, *limits, size)["microseconds"] for layer in task["layers"])

    answer = {"layers": {layer["name"]: row(layer, peak, band, overhead, size) for layer in task["layers"]}}
    if task["whatIf"]:
        now = whole(peak, band, overhead)
        answer["ifTwiceAsGood"] = {
            "compute": now / whole(2 * peak, band, overhead),
            "memory": now / whole(peak, 2 * band, overhead),
            "overhead": now / whole(peak, band, overhead / 2),
        }
    write_json(output, "roofline.json", answer)
