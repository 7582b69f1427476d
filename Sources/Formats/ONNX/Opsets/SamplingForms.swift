import Graphs

/// RoiAlign got its coordinate rule as an attribute in opset 16; GridSample renamed its modes
/// in opset 20.
enum SamplingForms {
  private static let modeNames = ["bilinear": "linear", "bicubic": "cubic"]

  static func liftRoiAlign(_ form: inout NodeForm, _ context: inout ImportContext) throws {
    form.attributes["coordinate_transformation_mode"] = .string("output_half_pixel")
  }

  static func lowerRoiAlign(_ form: inout NodeForm, _ context: inout ExportContext) throws {
    let key = "coordinate_transformation_mode"
    let mode = try Attributes(form.attributes).string(key, default: "half_pixel")
    guard mode == "output_half_pixel" else {
      throw context.tooOld(form, "the coordinate rule \(mode)", needs: 16)
    }
    form.attributes[key] = nil
  }

  static func liftGridSample(_ form: inout NodeForm, _ context: inout ImportContext) throws {
    let mode = try Attributes(form.attributes).string("mode", default: "bilinear")
    form.attributes["mode"] = .string(modeNames[mode] ?? mode)
  }

  static func lowerGridSample(_ form: inout NodeForm, _ context: inout ExportContext) throws {
    let mode = try Attributes(form.attributes).string("mode", default: "linear")
    let old = modeNames.first { $0.value == mode }?.key ?? mode
    form.attributes["mode"] = .string(old)
  }
}
