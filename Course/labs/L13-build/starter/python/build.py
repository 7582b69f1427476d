"""Lab 13: a plan from an ONNX file, by a recipe that can be repeated, with a manifest."""

import hashlib
import json
import os
import re
import subprocess

from tensor_io import cases, read_json, write_json


VERSION = subprocess.run(["vitrine", "--version"], capture_output=True, text=True, check=True).stdout


def digest(path):
    """The SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def run_build(model, task, workspace, output):
    """Runs `vitrine build`; gives how it ended."""
    command = [
        "vitrine", "build", model, "--quiet", "--json",
        "-o", os.path.join(output, "model.plan"),
        #@fade 3 en: threads, precision and workspace of the task (see vitrine build --help) | zh-Hans: 任务给出的线程数、精度和工作区（见 vitrine build --help）
        "--threads", str(task["threads"]),
        "--precision", task["precision"],
        "--workspace", workspace,
        #@end
        #@fade 2 en: keep the times that choices were made by, as cache.json in output | zh-Hans: 把做选择所依据的计时保存为 output 里的 cache.json
        "--timing-cache", os.path.join(output, "cache.json"),
        #@end
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def describe(plan):
    """What `vitrine inspect` says of a plan."""
    command = ["vitrine", "inspect", plan, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def manifest_for(model, task, workspace, output):
    """Builds and says what was built; where that fails, which error it was."""
    plan = os.path.join(output, "model.plan")
    done = run_build(model, task, workspace, output)
    if done.returncode != 0:
        #@fade 3 en: its identifier stands on standard error: error[onnx.…] | zh-Hans: 错误标识写在标准错误里：error[onnx.…]
        #@instead return {}
        problem = re.search(r"error\[([^\]]+)\]", done.stderr)
        return {"error": problem.group(1)}
        #@end
    facts = {fact["name"]: fact["value"] for fact in describe(plan)["facts"]}
    return {
        "model": digest(model),
        #@fade 2 en: the digest of the plan | zh-Hans: 计划文件的摘要
        "plan": digest(plan),
        #@end
        "version": VERSION.strip(),
        "needs": facts["needs"],
        "options": {
            "threads": task["threads"], "precision": task["precision"], "workspace": workspace,
        },
    }


def bytes_of(text):
    """`64K` or `1M` in bytes."""
    return int(text[:-1]) << {"K": 10, "M": 20}[text[-1]]


for folder, output in cases():
    task = read_json(folder, "task.json")
    model = os.path.join(folder, "model.onnx")
    manifest = {}
    if "memoryBytes" in task:
        #@fade 3 en: the largest workspace that fits beside the plan's values | zh-Hans: 与计划的数值放在一起仍放得下的最大工作区
        #@instead manifest = manifest_for(model, task, task["workspaces"][0], output)
        for workspace in reversed(task["workspaces"]):
            manifest = manifest_for(model, task, workspace, output)
            values = describe(os.path.join(output, "model.plan"))["memory"]["peakByteCount"]
            if bytes_of(workspace) + values <= task["memoryBytes"]:
                break
        #@end
    else:
        manifest = manifest_for(model, task, task["workspace"], output)
    write_json(output, "manifest.json", manifest)
