import Graphs

/// BatchNormalization: `spatial` until opset 8; results for training until opset 13, a training
/// mode since.
enum BatchNormalizationForms {
  static func lift(_ form: inout NodeForm, _ context: inout ImportContext) throws {
    if let spatial = try form.takeInt("spatial"), spatial != 1 {
      throw form.failure(.onnxUnsupportedForm, "with spatial = \(spatial) is not supported")
    }
    if let training = try form.takeInt("training_mode"), training != 0 {
      throw form.failure(
        .onnxUnsupportedForm,
        "is in training mode",
        remedy: "export the model for inference"
      )
    }
    form.outputs = Array(form.outputs.prefix(1))
  }

  static func lower(_ form: inout NodeForm, _ context: inout ExportContext) throws {
    form.attributes["training_mode"] = nil
  }
}
