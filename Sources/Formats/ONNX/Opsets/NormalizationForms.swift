import Diagnostics
import Graphs
import Tensors

/// GroupNormalization scales per group until opset 20 and per channel since; LayerNormalization
/// came with opset 17.
enum NormalizationForms {
  static func liftGroup(_ form: inout NodeForm, _ context: inout ImportContext) throws {
    let groups = try Attributes(form.attributes).int("num_groups", default: 1)
    guard let input = form.input(0), let type = context.type(of: input), type.rank > 1,
      let channels = type.dimensions[1].value, groups > 0, channels % groups == 0
    else { throw form.failure(.onnxUnsupportedForm, "has an unknown number of channels") }
    for index in 1...2 {
      guard let name = form.input(index), let scale = context.constant(name),
        scale.shape == Shape([groups]), scale.scalarType == .float32
      else { throw form.failure(.onnxUnsupportedForm, "has scales that are not constant") }
      let values = try scale.floats().flatMap { [Float](repeating: $0, count: channels / groups) }
      let tensor = try Tensor(values, shape: [channels])
      form.setInput(index, try context.freshConstant(name + ".channels", tensor))
    }
  }

  /// (x − mean) / √(variance + ε) · scale + bias over the axes from `axis` to the last.
  /// Source: ONNX LayerNormalization, opset 17.
  static func lowerLayer(_ form: inout NodeForm, _ context: inout ExportContext) throws {
    let attributes = Attributes(form.attributes)
    guard let x = form.input(0), let scale = form.input(1), let type = context.type(of: x),
      form.outputs.count == 1
    else { throw context.tooOld(form, "with more than one result", needs: 17) }
    let stated = try attributes.int("axis", default: -1)
    let first = stated < 0 ? stated + type.rank : stated
    guard (0..<type.rank).contains(first) else {
      throw form.failure(.onnxInvalidAttribute, "has axis \(stated) of \(type.rank)")
    }
    let axes: [String: Attribute] = ["axes": .ints((first..<type.rank).map(Int64.init))]
    let epsilon = Tensor(scalar: try attributes.float("epsilon", default: 1e-5))
    let small = try context.freshConstant(
      form.name + ".epsilon",
      epsilon.converted(to: type.scalarType)
    )
    func node(_ type: String, _ inputs: [String], _ name: String) -> String {
      let given = type == "ReduceMean" ? axes : [:]
      return context.freshNode(type, inputs, given, named: form.name + "." + name)
    }
    let centred = node("Sub", [x, node("ReduceMean", [x], "mean")], "centred")
    let variance = node("ReduceMean", [node("Mul", [centred, centred], "squared")], "variance")
    let deviation = node("Sqrt", [node("Add", [variance, small], "positive")], "deviation")
    let normal = node("Div", [centred, deviation], "normal")
    form.attributes = [:]
    if let bias = form.input(2) {
      form.inputs = [node("Mul", [normal, scale], "scaled"), bias]
      form.type = "Add"
    } else {
      form.inputs = [normal, scale]
      form.type = "Mul"
    }
  }
}
