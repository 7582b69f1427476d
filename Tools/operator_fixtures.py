#!/usr/bin/env python3
"""Operator cases for Vitrine: ONNX Runtime's results on small seeded operands.

Usage: python Tools/operator_fixtures.py Tests/GraphsTests/Fixtures/operators.json
Needs numpy, onnx and onnxruntime; nothing of them is part of the product.
Each case: {name, op, attributes, inputs: [tensor or null], constants: [index], outputs: [tensor]},
a tensor being {type, shape, data: base64 of little-endian elements}.
"""
import base64
import json
import sys

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper

R = np.random.default_rng(20)
TYPES = {"float64": 11, "float32": 1, "float16": 10, "int64": 7, "int32": 6, "int16": 5, "int8": 3, "uint8": 2, "bool": 9}
CASES, SKIPPED = [], []


def f(*shape, low=-2.0, high=2.0, t=np.float32):
    return R.uniform(low, high, shape).astype(t)


def i(*values, t=np.int64):
    return np.array(values, t)


def ints(*shape, low=-5, high=6, t=np.int64):
    return R.integers(low, high, shape).astype(t)


def tensor(a):
    return {"type": str(a.dtype), "shape": list(a.shape), "data": base64.b64encode(a.tobytes()).decode()}


def case(op, *inputs, outputs=1, **attributes):
    inputs = [None if a is None else np.asarray(a) for a in inputs]
    names = ["" if a is None else f"i{n}" for n, a in enumerate(inputs)]
    outs = [f"o{n}" for n in range(outputs)]
    node = helper.make_node(op, names, outs, **attributes)
    values = [
        helper.make_tensor_value_info(n, TYPES[str(a.dtype)], a.shape)
        for n, a in zip(names, inputs) if a is not None
    ]
    graph = helper.make_graph([node], "g", values, [onnx.ValueInfoProto(name=o) for o in outs])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    number = sum(c["op"] == op for c in CASES) + 1
    try:
        options = ort.SessionOptions()
        options.log_severity_level = 4
        session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        results = session.run(None, {n: a for n, a in zip(names, inputs) if a is not None})
    except Exception as error:  # a type that the CPU provider lacks
        SKIPPED.append(f"{op} {[None if a is None else (str(a.dtype), a.shape) for a in inputs]}: {str(error)[:120]}")
        return
    CASES.append({
        "name": f"{op}-{number}", "op": op, "attributes": {k: attribute(v) for k, v in attributes.items()},
        "inputs": [None if a is None else tensor(a) for a in inputs],
        "outputs": [tensor(np.asarray(r)) for r in results],
    })


def attribute(v):
    if isinstance(v, onnx.TensorProto):
        return {"tensor": tensor(onnx.numpy_helper.to_array(v))}
    if isinstance(v, str):
        return {"string": v}
    if isinstance(v, list):
        return {"ints": v}
    return {"float": v} if isinstance(v, float) else {"int": v}


F16 = np.float16
# Elementwise, one operand.
for op in ["Sigmoid", "HardSwish", "Relu", "Mish", "Softplus", "Tanh", "Erf", "Exp", "Neg", "Abs", "Floor", "Ceil", "Round",
           "Sign", "LeakyRelu", "Elu", "HardSigmoid", "Gelu", "Reciprocal", "Identity", "Dropout"]:
    case(op, f(2, 3, 5, low=-4, high=4))
    case(op, f(7, low=-4, high=4, t=F16))
    case(op, f(0, 3))
    case(op, np.array([-0.5, 0.5, 1.5, 2.5, -1.5, 0.0, 30.0, -30.0, 90.0, -90.0], np.float32))
for op in ["Log", "Sqrt"]:
    case(op, f(3, 4, low=0.01, high=9)); case(op, f(5, low=0.01, high=9, t=np.float64))
for op in ["Relu", "Neg", "Abs", "Sign"]:
    case(op, ints(3, 4, t=np.int32)); case(op, ints(3, 4, t=np.int64))
