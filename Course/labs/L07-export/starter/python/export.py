"""Lab 7: a trained network becomes an ONNX file."""

from onnx_io import float32, int64, write_onnx
from tensor_io import cases, read_json, read_npy


class Export:
    """The model in the making. `model` is what onnx_io writes."""

    def __init__(self, opset):
        self.model = {"opset": opset, "inputs": [], "outputs": [], "nodes": [], "weights": {}}

    def node(self, op, name, inputs, **attributes):
        """Adds a node that writes one value, called like the node."""
        self.model["nodes"].append({
            "op": op, "name": name, "inputs": inputs, "outputs": [name], "attributes": attributes,
        })

    def weight(self, name, tensor):
        """Adds constant numbers; gives their name."""
        self.model["weights"][name] = tensor
        return name


def add(export, layer, sources, parts):
    """Adds the nodes for one layer, the last of them called like the layer.

    `sources` are the names of the values that it reads, `parts` the names of its weights."""
    name, kind = layer["name"], layer["type"]
    if kind == "Conv2d":
        pad = layer["padding"]
        export.node(
            "Conv", name, sources + parts, group=layer["groups"],
            #@fade 3 en: kernel_shape, strides, and pads: top, left, bottom, right | zh-Hans: kernel_shape、strides，以及 pads：上、左、下、右
            kernel_shape=[layer["kernel"]] * 2,
            strides=[layer["stride"]] * 2,
            pads=[pad] * 4,
            #@end
        )
    elif kind == "BatchNorm2d":
        #@fade 3 en: its epsilon is not ONNX's default | zh-Hans: 它的 epsilon 与 ONNX 的默认值不同
        #@instead export.node("BatchNormalization", name, sources + parts)
        export.node("BatchNormalization", name, sources + parts, epsilon=layer["epsilon"])
        #@end
    elif kind == "SiLU":
        export.node("Sigmoid", name + ".gate", sources)
        #@fade 3 en: SiLU(x) is x times its sigmoid | zh-Hans: SiLU(x) 等于 x 乘以它的 sigmoid
        #@instead export.node("Identity", name, [name + ".gate"])
        export.node("Mul", name, [sources[0], name + ".gate"])
        #@end
    elif kind == "Hardswish":
        #@fade 2 en: an operator of its own from set 14 on; before, x times HardSigmoid with alpha 1/6 and beta 1/2 | zh-Hans: 从第 14 版起有专门的算子；之前写成 x 乘以 HardSigmoid（alpha 1/6，beta 1/2）
        #@instead export.node("HardSwish", name, sources)
        if export.model["opset"] >= 14:
            export.node("HardSwish", name, sources)
        else:
            export.node("HardSigmoid", name + ".gate", sources, alpha=1 / 6, beta=0.5)
            export.node("Mul", name, [sources[0], name + ".gate"])
        #@end
    elif kind == "Upsample":
        factor = float(layer["factor"])
        scales = export.weight(name + ".scales", float32(1, 1, factor, factor))
        # Its second operand is a region that only another mode reads; up to set 12 it must be there.
        region = export.weight(name + ".region", float32())
        export.node(
            "Resize", name, [sources[0], region, scales], mode="nearest",
            coordinate_transformation_mode="asymmetric", nearest_mode="floor",
        )
    elif kind == "Concat":
        export.node("Concat", name, sources, axis=1)
    elif kind == "Mean":
        #@fade 2 en: the mean over axes 2 and 3; up to set 17 axes are an attribute, from 18 on an input | zh-Hans: 沿轴 2 和 3 求平均；到第 17 版 axes 是属性，从第 18 版起是输入
        #@instead export.node("ReduceMean", name, sources, axes=[2, 3], keepdims=1)
        if export.model["opset"] >= 18:
            axes = export.weight(name + ".axes", int64(2, 3))
            export.node("ReduceMean", name, [sources[0], axes], keepdims=1)
        else:
            export.node("ReduceMean", name, sources, axes=[2, 3], keepdims=1)
        #@end


for folder, output in cases():
    network = read_json(folder, "network.json")
    export = Export(network["opset"])
    batch = "batch" if network["dynamicBatch"] else 1
    export.model["inputs"] = [{"name": "images", "shape": [batch] + network["input"][1:]}]
    values = {"images": "images"}
    for layer in network["layers"]:
        sources = [values[name] for name in layer["inputs"]]
        #@fade 3 en: Dropout does something in training only: who reads it reads its source | zh-Hans: Dropout 只在训练时起作用：读它的层改读它的来源
        if layer["type"] == "Dropout":
            values[layer["name"]] = sources[0]
            continue
        #@end
        if layer["name"] == network["output"]:
            values[layer["name"]] = "output"
            layer["name"], file = "output", layer["name"]
        else:
            values[layer["name"]] = file = layer["name"]
        parts = [
            export.weight(f"{file}.{part}", read_npy(folder, f"{file}.{part}.npy"))
            for part in layer.get("parts", [])
        ]
        add(export, layer, sources, parts)
    export.model["outputs"] = [{"name": "output", "shape": [batch, "c", "h", "w"]}]
    write_onnx(output, "model.onnx", export.model)
