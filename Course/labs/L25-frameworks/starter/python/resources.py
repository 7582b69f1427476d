"""Lab 25, second part: what engines use, each in a process of its own: time, memory, processor."""

import json
import os
import subprocess

from tensor_io import cases, read_json, write_json


def measure(folder, task):
    """The engines of `vitrine compare frameworks`."""
    command = [
        "vitrine", "compare", "frameworks", os.path.join(folder, "model.pt"), "--backends", *task["engines"],
        "--threads", str(task["threads"]), "--imgsz", str(task["size"]), "--duration", "0.6",
        "--no-history", "--json", "--quiet",
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    # 1: the comparison is not fair in every point, and its figures are there all the same.
    if done.returncode not in (0, 1):
        reason = (done.stderr.strip() or "it does not run").splitlines()[0]
        return [{"engine": engine, "absence": reason} for engine in task["engines"]]
    return json.loads(done.stdout)["engines"]


def cells(column):
    """The figures of one engine that was measured."""
    ms = column["latency"]["p50"]
    #@fade 3 en: bytes to MiB; the load says how many processors were busy, so one run takes that share of its mean time | zh-Hans: 字节换成 MiB；负载说的是有几个处理器在忙，一次运行的处理器时间就是平均耗时乘上它
    #@instead memory, processor = 0, 0
    memory = column["peakMemory"] / 1048576
    processor = column["processorLoad"] * 1000 / column["throughput"]
    #@end
    return {"ms": ms, "throughput": column["throughput"], "peakMiB": memory, "processorMs": processor}


for folder, output in cases():
    task = read_json(folder, "task.json")
    columns = measure(folder, task)
    write_json(output, "resources.json", {
        "engines": {column["engine"]: cells(column) for column in columns if "absence" not in column},
        "absent": {column["engine"]: column["absence"] for column in columns if "absence" in column},
    })
