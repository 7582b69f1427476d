import Diagnostics
import Graphs
import Tensors

/// The contents of a Constant node. Source: ONNX Constant, opsets 1 to 21.
enum ConstantNode {
  static func tensor(_ form: NodeForm) throws -> Tensor {
    guard form.attributes.count == 1, let (name, value) = form.attributes.first else {
      throw form.failure(
        .onnxInvalidAttribute,
        "must have one value, not \(form.attributes.count)"
      )
    }
    switch (name, value) {
    case ("value", .tensor(let tensor)): return tensor
    case ("value_int", .int(let value)): return Tensor(scalar: value)
    case ("value_float", .float(let value)): return Tensor(scalar: value)
    case ("value_ints", .ints(let values)): return try Tensor(values, shape: [values.count])
    case ("value_floats", .floats(let values)): return try Tensor(values, shape: [values.count])
    default:
      throw form.failure(.onnxUnsupportedType, "holds an unsupported '\(name)'")
    }
  }
}
