"""Makes the ONNX fixtures. Run with onnx and onnxruntime: python make.py"""
import base64, json, pathlib
import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto as T, helper as h, numpy_helper as nh

here = pathlib.Path(__file__).parent
rng = np.random.default_rng(0)
IR = lambda opset: 7 if opset < 15 else 8 if opset < 19 else 9 if opset < 21 else 10


def model(nodes, inputs, outputs, inits=(), opset=17, ir=None, **kw):
    graph = h.make_graph(nodes, "tiny", inputs, outputs, list(inits))
    return h.make_model(graph, opset_imports=[h.make_opsetid("", opset)], ir_version=ir or max(4, IR(opset)), **kw)


def f(name, shape, t=T.FLOAT):
    return h.make_tensor_value_info(name, t, shape)


def init(name, array):
    return nh.from_array(np.asarray(array), name)


def described(array):
    return {"shape": list(array.shape), "type": str(array.dtype), "values": array.astype(np.float64).ravel().tolist()}


def case(name, m, feeds):
    session = ort.InferenceSession(m.SerializeToString(), providers=["CPUExecutionProvider"])
    results = session.run(None, feeds)
    (here / f"{name}.onnx").write_bytes(m.SerializeToString())
    return {
        "name": name,
        "operators": sorted({n.op_type for n in m.graph.node}),
        "inputs": {k: described(v) for k, v in feeds.items()},
        "outputs": {o.name: described(r) for o, r in zip(m.graph.output, results)},
    }


def x(*shape):
    return rng.normal(size=shape).astype(np.float32)


