import Graphs
import Tensors

/// Dropout when nothing is trained: its operand, unchanged.
enum DropoutForms {
  static func lift(_ form: inout NodeForm, _ context: inout ImportContext) throws {
    if let mode = form.input(2) {
      guard let flag = context.constant(mode), try flag.integers().allSatisfy({ $0 == 0 }) else {
        throw form.failure(
          .onnxUnsupportedForm,
          "may be in training mode",
          remedy: "export the model for inference"
        )
      }
    }
    // A mask that is read later is then reported as a value that nobody writes.
    form.type = "Identity"
    form.attributes = [:]
    form.dropInputs(from: 1)
    form.outputs = Array(form.outputs.prefix(1))
  }
}
