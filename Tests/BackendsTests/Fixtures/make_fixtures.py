#!/usr/bin/env python3
"""Makes the tiny networks of this folder and what ONNX Runtime in Python says of them."""
import json, pathlib
import numpy as np, onnx, onnxruntime
from onnx import TensorProto, checker, helper

here = pathlib.Path(__file__).parent
generator = np.random.default_rng(7)


def value(name, shape, kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def constant(name, array):
    return onnx.numpy_helper.from_array(array, name)


def save(name, nodes, inputs, outputs, constants, feeds):
    graph = helper.make_graph(nodes, name, inputs, outputs, constants)
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="fixtures")
    checker.check_model(model, full_check=True)
    onnx.save(model, here / f"{name}.onnx")
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"])
    cases = []
    for feed in feeds:
        results = session.run(None, feed)
        names = [o.name for o in session.get_outputs()]
        describe = lambda a: {"shape": list(a.shape), "type": str(a.dtype),
                              "values": [float(v) for v in a.astype(np.float64).ravel()]}
        cases.append({"inputs": {k: describe(v) for k, v in feed.items()},
                      "outputs": {k: describe(v) for k, v in zip(names, results)}})
    (here / f"{name}.json").write_text(json.dumps(cases) + "\n")


def noise(*shape, dtype=np.float32):
    return np.round(generator.uniform(-1, 1, shape), 3).astype(dtype)


weights = constant("weights", noise(4, 3, 3, 3))
bias = constant("bias", noise(4))
block = [
    helper.make_node("Conv", ["images", "weights", "bias"], ["hidden"], name="model.0.conv",
                     kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2]),
    helper.make_node("Sigmoid", ["hidden"], ["gate"], name="model.0.act.sigmoid"),
    helper.make_node("Mul", ["hidden", "gate"], ["features"], name="model.0.act"),
]
save("fixed", block, [value("images", [1, 3, 6, 6])], [value("features", [1, 4, 3, 3])],
     [weights, bias], [{"images": noise(1, 3, 6, 6)} for _ in range(2)])
save("dynamic", block, [value("images", ["batch", 3, "height", "width"])],
     [value("features", ["batch", 4, "h", "w"])], [weights, bias],
     [{"images": noise(*shape)} for shape in [(1, 3, 6, 6), (2, 3, 4, 8), (1, 3, 6, 6)]])
save("half", [helper.make_node("Mul", ["x", "x"], ["y"], name="square")],
     [value("x", [2, 3], TensorProto.FLOAT16)], [value("y", [2, 3], TensorProto.FLOAT16)], [],
     [{"x": noise(2, 3, dtype=np.float16)}])
save("positions", [helper.make_node("NonZero", ["x"], ["y"], name="find")],
     [value("x", [2, 3])], [value("y", [2, "count"], TensorProto.INT64)], [],
     [{"x": np.array(v, np.float32)} for v in
      ([[1, 0, 2], [0, 0, 3]], [[0, 0, 0], [0, 0, 0]], [[1, 1, 1], [1, 1, 1]])])
save("two", [helper.make_node("Add", ["a", "b"], ["sum"], name="add"),
             helper.make_node("Sub", ["a", "b"], ["difference"], name="subtract")],
     [value("a", ["n"]), value("b", ["n"])],
     [value("sum", ["n"]), value("difference", ["n"])], [],
     [{"a": noise(5), "b": noise(5)}])
