"""Lab 2: from a picture to what is in it, by one command; and what the network says on the way."""

import json
import os
import subprocess

from tensor_io import cases, read_json, write_json


def vitrine(picture, task):
    """What `vitrine detect` says about a picture: its JSON document."""
    command = ["vitrine", "detect", "model.pt", picture, "--json"]
    #@fade 3 en: ask for the size and the least confidence of the task (see vitrine detect --help) | zh-Hans: 按任务要求加上尺寸和最低置信度（见 vitrine detect --help）
    command += ["--imgsz", str(task["size"])]
    command += ["--conf", str(task["confidence"])]
    #@end
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def output_shape(height, width, task):
    """Rows and columns of what the network gives for an input of this size."""
    rows = 0
    for stride in task["strides"]:
        #@fade 3 en: how many cells has this grid, and how many boxes does each suggest? | zh-Hans: 这一层网格有多少格？每格提出几个框？
        #@instead rows += 0
        rows += task["anchorsPerCell"] * (height // stride) * (width // stride)
        #@end
    #@fade 3 en: four numbers for the box, one for "there is an object", one for each class | zh-Hans: 框四个数，“有目标”一个数，每个类别一个数
    #@instead columns = 0
    columns = 5 + len(task["classes"])
    #@end
    return [rows, columns]


for folder, output in cases():
    task = read_json(folder, "task.json")
    report = vitrine(os.path.join(folder, "picture.png"), task)
    picture = report["pictures"][0]
    height, width = picture["inputSize"]
    detections = []
    for found in picture["detections"]:
        box = found["box"]
        #@fade 2 en: the name of the class, and the corners of the box | zh-Hans: 类别名和框的两个角
        #@instead name, corners = report["classNames"][0], [0, 0, 0, 0]
        name = report["classNames"][found["classIndex"]]
        corners = [box["x1"], box["y1"], box["x2"], box["y2"]]
        #@end
        detections.append({"class": name, "confidence": found["confidence"], "box": corners})
    shape = output_shape(height, width, task)
    write_json(output, "detections.json", {"detections": detections, "output": shape})
