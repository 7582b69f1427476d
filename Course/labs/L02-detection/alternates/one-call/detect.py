"""Another right answer: cases of the same settings go through one command."""

import json
import subprocess

from tensor_io import cases, read_json, write_json

groups = {}
for folder, output in cases():
    task = read_json(folder, "task.json")
    groups.setdefault((task["size"], task["confidence"]), []).append((folder + "/picture.png", output, task))
for (size, confidence), members in groups.items():
    command = ["vitrine", "detect", "model.pt", *(member[0] for member in members)]
    command += ["--imgsz", str(size), str(size), "--conf", str(confidence), "--json", "--quiet"]
    report = json.loads(subprocess.check_output(command))
    places = {picture["path"]: picture for picture in report["pictures"]}
    for path, output, task in members:
        picture = places[path]
        h, w = picture["inputSize"]
        cells = sum(h // s * (w // s) for s in task["strides"])
        write_json(output, "detections.json", {
            "output": [cells * task["anchorsPerCell"], len(task["classes"]) + 5],
            "detections": [{
                "class": task["classes"][d["classIndex"]],
                "confidence": d["confidence"],
                "box": [d["box"][key] for key in ("x1", "y1", "x2", "y2")],
            } for d in picture["detections"]],
        })
