import Graphs

/// TopK: `k` is an attribute until opset 9, an operand since.
enum TopKForms {
  static func lift(_ form: inout NodeForm, _ context: inout ImportContext) throws {
    guard let count = try form.takeInt("k") else {
      throw form.failure(.onnxInvalidAttribute, "needs the attribute k")
    }
    form.setInput(1, try context.freshIntegers(form.name + ".k", [count]))
  }
}
