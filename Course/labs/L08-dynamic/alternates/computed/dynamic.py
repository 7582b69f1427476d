"""Another right answer: shapes are computed by nodes while the network runs."""

from onnx_io import float32, int64, read_onnx, write_onnx
from tensor_io import cases, read_json, write_json

for folder, output in cases():
    task = read_json(folder, "task.json")
    model = read_onnx(folder, "model.onnx")
    w, nodes = model["weights"], []
    w["_zero"], w["_rest"] = int64(0), int64(-1)
    h, v = model["inputs"][0]["shape"][2:]
    cells = h * v // task["stride"] ** 2

    def node(op, name, inputs, **attributes):
        nodes.append({"op": op, "name": name, "inputs": inputs, "outputs": [name],
                      "attributes": attributes})
        return name

    for old in model["nodes"]:
        name, x = old["name"], old["inputs"]
        if old["op"] == "Reshape":
            parts = [node("Gather", name + "_b", [node("Shape", name + "_s", [x[0]]), "_zero"], axis=0)]
            for index, entry in enumerate(w.pop(x[1])[1][1:]):
                key = f"{name}_{index}"
                w[key] = int64(-1 if entry % cells == 0 else entry)
                parts.append(key)
            old["inputs"] = [x[0], node("Concat", name + "_t", parts, axis=0)]
        elif old["op"] == "Resize":
            w.pop(x[3])
            w["_up"] = float32(1, 1, 2, 2)
            old["inputs"] = [x[0], "", "_up"]
        elif old["op"] == "Slice":
            w[x[2]] = int64(1 << 40, 1 << 40)
        nodes.append(old)
    model["nodes"] = nodes
    size = ["H", "W"] if "height" in task["open"] else [h, v]
    model["inputs"][0]["shape"] = ["N", 3] + size
    model["outputs"][0]["shape"][:2] = ["N", "R"]
    write_onnx(output, "model.onnx", model)
    seen = task["requests"]
    total = {}
    for b, y, z in seen:
        total[b, y, z] = total.get((b, y, z), 0) + b * y * z
    low, high = ([f(c) for c in zip(*seen)] for f in (min, max))
    write_json(output, "profile.json", {"min": low, "opt": list(max(total, key=total.get)), "max": high})
