"""Another right answer: a dry build first, its numbers from the build's own document."""

import hashlib
import json
import pathlib
import subprocess

from tensor_io import cases, read_json, write_json


def call(*words):
    done = subprocess.run(["vitrine", *map(str, words)], capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else None, done.stderr


def sha(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def size(text):
    return int(text[:-1]) * (1024 if text.endswith("K") else 1024 * 1024)


for folder, output in cases():
    task, out = read_json(folder, "task.json"), pathlib.Path(output)
    model, plan = pathlib.Path(folder) / "model.onnx", out / "model.plan"
    fixed = ["--threads", task["threads"], "--precision", task["precision"]]
    choice = task.get("workspace")
    for candidate in task.get("workspaces", []):
        trial = json.loads(call("build", model, *fixed, "--workspace", candidate, "--level", 0,
                                "-o", "/tmp/trial.plan", "--json", "-q")[0])
        if trial["plan"]["memory"]["peakByteCount"] + size(candidate) <= task["memoryBytes"]:
            choice = candidate
    said, errors = call("build", model, *fixed, "--workspace", choice, "--timing-cache",
                        out / "cache.json", "-o", plan, "--json", "-q")
    if said is None:
        write_json(output, "manifest.json", {"error": errors.split("error[")[1].split("]")[0]})
        continue
    needs = [fact["value"] for fact in json.loads(said)["plan"]["facts"] if fact["name"] == "needs"]
    write_json(output, "manifest.json", {
        "model": sha(model), "plan": sha(plan), "version": call("--version")[0].strip(),
        "needs": needs[0],
        "options": {"threads": task["threads"], "precision": task["precision"], "workspace": choice},
    })
