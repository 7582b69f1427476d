import Graphs
import Tensors

/// Activations that older operator sets, or all of them, write as several nodes.
enum ActivationForms {
  /// x · sigmoid(x): no operator set up to 23 has it.
  static func lowerSiLU(_ form: inout NodeForm, _ context: inout ExportContext) throws {
    let x = form.inputs[0]
    let gate = context.freshNode("Sigmoid", [x], named: form.name + ".sigmoid")
    form.type = "Mul"
    form.attributes = [:]
    form.inputs = [x, gate]
  }

  /// x · max(0, min(1, x / 6 + 0.5)). Source: ONNX HardSwish, opset 14.
  static func lowerHardSwish(_ form: inout NodeForm, _ context: inout ExportContext) throws {
    let x = form.inputs[0]
    let slope: [String: Attribute] = ["alpha": .float(1 / 6), "beta": .float(0.5)]
    let gate = context.freshNode("HardSigmoid", [x], slope, named: form.name + ".gate")
    form.type = "Mul"
    form.attributes = [:]
    form.inputs = [x, gate]
  }

  /// x · tanh(softplus(x)). Source: ONNX Mish, opset 18.
  static func lowerMish(_ form: inout NodeForm, _ context: inout ExportContext) throws {
    let x = form.inputs[0]
    let soft = context.freshNode("Softplus", [x], named: form.name + ".softplus")
    let gate = context.freshNode("Tanh", [soft], named: form.name + ".tanh")
    form.type = "Mul"
    form.attributes = [:]
    form.inputs = [x, gate]
  }

  /// x / 2 · (1 + erf(x / √2)), or with tanh(√(2/π) · (x + 0.044715 x³)) instead of erf.
  /// Source: ONNX Gelu, opset 20.
  static func lowerGelu(_ form: inout NodeForm, _ context: inout ExportContext) throws {
    let x = form.inputs[0]
    let name = form.name
    let type = context.type(of: x)?.scalarType ?? .float32
    func number(_ value: Float, _ what: String) throws -> String {
      try context.freshConstant("\(name).\(what)", Tensor(scalar: value).converted(to: type))
    }
    func node(_ type: String, _ inputs: [String], _ what: String) -> String {
      context.freshNode(type, inputs, named: "\(name).\(what)")
    }
    let approximate = try Attributes(form.attributes).string("approximate", default: "none")
    let bend: String
    if approximate == "tanh" {
      let cube = node("Mul", [node("Mul", [x, x], "square"), x], "cube")
      let term = node("Mul", [cube, try number(0.044715, "cubic")], "term")
      let sum = node("Add", [x, term], "sum")
      let scaled = node("Mul", [sum, try number(0.797_884_56, "scale")], "scaled")
      bend = node("Tanh", [scaled], "tanh")
    } else {
      let scaled = node("Mul", [x, try number(0.707_106_77, "scale")], "scaled")
      bend = node("Erf", [scaled], "erf")
    }
    let gate = node("Add", [bend, try number(1, "one")], "gate")
    let half = node("Mul", [x, try number(0.5, "half")], "halved")
    form.type = "Mul"
    form.attributes = [:]
    form.inputs = [half, gate]
  }
}