case("LeakyRelu", f(4, 5), alpha=0.1); case("Elu", f(4, 5), alpha=0.7)
case("HardSigmoid", f(4, 5, low=-5, high=5), alpha=1 / 6, beta=0.5)
case("Gelu", f(4, 5), approximate="tanh")
case("PRelu", f(2, 3, 4, 4), f(3, 1, 1)); case("PRelu", f(2, 3), f(1))
case("Not", R.integers(0, 2, (3, 4)).astype(bool))
case("Clip", f(3, 5), np.float32(-0.5), np.float32(0.75)); case("Clip", f(3, 5), None, np.float32(0.75))
case("Clip", ints(8, t=np.int64), i(-2).reshape(()), i(3).reshape(()))
# Elementwise, two operands.
PAIRS = [((2, 3, 4), (2, 3, 4)), ((2, 3, 4), (4,)), ((3, 1, 5), (1, 4, 1)), ((), (2, 2)), ((1, 3, 1, 1), (2, 3, 4, 5)), ((0, 2), (1, 2))]
for op in ["Add", "Sub", "Mul", "Div", "Max", "Min", "Sum", "Mean", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"]:
    for a, b in PAIRS:
        case(op, f(*a), f(*b))
    case(op, f(3, 4, t=F16), f(4, t=F16)); case(op, f(3, t=np.float64), f(3, t=np.float64))
    case(op, ints(3, 4), ints(4, low=1)); case(op, ints(3, 4, t=np.int32), ints(3, 1, low=1, t=np.int32))
case("Div", i(-7, 7, -7, 7), i(2, 2, -2, -2))
for op in ["Max", "Min", "Sum", "Mean"]:
    case(op, f(2, 3), f(3), f(2, 1)); case(op, f(2, 3))
case("Pow", f(3, 4, low=0.1), f(4)); case("Pow", f(3, 4), np.float32(2)); case("Pow", f(3, 4), i(2).reshape(()))
case("Pow", ints(6, low=0), ints(6, low=0, high=5)); case("Pow", f(5, low=0.1, t=np.float64), f(5, t=np.float64))
case("Mod", i(-7, 7, -7, 7), i(3, 3, -3, -3)); case("Mod", i(-7, 7, -7, 7), i(3, 3, -3, -3), fmod=1)
case("Mod", f(3, 4, low=-9, high=9), f(4, low=1, high=3), fmod=1)
B = lambda *s: R.integers(0, 2, s).astype(bool)
for op in ["And", "Or", "Xor"]:
    case(op, B(3, 4), B(4)); case(op, B(2, 1, 3), B(4, 1))
case("Equal", B(3, 4), B(4)); case("Where", B(3, 1), f(3, 4), f(4)); case("Where", B(2, 3), ints(2, 3), ints(1))
case("Where", B(4), f(2, 1), f(4))
# Windows.
def conv(x, w, bias=True, op="Conv", **a):
    m = w[0] if op == "Conv" else w[1] * a.get("group", 1)
    case(op, f(*x), f(*w, low=-0.5, high=0.5), *([f(m)] if bias else []), **a)
conv((1, 3, 9, 11), (5, 3, 3, 3), pads=[1, 1, 1, 1], strides=[2, 2])
conv((2, 3, 7, 5), (4, 3, 3, 3), bias=False)
conv((1, 3, 12, 12), (6, 3, 6, 6), pads=[2, 2, 2, 2], strides=[2, 2])
conv((1, 4, 8, 9), (4, 1, 3, 3), group=4, pads=[1, 1, 1, 1])
conv((1, 4, 8, 9), (6, 2, 3, 3), group=2, pads=[0, 1, 2, 3], dilations=[2, 1])
conv((2, 8, 5, 5), (9, 8, 1, 1)); conv((1, 3, 13), (4, 3, 5), pads=[2, 1], strides=[3])
conv((1, 2, 4, 5, 6), (3, 2, 2, 3, 1), pads=[1, 0, 0, 0, 1, 0])
for pad in ["SAME_UPPER", "SAME_LOWER", "VALID"]:
    conv((1, 2, 7, 8), (3, 2, 3, 4), auto_pad=pad, strides=[2, 3])
    case("MaxPool", f(1, 2, 7, 8), kernel_shape=[3, 2], strides=[2, 3], auto_pad=pad)
    case("AveragePool", f(1, 2, 7, 8), kernel_shape=[3, 2], strides=[2, 3], auto_pad=pad)
case("Conv", f(1, 3, 6, 6, t=np.float64), f(2, 3, 3, 3, t=np.float64))
conv((1, 3, 5, 6), (3, 4, 3, 3), op="ConvTranspose", strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1])
conv((2, 4, 5, 4), (4, 1, 4, 4), op="ConvTranspose", strides=[2, 2], pads=[1, 1, 1, 1], group=4, bias=False)
conv((1, 4, 5, 4), (4, 3, 2, 3), op="ConvTranspose", group=2, dilations=[2, 1])
conv((1, 2, 7), (2, 3, 3), op="ConvTranspose", strides=[3])
for k in [5, 9, 13]:
    case("MaxPool", f(1, 2, 8, 9), kernel_shape=[k, k], pads=[k // 2] * 4)
for op in ["MaxPool", "AveragePool"]:
    case(op, f(1, 2, 8, 9), kernel_shape=[2, 2], strides=[2, 2])
    case(op, f(1, 2, 8, 9), kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)
    case(op, f(1, 2, 8, 7), kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1)
    case(op, f(1, 2, 10, 9), kernel_shape=[3, 2], dilations=[2, 3]); case(op, f(2, 3, 9), kernel_shape=[4], pads=[1, 2])
    case(op, f(1, 2, 6, 6, 5), kernel_shape=[2, 3, 2])
    case(op, f(1, 1, 6, 6, t=F16), kernel_shape=[2, 2])
case("AveragePool", f(1, 2, 8, 7), kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], count_include_pad=1)
case("AveragePool", f(1, 2, 8, 7), kernel_shape=[3, 3], strides=[2, 2], pads=[1, 0, 1, 0], count_include_pad=1, ceil_mode=1)
for op in ["GlobalAveragePool", "GlobalMaxPool"]:
    case(op, f(2, 3, 4, 5)); case(op, f(2, 3, 7))
# Products.
for a, b in [((3, 4), (4, 5)), ((2, 3, 4), (4, 5)), ((2, 1, 3, 4), (3, 4, 2)), ((4,), (4, 3)), ((3, 4), (4,)), ((4,), (4,)), ((0, 4), (4, 2)), ((2, 0), (0, 3))]:
    case("MatMul", f(*a), f(*b))
case("MatMul", ints(3, 4), ints(4, 2)); case("MatMul", f(3, 4, t=np.float64), f(4, 2, t=np.float64)); case("MatMul", f(3, 4, t=F16), f(4, 2, t=F16))
case("Gemm", f(3, 4), f(4, 5), f(5)); case("Gemm", f(4, 3), f(5, 4), f(3, 1), transA=1, transB=1, alpha=0.5, beta=2.0)
case("Gemm", f(3, 4), f(4, 5), alpha=0.25); case("Gemm", f(3, 4), f(5, 4), f(1, 5), transB=1)
# Normalization.
case("BatchNormalization", f(2, 3, 4, 5), f(3), f(3), f(3), f(3, low=0.1, high=2)); case("BatchNormalization", f(4, 3), f(3), f(3), f(3), f(3, low=0.1), epsilon=0.01)
case("LayerNormalization", f(2, 3, 8), f(8), f(8)); case("LayerNormalization", f(2, 3, 8), f(3, 8), axis=1, epsilon=0.01)
case("InstanceNormalization", f(2, 3, 4, 5), f(3), f(3)); case("InstanceNormalization", f(2, 3, 9), f(3), f(3), epsilon=0.1)
# Movement.
case("Concat", f(2, 3), f(2, 1), f(2, 4), axis=1); case("Concat", ints(2, 3), ints(5, 3), axis=-2); case("Concat", f(2, 0), f(2, 3), axis=1); case("Concat", f(2, 2, t=F16), f(2, 2, t=F16), axis=0)
case("Split", f(2, 7), i(2, 4, 1), axis=1, outputs=3); case("Split", f(7, 2), axis=0, num_outputs=3, outputs=3); case("Split", f(6, 2), axis=-2, num_outputs=2, outputs=2)
for s, e, ax, st in [([1], [3], [0], [1]), ([0, 1], [9, -1], [1, 2], [2, 1]), ([-1], [-9], [1], [-1]), ([-100], [100], [2], [3]), ([3], [1], [0], [1]), ([2], [-2**63], [1], [-2]), ([0], [2**63 - 1], [-1], [1])]:
    case("Slice", f(4, 5, 6), i(*s), i(*e), i(*ax), i(*st))
case("Slice", f(4, 5), i(1, 0), i(3, 2)); case("Slice", f(4, 5), i(1, t=np.int32), i(3, t=np.int32), i(1, t=np.int32))
for shape, to in [((2, 3, 4), (6, 4)), ((2, 3, 4), (0, -1)), ((2, 3, 4), (-1,)), ((2, 3, 4), (4, 0, -1)), ((0, 3), (3, 0)), ((1,), ())]:
    case("Reshape", f(*shape), i(*to))
case("Reshape", f(0, 3), i(3, 0), allowzero=1)
for ax in [0, 1, 2, 3, -1]:
    case("Flatten", f(2, 3, 4), axis=ax)
case("Transpose", f(2, 3, 4)); case("Transpose", f(2, 3, 4, 5), perm=[0, 2, 3, 1]); case("Transpose", B(3, 4), perm=[1, 0]); case("Transpose", f(1, 3, 2, 2, 4, t=F16), perm=[0, 1, 3, 4, 2])
case("Unsqueeze", f(2, 3), i(0, -1)); case("Unsqueeze", f(2, 3), i(1)); case("Squeeze", f(1, 3, 1), i(0)); case("Squeeze", f(1, 3, 1)); case("Squeeze", f(2, 1, 3), i(-2))
case("Expand", f(3, 1), i(2, 3, 4)); case("Expand", f(3, 4), i(1)); case("Expand", ints(1), i(2, 0))
case("Tile", f(2, 3), i(2, 3)); case("Tile", ints(2, 3), i(1, 0))
for mode in ["constant", "reflect", "edge", "wrap"]:
    case("Pad", f(3, 4), i(0, 2, 1, 1), mode=mode); case("Pad", f(1, 2, 4, 5), i(1, 2, 3, 0), None, i(2, -1), mode=mode)
case("Pad", f(3, 4), i(1, -1, 0, 2), np.float32(7.5)); case("Pad", f(5), i(-2, -1))
for mode in ["DCR", "CRD"]:
    case("DepthToSpace", f(1, 8, 2, 3), blocksize=2, mode=mode)
case("SpaceToDepth", f(2, 2, 4, 6), blocksize=2)
# Selection.
case("Gather", f(4, 5), i(0, -1, 2)); case("Gather", f(4, 5), ints(2, 3, low=-5, high=5), axis=1); case("Gather", ints(4), i(2).reshape(())); case("Gather", f(3, 4), np.zeros((0,), np.int64), axis=1)
case("GatherElements", f(3, 4), ints(2, 4, low=-3, high=3)); case("GatherElements", f(3, 4), ints(3, 2, low=0, high=4), axis=1)
case("GatherND", f(3, 4, 5), i(0, 1, 2, 3).reshape(2, 2)); case("GatherND", f(3, 4, 5), ints(3, 2, low=-3, high=3)); case("GatherND", f(2, 4, 5), ints(2, 3, 1, low=0, high=4), batch_dims=1); case("GatherND", ints(3, 4), i(-1, -1))
case("ScatterND", f(4, 3), i(0, 2).reshape(2, 1), f(2, 3)); case("ScatterND", f(4, 3), i(0, 2, 1, -1).reshape(2, 2), f(2)); case("ScatterND", f(4, 3), i(0, 0).reshape(2, 1), f(2, 3), reduction="add"); case("ScatterND", f(4, 3), i(0, 0).reshape(2, 1), f(2, 3), reduction="max")
case("ScatterElements", f(3, 4), ints(2, 4, low=-3, high=3), f(2, 4)); case("ScatterElements", f(3, 4), ints(3, 2, low=0, high=4), f(3, 2), axis=1, reduction="add"); case("ScatterElements", f(3, 4), i(0, 3, 1, 2).reshape(1, 4), f(1, 4), axis=1, reduction="mul")
case("TopK", f(3, 7), i(3), outputs=2); case("TopK", f(5, 3), i(2), axis=0, largest=0, outputs=2); case("TopK", ints(2, 9), i(4), outputs=2); case("TopK", f(2, 3), i(0), outputs=2)
boxes = f(2, 30, 4, low=0, high=10); boxes[..., 2:] = boxes[..., :2] + f(2, 30, 2, low=1, high=5)
scores = f(2, 3, 30, low=0, high=1)
case("NonMaxSuppression", boxes, scores, i(5), f(1, low=0.3, high=0.31), f(1, low=0.2, high=0.21)); case("NonMaxSuppression", boxes, scores, i(100), np.float32([0.5])); case("NonMaxSuppression", boxes, scores)
case("NonMaxSuppression", f(1, 20, 4, low=1, high=5), f(1, 1, 20, low=0, high=1), i(20), np.float32([0.4]), np.float32([0.1]), center_point_box=1)
case("NonZero", B(3, 4)); case("NonZero", ints(2, 3, 4, low=0, high=2)); case("NonZero", np.zeros((2, 2), np.float32))
# Generation.
case("Shape", f(2, 3, 4)); case("Shape", f(2, 3, 4), start=1); case("Shape", f(2, 3, 4), start=-2, end=-1); case("Shape", np.float32(1)); case("Size", f(2, 3, 4)); case("Size", f(0, 3))
for t, v in [(1, 2.5), (7, 3), (9, 1)]:
    case("ConstantOfShape", i(2, 3), value=helper.make_tensor("v", t, [1], [v]))
case("ConstantOfShape", i(2, 0)); case("ConstantOfShape", np.zeros((0,), np.int64))
for a, b, d in [(0, 10, 3), (10, 0, -3), (0, 0, 1), (5, 1, 1)]:
    case("Range", i(a).reshape(()), i(b).reshape(()), i(d).reshape(())); case("Range", np.float32(a), np.float32(b), np.float32(d))
for a in [f(6, low=-5, high=5), f(6, low=-5, high=5, t=F16), ints(6), ints(6, t=np.int32), B(6), f(6, low=0, high=9).astype(np.uint8)]:
    for t in [1, 10, 11, 6, 7, 9]:
        case("Cast", a, to=t)
case("CastLike", f(3), ints(1)); case("CastLike", ints(3), f(1, t=F16))
case("OneHot", ints(2, 3, low=-6, high=7), i(5), f(2)); case("OneHot", ints(4, low=0, high=3), i(3).reshape(()), i(7, 9), axis=0)
# Resize.
for ct in ["asymmetric", "half_pixel", "pytorch_half_pixel", "align_corners", "half_pixel_symmetric"]:
    for scales in [(1, 1, 2, 2), (1, 1, 1.5, 0.6)]:
        for nm in ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]:
            case("Resize", f(1, 2, 5, 4), None, np.float32(scales), mode="nearest", coordinate_transformation_mode=ct, nearest_mode=nm)
        case("Resize", f(1, 2, 5, 4), None, np.float32(scales), mode="linear", coordinate_transformation_mode=ct)
    case("Resize", f(1, 2, 5, 4), None, None, i(1, 2, 7, 9), mode="nearest", coordinate_transformation_mode=ct, nearest_mode="floor")
    case("Resize", f(1, 2, 5, 4), None, None, i(1, 2, 3, 1), mode="linear", coordinate_transformation_mode=ct)
