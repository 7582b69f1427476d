import Diagnostics
import Graphs
import Tensors

/// Softmax, LogSoftmax, Hardmax: until opset 12 the operand is seen as a matrix, cut at `axis`
/// (1 by default); since opset 13 one axis (the last by default) is normalised.
enum SoftmaxForms {
  static func lift(_ form: inout NodeForm, _ context: inout ImportContext) throws {
    let stated = try form.takeInt("axis") ?? 1
    guard let input = form.input(0), let type = context.type(of: input) else {
      throw form.failure(.onnxOperandCount, "needs an operand")
    }
    let axis = stated < 0 ? stated + type.rank : stated
    guard (0...type.rank).contains(axis) else {
      throw form.failure(.onnxInvalidAttribute, "has axis \(stated) of \(type.rank)")
    }
    form.attributes["axis"] = .int(-1)
    guard axis != type.rank - 1 else { return }
    let matrix = try context.freshNode(
      "Flatten",
      [input],
      ["axis": .int(Int64(axis))],
      named: form.name + ".matrix"
    )
    let result = try context.freshNode(
      form.type,
      [matrix],
      ["axis": .int(-1)],
      named: form.name + ".rows"
    )
    let shape: String
    if let known = type.shape {
      shape = try context.freshIntegers(form.name + ".shape", known.dimensions)
    } else {
      shape = try context.freshNode("Shape", [input], named: form.name + ".shape")
    }
    form.type = "Reshape"
    form.attributes = [:]
    form.inputs = [result, shape]
  }

  /// Turns the normalised axis to the end and back, where it is not the last.
  static func lower(_ form: inout NodeForm, _ context: inout ExportContext) throws {
    let stated = try form.takeInt("axis") ?? -1
    guard let input = form.input(0), let rank = context.type(of: input)?.rank else {
      throw form.failure(.onnxOperandCount, "needs an operand")
    }
    let axis = stated < 0 ? stated + rank : stated
    guard axis != rank - 1, (0..<rank).contains(axis) else {
      form.attributes["axis"] = .int(Int64(rank - 1))
      return
    }
    var order = Array(0..<rank)
    order.swapAt(axis, rank - 1)
    let permutation: [String: Attribute] = ["perm": .ints(order.map(Int64.init))]
    let turned = context.freshNode("Transpose", [input], permutation, named: form.name + ".turned")
    let result = context.freshNode(
      form.type,
      [turned],
      ["axis": .int(Int64(rank - 1))],
      named: form.name + ".last"
    )
    form.type = "Transpose"
    form.attributes = permutation
    form.inputs = [result]
  }
}
