import Diagnostics
import Graphs
import Tensors

/// Resize and its forerunner Upsample.
///
/// Upsample 7 has scales as an attribute, 9 as an operand; Resize 10 has them as its second
/// operand and the same rule: asymmetric coordinates, rounded down. Resize 11 has the operands
/// of today; `roi` and `scales` may be left out since 13; `axes`, `antialias` and
/// `keep_aspect_ratio_policy` came with 18, `half_pixel_symmetric` with 19.
enum ResizeForms {
  static func liftUpsample(_ form: inout NodeForm, _ context: inout ImportContext) throws {
    if let scales = try Attributes(form.attributes).floats("scales") {
      form.attributes["scales"] = nil
      let tensor = try Tensor(scales, shape: [scales.count])
      form.setInput(1, try context.freshConstant(form.name + ".scales", tensor))
    }
    form.type = "Resize"
    try liftResize10(&form, &context)
  }

  static func liftResize10(_ form: inout NodeForm, _ context: inout ImportContext) throws {
    guard let scales = form.input(1) else {
      throw form.failure(.onnxOperandCount, "needs scales")
    }
    form.inputs = [form.inputs[0], "", scales]
    let mode = try Attributes(form.attributes).string("mode", default: "nearest")
    form.attributes["mode"] = .string(mode == "bilinear" ? "linear" : mode)
    form.attributes["coordinate_transformation_mode"] = .string("asymmetric")
    form.attributes["nearest_mode"] = .string("floor")
  }

  static func lower(_ form: inout NodeForm, _ context: inout ExportContext) throws {
    let attributes = Attributes(form.attributes)
    let rule = try attributes.string("coordinate_transformation_mode", default: "half_pixel")
    if rule == "half_pixel_symmetric" { throw context.tooOld(form, rule, needs: 19) }
    guard context.opset < 18 else { return }
    guard try attributes.int("antialias", default: 0) == 0 else {
      throw context.tooOld(form, "antialias", needs: 18)
    }
    guard try attributes.string("keep_aspect_ratio_policy", default: "stretch") == "stretch"
    else { throw context.tooOld(form, "keep_aspect_ratio_policy", needs: 18) }
    form.attributes["antialias"] = nil
    form.attributes["keep_aspect_ratio_policy"] = nil
    try expandAxes(&form, &context)
    guard context.opset < 13 else { return }
    // Opset 11 wants both operands, empty where they say nothing.
    for (index, name) in [(1, "roi"), (2, "scales")] where form.input(index) == nil {
      let empty = try Tensor([Float](), shape: [0])
      form.setInput(index, try context.freshConstant("\(form.name).\(name)", empty))
    }
  }

  private static func expandAxes(
    _ form: inout NodeForm,
    _ context: inout ExportContext
  ) throws {
    guard let axes = try form.takeInts("axes") else { return }
    guard let type = form.input(0).flatMap({ context.type(of: $0) }),
      form.input(3) == nil, let scales = try context.constant(form, 2)?.floats(),
      scales.count == axes.count
    else { throw context.tooOld(form, "axes", needs: 18) }
    var full = [Float](repeating: 1, count: type.rank)
    for (axis, scale) in zip(axes, scales) {
      let place = axis < 0 ? axis + type.rank : axis
      guard full.indices.contains(place) else {
        throw form.failure(.onnxUnsupportedForm, "has axis \(axis) of \(type.rank)")
      }
      full[place] = scale
    }
    let tensor = try Tensor(full, shape: [full.count])
    form.setInput(2, try context.freshConstant(form.name + ".scales", tensor))
  }
}
