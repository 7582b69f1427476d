"""Another right answer: the normalization as a product and a sum, means by pooling, no HardSwish."""

from onnx_io import float32, write_onnx
from tensor_io import cases, read_json, read_npy
import array

for folder, output in cases():
    net = read_json(folder, "network.json")
    batch = "N" if net["dynamicBatch"] else 1
    nodes, weights, alias = [], {}, {"images": "images"}

    def node(op, name, inputs, **attributes):
        nodes.append({"op": op, "name": "n_" + name, "inputs": inputs, "outputs": [name],
                      "attributes": attributes})

    for layer in net["layers"]:
        kind, name = layer["type"], layer["name"]
        src = [alias[x] for x in layer["inputs"]]
        out = alias[name] = "output" if name == net["output"] else "v_" + name
        part = {p: read_npy(folder, f"{name}.{p}.npy") for p in layer.get("parts", [])}
        if kind == "Dropout":
            node("Identity", out, src)
        elif kind == "Conv2d":
            for key, value in part.items():
                weights[name + key] = value
            p = layer["padding"]
            node("Conv", out, src + [name + "weight", name + "bias"], strides=[layer["stride"]] * 2,
                 pads=[p, p, p, p], group=layer["groups"])
        elif kind == "BatchNorm2d":
            g, b, m, v = (part[key][1] for key in ("gamma", "beta", "mean", "variance"))
            k = [x / (y + layer["epsilon"]) ** 0.5 for x, y in zip(g, v)]
            shape = (len(k), 1, 1)
            weights[name + "k"] = shape, array.array("f", k)
            weights[name + "d"] = shape, array.array("f", [x - y * z for x, y, z in zip(b, m, k)])
            node("Mul", out + "k", [src[0], name + "k"])
            node("Add", out, [out + "k", name + "d"])
        elif kind == "SiLU":
            node("Sigmoid", out + "s", src)
            node("Mul", out, [out + "s", src[0]])
        elif kind == "Hardswish":
            node("HardSigmoid", out + "s", src, alpha=1 / 6, beta=0.5)
            node("Mul", out, [out + "s", src[0]])
        elif kind == "Upsample":
            weights[name + "s"] = float32(1, 1, layer["factor"], layer["factor"])
            weights[name + "r"] = float32()
            node("Resize", out, [src[0], name + "r", name + "s"], mode="nearest")
        elif kind == "Concat":
            node("Concat", out, src, axis=-3)
        else:
            node("GlobalAveragePool", out, src)
    write_onnx(output, "model.onnx", {
        "opset": net["opset"], "nodes": nodes, "weights": weights,
        "inputs": [{"name": "images", "shape": [batch] + net["input"][1:]}],
        "outputs": [{"name": "output", "shape": [batch, "c", "h", "w"]}],
    })
