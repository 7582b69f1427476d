import Diagnostics
import Graphs

/// Split: sizes are an attribute until opset 12 and an operand since; equal parts are asked for
/// by leaving both out until opset 17, and by `num_outputs` since.
enum SplitForms {
  static func lift(_ form: inout NodeForm, _ context: inout ImportContext) throws {
    if let sizes = try form.takeInts("split") {
      form.setInput(1, try context.freshIntegers(form.name + ".split", sizes))
    } else if form.input(1) == nil {
      form.attributes["num_outputs"] = .int(Int64(form.outputs.count))
    }
  }

  static func lower(_ form: inout NodeForm, _ context: inout ExportContext) throws {
    guard context.opset < 18 else {
      let isEqual = form.input(1) == nil
      form.attributes["num_outputs"] = isEqual ? .int(Int64(form.outputs.count)) : nil
      return
    }
    form.attributes["num_outputs"] = nil
    guard form.input(1) == nil else {
      guard context.opset < 13 else { return }
      let sizes = try context.integers(form, 1, "split")
      form.attributes["split"] = .ints(sizes.map(Int64.init))
      return form.dropInputs(from: 1)
    }
    form.dropInputs(from: 1)
    let sizes = try unequalSizes(form, context)
    guard !sizes.isEmpty else { return }
    if context.opset < 13 {
      form.attributes["split"] = .ints(sizes.map(Int64.init))
    } else {
      form.setInput(1, try context.freshIntegers(form.name + ".split", sizes))
    }
  }

  /// The sizes where the last part is smaller, which old forms must state; otherwise empty.
  private static func unequalSizes(
    _ form: NodeForm,
    _ context: borrowing ExportContext
  ) throws -> [Int] {
    guard let type = form.input(0).flatMap({ context.type(of: $0) }) else { return [] }
    let stated = try Attributes(form.attributes).int("axis", default: 0)
    let axis = stated < 0 ? stated + type.rank : stated
    let count = form.outputs.count
    guard type.dimensions.indices.contains(axis), let extent = type.dimensions[axis].value,
      count > 0, extent % count != 0
    else { return [] }
    let size = (extent + count - 1) / count
    return (0..<count).map { max(0, min(size, extent - $0 * size)) }
  }
}
