"""Lab 24: one network in three precisions: what each weighs, finds and takes, and what follows."""

import json
import os
import subprocess

from tensor_io import cases, read_json, write_json


def precision_of(path):
    """What a file computes in: fp32, fp16 or int8."""
    with open(path, "rb") as file:
        data = file.read()
    #@fade 3 en: look for what only one precision has: the names of operators and of inputs are in the file as text (vitrine inspect shows them) | zh-Hans: 找只有某一种精度才有的东西：算子名就以文字写在文件里（vitrine inspect 可以看）
    #@instead return "fp32"
    if b"QuantizeLinear" in data:
        return "int8"
    return "fp32" if len(data) > 5_000_000 else "fp16"
    #@end


def measure(files, task):
    """What `vitrine compare precision` says: accuracy and speed of all three, measured in turns."""
    command = [
        "vitrine", "compare", "precision", files["fp32"], "--precisions", "fp32", "fp16", "int8",
        "--int8", files["int8"], "--data", task["data"], "--threads", str(task["threads"]),
        "--duration", "0.8", "--no-history", "--json", "--quiet",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def by_size(record):
    """AP of small, medium and large boxes, by the record of one accuracy measurement."""
    figures = {figure["name"]: figure["value"] for figure in record["boxes"]["coco"]}
    #@fade 3 en: APsmall, APmedium, APlarge; where there are no labels of a size, there is no AP, and -1 is none | zh-Hans: APsmall、APmedium、APlarge；某种大小没有标注时就没有 AP，-1 不是 AP
    #@instead return {}
    found = {size: figures["AP" + size] for size in ("small", "medium", "large")}
    return {size: value for size, value in found.items() if value >= 0}
    #@end


for folder, output in cases():
    task = read_json(folder, "task.json")
    paths = {letter: os.path.join(folder, letter + ".onnx") for letter in "abc"}
    precisions = {letter: precision_of(path) for letter, path in paths.items()}
    files = {precision: paths[letter] for letter, precision in precisions.items()}
    report = measure(files, task)
    rows = {row["precision"]: row for row in report["precision"]["rows"]}
    # Accuracy was measured in the order of the rows.
    sizes = {row["precision"]: by_size(record) for row, record in zip(report["precision"]["rows"], report["accuracy"])}
    models, surely = {}, {}
    for letter, path in paths.items():
        row = rows[precisions[letter]]
        # The verdict's ratio is time against time of fp32; fp32 itself has none.
        verdict = row.get("verdict") or {"ratio": 1, "upper": 1}
        #@fade 2 en: bytes of the file, AP over all overlaps, how many times as fast | zh-Hans: 文件字节数、对各重叠度平均的 AP、快到几倍
        #@instead models[letter] = {"precision": precisions[letter], "bytes": 0, "ap": 0, "times": 1}
        size, accuracy = os.path.getsize(path), row["averagePrecision"]
        times = 1 / verdict["ratio"]
        models[letter] = {"precision": precisions[letter], "bytes": size, "ap": accuracy, "times": times}
        #@end
        #@fade 3 en: how many times as fast it is at least, by the end of the 95 % interval | zh-Hans: 按 95 % 区间的端点，至少快到几倍
        #@instead surely[letter] = 1000
        surely[letter] = 1 / verdict["upper"]
        #@end
        if task["bySize"]:
            models[letter]["apBySize"] = sizes[precisions[letter]]
    best = max(surely, key=surely.get)
    conclusion = {"model": best, "atLeast": 0.9 * surely[best]}
    write_json(output, "table.json", {"models": models, "conclusion": conclusion})
