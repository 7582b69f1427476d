import Graphs
import Tensors

/// Clip: bounds as attributes until opset 10, as operands of the value's type since.
enum ClipForms {
  static func lift(_ form: inout NodeForm, _ context: inout ImportContext) throws {
    let attributes = Attributes(form.attributes)
    let type = form.input(0).flatMap { context.type(of: $0) }?.scalarType ?? .float32
    for (index, name) in ["min", "max"].enumerated() where attributes.has(name) {
      let bound = Tensor(scalar: try attributes.float(name, default: 0))
      form.attributes[name] = nil
      let constant = try context.freshConstant(
        "\(form.name).\(name)",
        bound.converted(to: type)
      )
      form.setInput(index + 1, constant)
    }
  }
}
