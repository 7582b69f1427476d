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
    """The rows of `vitrine compare precision`: accuracy and speed of all three, measured in turns."""
    command = [
        "vitrine", "compare", "precision", files["fp32"], "--precisions", "fp32", "fp16", "int8",
        "--int8", files["int8"], "--data", task["data"], "--threads", str(task["threads"]),
        "--duration", "0.2", "--no-history", "--json", "--quiet",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {row["precision"]: row for row in json.loads(done.stdout)["precision"]["rows"]}


for folder, output in cases():
    task = read_json(folder, "task.json")
    paths = {letter: os.path.join(folder, letter + ".onnx") for letter in "abc"}
    precisions = {letter: precision_of(path) for letter, path in paths.items()}
    files = {precision: paths[letter] for letter, precision in precisions.items()}
    rows = measure(files, task)
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
    best = max(surely, key=surely.get)
    conclusion = {"model": best, "atLeast": 0.95 * surely[best]}
    write_json(output, "table.json", {"models": models, "conclusion": conclusion})