case("Resize", f(1, 2, 5, 4), None, np.float32([2, 3]), mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor", axes=[2, 3])
# Reductions.
for op in ["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare"]:
    case(op, f(2, 3, 4), i(1)); case(op, f(2, 3, 4), i(0, -1), keepdims=0); case(op, f(2, 3, 4)); case(op, f(3), np.zeros((0,), np.int64), noop_with_empty_axes=1)
    case(op, ints(2, 3, low=-3, high=4, t=np.int32), i(1))
for op in ["ArgMax", "ArgMin"]:
    case(op, f(3, 4, 5), axis=1); case(op, ints(3, 9, low=0, high=3, t=np.int32), axis=-1, keepdims=0); case(op, ints(3, 9, low=0, high=3, t=np.int32), axis=1, select_last_index=1)
for op in ["Softmax", "LogSoftmax"]:
    case(op, f(2, 3, 4)); case(op, f(2, 3, 4, low=-50, high=50), axis=1); case(op, f(5, t=np.float64), axis=0)
for a in [{}, {"exclusive": 1}, {"reverse": 1}, {"exclusive": 1, "reverse": 1}]:
    case("CumSum", f(3, 4), i(1).reshape(()), **a)
case("CumSum", ints(3, 4), i(-2).reshape(()))
# Quantization.
for t, z in [(np.uint8, 128), (np.int8, -3), (np.int8, 0)]:
    case("QuantizeLinear", f(3, 8, low=-9, high=9), np.float32(0.05), t(z)); case("DequantizeLinear", R.integers(0, 100, (3, 8)).astype(t), np.float32(0.05), t(z))
    case("QuantizeLinear", f(2, 3, 4), f(3, low=0.01, high=0.1), np.full(3, z, t), axis=1); case("DequantizeLinear", R.integers(0, 100, (2, 3, 4)).astype(t), f(3, low=0.01, high=0.1), np.full(3, z, t), axis=1)
case("QuantizeLinear", f(3, 8), np.float32(0.02)); case("QuantizeLinear", np.float32([0.5, 1.5, 2.5, -0.5]), np.float32(1.0), np.uint8(10))
case("DequantizeLinear", ints(4, t=np.int32), np.float32(0.5))

with open(sys.argv[1], "w") as out:
    json.dump({"producer": f"onnxruntime {ort.__version__}", "cases": CASES}, out, separators=(",", ":"))
    out.write("\n")
print(len(CASES), "cases,", len({c["op"] for c in CASES}), "operators;", len(SKIPPED), "skipped:", *SKIPPED, sep="\n", file=sys.stderr)
