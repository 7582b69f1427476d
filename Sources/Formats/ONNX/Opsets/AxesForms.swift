import Diagnostics
import Graphs
import Tensors

/// Axes: an attribute until opset 12 (Squeeze, Unsqueeze, ReduceSum) or 17 (other reductions),
/// the second operand since.
enum AxesForms {
  /// The reductions that changed in opset 18.
  static let reductions = [
    "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean",
    "ReduceMin", "ReduceProd", "ReduceSumSquare",
  ]

  static func lift(_ form: inout NodeForm, _ context: inout ImportContext) throws {
    guard let axes = try form.takeInts("axes") else { return }
    form.setInput(1, try context.freshIntegers(form.name + ".axes", axes))
  }

  static func lower(_ form: inout NodeForm, _ context: inout ExportContext) throws {
    if let flag = try form.takeInt("noop_with_empty_axes"), flag != 0, form.input(1) == nil {
      form.type = "Identity"
      form.attributes = [:]
      return form.dropInputs(from: 1)
    }
    guard form.input(1) != nil else { return form.dropInputs(from: 1) }
    let axes = try context.integers(form, 1, "axes")
    if !axes.isEmpty { form.attributes["axes"] = .ints(axes.map(Int64.init)) }
    form.dropInputs(from: 1)
  }
}
