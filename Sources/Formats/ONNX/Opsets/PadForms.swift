import Diagnostics
import Graphs
import Tensors

/// Pad: `pads` and `value` are attributes until opset 10 and operands since; `axes` came with
/// opset 18, the mode `wrap` with opset 19.
enum PadForms {
  static func lift(_ form: inout NodeForm, _ context: inout ImportContext) throws {
    guard let pads = try form.takeInts("pads") else {
      throw form.failure(.onnxInvalidAttribute, "needs the attribute pads")
    }
    form.setInput(1, try context.freshIntegers(form.name + ".pads", pads))
    guard Attributes(form.attributes).has("value") else { return }
    let value = Tensor(scalar: try Attributes(form.attributes).float("value", default: 0))
    form.attributes["value"] = nil
    let type = form.input(0).flatMap { context.type(of: $0) }?.scalarType ?? .float32
    let constant = try context.freshConstant(form.name + ".value", value.converted(to: type))
    form.setInput(2, constant)
  }

  static func lower(_ form: inout NodeForm, _ context: inout ExportContext) throws {
    if try Attributes(form.attributes).string("mode", default: "constant") == "wrap" {
      throw context.tooOld(form, "the mode wrap", needs: 19)
    }
    guard form.input(3) != nil else { return form.dropInputs(from: 3) }
    guard let rank = form.input(0).flatMap({ context.type(of: $0) })?.rank else {
      throw context.tooOld(form, "axes", needs: 18)
    }
    let axes = try context.integers(form, 3, "axes")
    let pads = try context.integers(form, 1, "pads")
    guard pads.count == 2 * axes.count else {
      throw form.failure(.onnxUnsupportedForm, "has \(pads.count) pads for \(axes.count) axes")
    }
    var full = [Int](repeating: 0, count: 2 * rank)
    for (index, axis) in axes.enumerated() {
      let place = axis < 0 ? axis + rank : axis
      guard (0..<rank).contains(place) else {
        throw form.failure(.onnxUnsupportedForm, "has axis \(axis) of \(rank)")
      }
      full[place] = pads[index]
      full[rank + place] = pads[axes.count + index]
    }
    form.setInput(1, try context.freshIntegers(form.name + ".pads", full))
    form.dropInputs(from: 3)
  }
}
