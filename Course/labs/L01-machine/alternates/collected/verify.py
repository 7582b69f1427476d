"""Another right answer: every finding is collected, then the first is named."""

import re

from tensor_io import cases, read_json, write_json

ORDER = ["no-device", "driver-too-old", "library-missing", "library-empty", "versions-mixed",
         "opset-too-new", "cache-not-writable"]

for folder, output in cases():
    m, r = read_json(folder, "machine.json"), read_json(folder, "rules.json")
    found = set()
    if not m.get("driver"):
        found.add("no-device")
    else:
        have, need = ([int(x) for x in v.split(".")] for v in (m["driver"], r["minimumDriver"][r["cuda"]]))
        if have < need:
            found.add("driver-too-old")
    table = {}
    for library in m["libraries"]:
        match = re.fullmatch(r".*/([^/]+)\.so\.(\d+)\..*", library["path"])
        table[match[1]] = (int(match[2]), library["bytes"])
    needed = r["engineLibraries"] + ["libcudart"]
    if any(name not in table for name in needed):
        found.add("library-missing")
    if any(table.get(name, (0, 1))[1] == 0 for name in needed):
        found.add("library-empty")
    if len({table[name][0] for name in r["engineLibraries"] if name in table}) > 1:
        found.add("versions-mixed")
    major, minor = m["packages"]["onnxruntime"].split(".")[:2]
    if r["modelOpset"] > r["highestOpset"][major + "." + minor]:
        found.add("opset-too-new")
    if not m["cacheWritable"]:
        found.add("cache-not-writable")
    write_json(output, "report.json", {"fault": next((f for f in ORDER if f in found), "healthy")})
