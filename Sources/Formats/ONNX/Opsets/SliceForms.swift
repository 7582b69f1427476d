import Graphs

/// Slice: attributes until opset 9, operands since. Export starts at opset 12.
enum SliceForms {
  static func lift(_ form: inout NodeForm, _ context: inout ImportContext) throws {
    guard let starts = try form.takeInts("starts"), let ends = try form.takeInts("ends") else {
      throw form.failure(.onnxInvalidAttribute, "needs the attributes starts and ends")
    }
    form.setInput(1, try context.freshIntegers(form.name + ".starts", starts))
    form.setInput(2, try context.freshIntegers(form.name + ".ends", ends))
    if let axes = try form.takeInts("axes") {
      form.setInput(3, try context.freshIntegers(form.name + ".axes", axes))
    }
  }
}
