"""Lab 3: a picture of any size becomes the network's input."""

import math

from tensor_io import cases, read_json, read_npy, write_json, write_npy

# The grey of the border. The network was trained with exactly this one.
PAD = 114


def geometry(width, height, to_width, to_height):
    """Where the picture comes to lie: (scale, new width, new height, left, top)."""
    #@fade 3 en: the largest scale at which the whole picture still fits | zh-Hans: 求使整张图仍能放得下的最大缩放比例
    #@instead scale = 0.1
    scale = min(to_width / width, to_height / height)
    #@end
    #@fade 2 en: the size of the scaled picture, rounded, at least 1 | zh-Hans: 缩放后图像的尺寸，取整，至少为 1
    #@instead new_width, new_height = to_width, to_height
    new_width = max(1, round(width * scale))
    new_height = max(1, round(height * scale))
    #@end
    #@fade 3 en: half of the room that is left goes to the left and to the top | zh-Hans: 剩余空间的一半放在左边和上边
    #@instead left, top = 0, 0
    left = max(0, round((to_width - new_width) / 2 - 0.1))
    top = max(0, round((to_height - new_height) / 2 - 0.1))
    #@end
    return scale, new_width, new_height, left, top


def neighbours(count, size):
    """For each of `count` new pixels in a row: the two old ones between whose middles its own middle
    lies, and how far it is on the way from the first to the second (0 to 1)."""
    result = []
    for index in range(count):
        #@fade 2 en: where the middle of new pixel `index` lies among the old ones | zh-Hans: 新像素 index 的中心落在旧像素坐标的什么位置
        #@instead position = index * size / count
        position = (index + 0.5) * size / count - 0.5
        #@end
        first = math.floor(position)
        share = position - first
        result.append((clamp(first, size), clamp(first + 1, size), share))
    return result


def clamp(index, size):
    """The nearest index inside the picture."""
    return min(max(index, 0), size - 1)


def letterbox(pixels, width, height, channels, to_width, to_height):
    """The input [3, to_height, to_width] as one flat list, and how to come back from it."""
    scale, new_width, new_height, left, top = geometry(width, height, to_width, to_height)
    columns = neighbours(new_width, width)
    rows = neighbours(new_height, height)
    values = []
    for channel in range(3):
        # Grey pictures have one channel, which stands for all three.
        source = channel if channels >= 3 else 0
        plane = [PAD / 255] * (to_width * to_height)
        for y, (upper, lower, down) in enumerate(rows):
            upper_row = upper * width * channels + source
            lower_row = lower * width * channels + source
            start = (top + y) * to_width + left
            for x, (first, second, right) in enumerate(columns):
                a = pixels[upper_row + first * channels]
                b = pixels[upper_row + second * channels]
                c = pixels[lower_row + first * channels]
                d = pixels[lower_row + second * channels]
                #@fade 3 en: mix the four pixels by `right` and `down`, then bring 0..255 to 0..1 | zh-Hans: 按 right 与 down 混合四个像素，再把 0..255 变成 0..1
                #@instead plane[start + x] = a
                above = a * (1 - right) + b * right
                below = c * (1 - right) + d * right
                plane[start + x] = (above * (1 - down) + below * down) / 255
                #@end
        values += plane
    return values, {"scale": scale, "left": left, "top": top}


for folder, output in cases():
    task = read_json(folder, "task.json")
    shape, pixels = read_npy(folder, "image.npy")
    height, width = shape[0], shape[1]
    channels = shape[2] if len(shape) == 3 else 1
    values, transform = letterbox(pixels, width, height, channels, task["width"], task["height"])
    write_npy(output, "input.npy", (3, task["height"], task["width"]), values)
    write_json(output, "transform.json", transform)