def network(opset):
    """What a YOLOv5 export consists of, in the form of each opset."""
    nodes = [
        h.make_node("Conv", ["images", "w0", "b0"], ["c0"], name="/model.0/conv/Conv", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
        h.make_node("Sigmoid", ["c0"], ["s0"], name="/model.0/act/Sigmoid"),
        h.make_node("Mul", ["c0", "s0"], ["a0"], name="/model.0/act/Mul"),
        h.make_node("MaxPool", ["a0"], ["p"], name="/model.1/m/MaxPool", kernel_shape=[5, 5], strides=[1, 1], pads=[2, 2, 2, 2]),
        h.make_node("Concat", ["a0", "p"], ["cat"], name="/model.2/Concat", axis=1),
        h.make_node("Resize", ["cat", "roi" if opset < 13 else "", "scales"], ["up"], name="/model.3/Resize", mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor"),
        h.make_node("Constant", [], ["shape"], value=nh.from_array(np.array([1, 2, 4, 64], np.int64))),
        h.make_node("Reshape", ["up", "shape"], ["r"], name="/model.24/Reshape"),
        h.make_node("Transpose", ["r"], ["t"], name="/model.24/Transpose", perm=[0, 1, 3, 2]),
    ]
    inits = [init("w0", x(4, 3, 3, 3)), init("b0", x(4)), init("scales", np.array([1, 1, 2, 2], np.float32))]
    if opset < 13:
        inits.append(init("roi", np.zeros(0, np.float32)))
        nodes.append(h.make_node("Split", ["t"], ["xy", "wh"], name="/model.24/Split", axis=-1, split=[1, 3]))
        nodes.append(h.make_node("Unsqueeze", ["xy"], ["u"], axes=[0]))
    else:
        inits += [init("sizes", np.array([1, 3], np.int64)), init("axes", np.array([0], np.int64))]
        nodes.append(h.make_node("Split", ["t", "sizes"], ["xy", "wh"], name="/model.24/Split", axis=-1))
        nodes.append(h.make_node("Unsqueeze", ["xy", "axes"], ["u"]))
    return model(nodes, [f("images", [1, 3, 8, 8])], [f("u", [1, 1, 2, 64, 1]), f("wh", [1, 2, 64, 3])], inits, opset)


def lifted():
    i64 = lambda *v: np.array(v, np.int64)
    cases = []

    def one(name, opset, node, feed, inits=(), outs=1):
        ins = [f("x", list(feed.shape), T.FLOAT16 if feed.dtype == np.float16 else T.FLOAT)]
        m = model([node], ins, [h.make_empty_tensor_value_info(o) for o in node.output][:outs], inits, opset)
        m = onnx.shape_inference.infer_shapes(m)
        cases.append(case(name, m, {"x": feed}))

    a = x(2, 6, 4)
    n = h.make_node
    one("slice_9", 9, n("Slice", ["x"], ["y"], starts=[0, 1], ends=[2, -1], axes=[0, 2]), a)
    one("unsqueeze_11", 11, n("Unsqueeze", ["x"], ["y"], axes=[0, 3]), a)
    one("squeeze_11", 11, n("Squeeze", ["x"], ["y"], axes=[0]), x(1, 3))
    one("split_11", 11, n("Split", ["x"], ["y", "z"], axis=1, split=[2, 4]), a, outs=2)
    one("split_13_equal", 13, n("Split", ["x"], ["y", "z"], axis=1), a, outs=2)
    one("split_18_unequal", 18, n("Split", ["x"], ["y", "z"], axis=2, num_outputs=2), x(1, 1, 5), outs=2)
    one("reducesum_11", 11, n("ReduceSum", ["x"], ["y"], axes=[1], keepdims=0), a)
    one("reducemean_13", 13, n("ReduceMean", ["x"], ["y"], axes=[-1]), a)
    one("reducemax_all_12", 12, n("ReduceMax", ["x"], ["y"], keepdims=0), a)
    one("clip_10", 10, n("Clip", ["x"], ["y"], min=-0.5, max=0.25), a)
    one("pad_10", 10, n("Pad", ["x"], ["y"], pads=[0, 1, 0, 0, 0, 2], value=1.5), a)
    one("dropout_10", 10, n("Dropout", ["x"], ["y"], ratio=0.5), a)
    one("topk_9", 9, n("TopK", ["x"], ["y", "i"], k=2, axis=1), a, outs=2)
    one("upsample_7", 7, n("Upsample", ["x"], ["y"], scales=[1.0, 1.0, 2.0, 2.0], mode="nearest"), x(1, 2, 2, 3))
    one("upsample_9_linear", 9, n("Upsample", ["x", "s"], ["y"], mode="linear"), x(1, 2, 2, 3), [init("s", np.array([1, 1, 2, 2], np.float32))])
    one("resize_10", 10, n("Resize", ["x", "s"], ["y"], mode="nearest"), x(1, 1, 4, 4), [init("s", np.array([1, 1, 1.5, 0.5], np.float32))])
    one("softmax_11", 11, n("Softmax", ["x"], ["y"], axis=1), a)
    one("softmax_12_default", 12, n("Softmax", ["x"], ["y"]), a)
    one("softmax_13", 13, n("Softmax", ["x"], ["y"], axis=1), a)
    one("batchnorm_8", 8, n("BatchNormalization", ["x", "s", "b", "m", "v"], ["y"], epsilon=1e-3), x(1, 3, 2, 2), [init("s", x(3)), init("b", x(3)), init("m", x(3)), init("v", np.abs(x(3)) + 0.5)])
    one("batchnorm_14", 14, n("BatchNormalization", ["x", "s", "b", "m", "v"], ["y"], epsilon=1e-3), x(1, 3, 2, 2), [init("s", x(3)), init("b", x(3)), init("m", x(3)), init("v", np.abs(x(3)) + 0.5)])
    one("hardswish_14", 14, n("HardSwish", ["x"], ["y"]), a)
    one("mish_18", 18, n("Mish", ["x"], ["y"]), a)
    one("gelu_20", 20, n("Gelu", ["x"], ["y"]), a)
    one("gelu_20_tanh", 20, n("Gelu", ["x"], ["y"], approximate="tanh"), a)
    one("layernorm_17", 17, n("LayerNormalization", ["x", "s", "b"], ["y"], axis=-1), a, [init("s", x(4)), init("b", x(4))])
    one("shape_15", 15, n("Shape", ["x"], ["y"], start=1, end=3), a)
    one("pad_18_axes", 18, n("Pad", ["x", "p", "", "ax"], ["y"]), a, [init("p", i64(1, 2)), init("ax", i64(2))])
    one("resize_18_axes", 18, n("Resize", ["x", "", "s"], ["y"], axes=[2, 3], mode="nearest"), x(1, 1, 2, 2), [init("s", np.array([2, 2], np.float32))])
    return cases


def typed():
    """Every typed data field of TensorProto, and every form of Constant."""
    t = h.make_tensor
    half = np.array([1.5, -2.25], np.float16).view(np.uint16).tolist()
    bf = [0x3FC0, 0xC010]
    def raw16(name, code, words):
        p = onnx.TensorProto(name=name, data_type=code, dims=[2]); p.int32_data.extend(words); return p
    inits = [t("f32", T.FLOAT, [2], [1.5, -2.25]), t("f64", T.DOUBLE, [2], [1.5, -2.25]), t("i64", T.INT64, [2], [3, -4]), t("i32", T.INT32, [2], [3, -4]),
             t("i16", T.INT16, [2], [3, -4]), t("i8", T.INT8, [2], [3, -4]), t("u8", T.UINT8, [2], [3, 250]), t("b", T.BOOL, [2], [1, 0]),
             raw16("f16", T.FLOAT16, half), raw16("bf16", T.BFLOAT16, bf)]
    nodes = [h.make_node("Constant", [], ["k_value"], value=t("", T.FLOAT, [2], [1.5, -2.25])),
             h.make_node("Constant", [], ["k_int"], value_int=3), h.make_node("Constant", [], ["k_ints"], value_ints=[3, -4]),
             h.make_node("Constant", [], ["k_float"], value_float=1.5), h.make_node("Constant", [], ["k_floats"], value_floats=[1.5, -2.25])]
    names = [i.name for i in inits] + [n.output[0] for n in nodes]
    kinds = {i.name: i.data_type for i in inits} | {"k_value": 1, "k_int": 7, "k_ints": 7, "k_float": 1, "k_floats": 1}
    outs = []
    for n in names:
        nodes.append(h.make_node("Identity", [n], ["o_" + n]))
        outs.append(h.make_tensor_value_info("o_" + n, kinds[n], [] if n in ("k_int", "k_float") else [2]))
    (here / "typed_data.onnx").write_bytes(model(nodes, [f("x", [1])], outs, inits, 17).SerializeToString())


def broken():
    """Deliberately broken models and the verdict of onnx.checker with full_check."""
    base = lambda: network(17)
    made = {}

    def add(name, change, start=base):
        m = start()
        result = change(m)
        m = m if not isinstance(result, onnx.ModelProto) else result
        try:
            onnx.checker.check_model(m, full_check=True)
            verdict = "ok"
        except Exception as error:
            verdict = str(error).strip().splitlines()[0][:160]
        made[name] = {"bytes": base64.b64encode(m.SerializeToString()).decode(), "valid": verdict == "ok", "verdict": verdict}

    node = lambda m, i: m.graph.node[i]
    def attr(m, i, name): return next(a for a in node(m, i).attribute if a.name == name)
    add("untouched", lambda m: None)
    add("no-ir-version", lambda m: m.ClearField("ir_version"))
    add("ir-version-99", lambda m: setattr(m, "ir_version", 99))
    add("ir-version-3", lambda m: setattr(m, "ir_version", 3))
    add("no-opset", lambda m: m.ClearField("opset_import"))
    add("foreign-opset-only", lambda m: setattr(m.opset_import[0], "domain", "com.example"))
    add("opset-99", lambda m: setattr(m.opset_import[0], "version", 99))
    add("opset-ai.onnx", lambda m: setattr(m.opset_import[0], "domain", "ai.onnx"))
    add("no-graph-name", lambda m: m.graph.ClearField("name"))
    add("no-graph", lambda m: m.ClearField("graph"))
    add("input-without-name", lambda m: m.graph.input[0].ClearField("name"))
    add("input-without-type", lambda m: m.graph.input[0].ClearField("type"))
    add("input-without-shape", lambda m: m.graph.input[0].type.tensor_type.ClearField("shape"))
    add("input-without-element-type", lambda m: m.graph.input[0].type.tensor_type.ClearField("elem_type"))
    add("output-without-type", lambda m: m.graph.output[0].ClearField("type"))
    add("output-without-shape", lambda m: m.graph.output[0].type.tensor_type.ClearField("shape"))
    add("input-twice", lambda m: m.graph.input.append(m.graph.input[0]))
    add("output-twice", lambda m: m.graph.output.append(m.graph.output[0]))
    add("output-never-written", lambda m: setattr(m.graph.output[0], "name", "nobody"))
    add("initializer-twice", lambda m: m.graph.initializer.append(m.graph.initializer[0]))
    add("initializer-without-name", lambda m: m.graph.initializer[0].ClearField("name"))
    add("initializer-as-input", lambda m: m.graph.input.append(f("w0", [4, 3, 3, 3])))
    add("written-twice", lambda m: node(m, 1).output.__setitem__(0, "c0"))
    add("writes-an-input", lambda m: node(m, 1).output.__setitem__(0, "images"))
    add("writes-an-initializer", lambda m: node(m, 1).output.__setitem__(0, "w0"))
    add("reads-unknown", lambda m: node(m, 1).input.__setitem__(0, "nobody"))
    def swap(m):
        nodes = list(m.graph.node); nodes[0], nodes[1] = nodes[1], nodes[0]
        del m.graph.node[:]; m.graph.node.extend(nodes)
    add("not-sorted", swap)
    add("circle", lambda m: node(m, 1).input.__setitem__(0, "a0"))
    add("no-op-type", lambda m: node(m, 0).ClearField("op_type"))
    add("unknown-operator", lambda m: setattr(node(m, 1), "op_type", "Sigmoidal"))
    add("operator-of-later-opset", lambda m: setattr(node(m, 1), "op_type", "Mish"))
    add("deprecated-operator", lambda m: setattr(node(m, 1), "op_type", "Upsample"))
    add("unknown-domain", lambda m: setattr(node(m, 1), "domain", "com.example"))
    def imported(m): setattr(node(m, 1), "domain", "com.example"); m.opset_import.append(h.make_opsetid("com.example", 1))
    add("custom-domain-imported", imported)
    add("too-few-operands", lambda m: node(m, 2).input.pop())
    add("too-many-operands", lambda m: node(m, 1).input.append("c0"))
    add("empty-required-operand", lambda m: node(m, 2).input.__setitem__(1, ""))
    add("too-many-results", lambda m: node(m, 1).output.append("extra"))
    add("no-operands-no-results", lambda m: (node(m, 6).output.pop(), node(m, 7).input.__setitem__(1, "scales")))
    add("missing-attribute", lambda m: node(m, 4).attribute.pop())
    add("missing-kernel-shape-pool", lambda m: node(m, 3).attribute.remove(attr(m, 3, "kernel_shape")))
    add("unknown-attribute", lambda m: node(m, 1).attribute.append(h.make_attribute("speed", 3)))
    add("attribute-of-wrong-type", lambda m: (node(m, 4).attribute.pop(), node(m, 4).attribute.append(h.make_attribute("axis", 1.0))))
    add("attribute-without-type", lambda m: node(m, 4).attribute[0].ClearField("type"))
    add("attribute-without-name", lambda m: node(m, 4).attribute[0].ClearField("name"))
    add("attribute-with-two-values", lambda m: setattr(node(m, 4).attribute[0], "f", 1.0))
    add("attribute-twice", lambda m: node(m, 4).attribute.append(node(m, 4).attribute[0]))
    def short(m): m.graph.initializer[1].raw_data = m.graph.initializer[1].raw_data[:-1]
    add("tensor-too-short", short)
    add("tensor-negative-dimension", lambda m: m.graph.initializer[0].dims.__setitem__(0, -4))
    add("tensor-huge", lambda m: m.graph.initializer[0].dims.__setitem__(0, 1 << 60))
    add("tensor-without-type", lambda m: m.graph.initializer[0].ClearField("data_type"))
    add("tensor-of-unknown-type", lambda m: setattr(m.graph.initializer[0], "data_type", 77))
    add("tensor-with-two-data-fields", lambda m: m.graph.initializer[1].float_data.append(1.0))
    add("tensor-without-data", lambda m: m.graph.initializer[1].ClearField("raw_data"))
    def wrong_field(m): t = m.graph.initializer[1]; t.ClearField("raw_data"); t.int64_data.extend([1, 2, 3, 4])
    add("tensor-in-wrong-field", wrong_field)
    add("output-of-wrong-shape", lambda m: m.graph.output[1].type.tensor_type.shape.dim.__getitem__(1).__setattr__("dim_value", 7))
    add("output-of-wrong-rank", lambda m: m.graph.output[1].type.tensor_type.shape.dim.pop())
    add("output-of-wrong-type", lambda m: setattr(m.graph.output[0].type.tensor_type, "elem_type", 7))
    add("input-of-wrong-rank", lambda m: m.graph.input[0].type.tensor_type.shape.dim.pop())
    add("input-of-wrong-type", lambda m: setattr(m.graph.input[0].type.tensor_type, "elem_type", 7))
    add("input-of-wrong-channels", lambda m: m.graph.input[0].type.tensor_type.shape.dim.__getitem__(1).__setattr__("dim_value", 5))
    add("value-info-of-wrong-shape", lambda m: m.graph.value_info.append(f("c0", [1, 4, 9, 9])))
    add("value-info-of-wrong-type", lambda m: m.graph.value_info.append(f("c0", [1, 4, 4, 4], T.INT64)))
    add("value-info-right", lambda m: m.graph.value_info.append(f("c0", [1, 4, 4, 4])))
    add("value-info-symbolic", lambda m: m.graph.value_info.append(f("c0", ["n", 4, "h", "w"])))
    add("metadata-twice", lambda m: [m.metadata_props.add(key="stride", value="32") for _ in range(2)])
    add("concat-of-different-sizes", lambda m: node(m, 4).input.__setitem__(1, "images"))
    add("concat-axis-out-of-range", lambda m: setattr(node(m, 4).attribute[0], "i", 9))
    add("transpose-not-a-permutation", lambda m: node(m, 8).attribute[0].ints.__setitem__(0, 2))
    add("external-without-location", lambda m: (m.graph.initializer[1].ClearField("raw_data"), setattr(m.graph.initializer[1], "data_location", 1)))
    (here / "broken.json").write_text(json.dumps(made, indent=1))
    for k, v in made.items(): print(f"{k:34}", v["verdict"][:110])


if __name__ == "__main__":
    feeds = {"images": x(1, 3, 8, 8)}
    cases = [case(f"network_{o}", network(o), feeds) for o in range(12, 22)]
    cases += lifted()
    (here / "cases.json").write_text(json.dumps(cases))
    typed()
    broken()
