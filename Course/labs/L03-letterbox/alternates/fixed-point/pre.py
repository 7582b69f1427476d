"""Another right answer: weights in eleven bits, as libraries for pictures use them."""

from tensor_io import cases, read_json, read_npy, write_json, write_npy


def axis(count, size):
    table = []
    for index in range(count):
        position = (2 * index + 1) * size / (2 * count) - 0.5
        first = int(position + 1) - 1
        weight = round((position - first) * 2048)
        table.append((max(0, min(size - 1, first)), max(0, min(size - 1, first + 1)), weight))
    return table


for folder, output in cases():
    task = read_json(folder, "task.json")
    shape, pixels = read_npy(folder, "image.npy")
    height, width = shape[:2]
    channels = shape[2] if len(shape) > 2 else 1
    scale = min(task["width"] / width, task["height"] / height)
    new_width, new_height = max(1, round(width * scale)), max(1, round(height * scale))
    left = max(0, round((task["width"] - new_width) / 2 - 0.1))
    top = max(0, round((task["height"] - new_height) / 2 - 0.1))
    columns, rows = axis(new_width, width), axis(new_height, height)
    result = [114 / 255] * (3 * task["width"] * task["height"])
    for channel in range(3):
        offset = channel if channels > 1 else 0
        lines = []
        for y in range(height):
            line = pixels[y * width * channels + offset:(y + 1) * width * channels:channels]
            lines.append([line[a] * (2048 - w) + line[b] * w for a, b, w in columns])
        for y, (a, b, w) in enumerate(rows):
            start = (channel * task["height"] + top + y) * task["width"] + left
            for x, (upper, lower) in enumerate(zip(lines[a], lines[b])):
                result[start + x] = ((upper * (2048 - w) + lower * w + (1 << 21)) >> 22) / 255
    write_npy(output, "input.npy", (3, task["height"], task["width"]), result)
    # The way back without the rounding of the border, as YOLOv5 computes it.
    write_json(output, "transform.json", {
        "scale": scale,
        "left": (task["width"] - width * scale) / 2,
        "top": (task["height"] - height * scale) / 2,
    })
