public import Diagnostics
public import Graphs
public import Tensors

extension PlanInfo {
  /// The type of an input, if it accepts a shape: what every session checks alike.
  /// - Throws: `backend.unknown-binding`, `backend.shape-mismatch`.
  public func inputType(_ name: String, accepting shape: Shape) throws -> TensorType {
    guard let input = inputs.first(where: { $0.name == name }) else {
      throw DeployError(
        .backendUnknownBinding,
        "no input is called '\(name)'",
        remedy: "use one of: \(inputs.map(\.name).joined(separator: ", "))"
      )
    }
    let scalarType = input.type.scalarType
    let byteCount = Shape.checkedCount(shape.dimensions + [scalarType.byteCount])
    guard byteCount != nil, TensorType(scalarType, shape).isCompatible(with: input.type) else {
      throw DeployError(
        .backendShapeMismatch,
        "input '\(name)' is \(input.type), which shape \(shape) does not fit",
        remedy: "prepare the input as the network was made for it"
      )
    }
    return input.type
  }

  /// The error of a run before an input was given.
  public static func unbound(_ input: Binding) -> DeployError {
    DeployError(
      .backendUnknownBinding,
      "input '\(input.name)' was never bound",
      remedy: "give a tensor of type \(input.type)"
    )
  }

  /// The error of asking for an output that does not exist or was not written.
  public func noOutput(_ name: String) -> DeployError {
    let exists = outputs.contains { $0.name == name }
    return DeployError(
      .backendUnknownBinding,
      exists ? "output '\(name)' was not written yet" : "no output is called '\(name)'",
      remedy: exists
        ? "run the session first"
        : "use one of: \(outputs.map(\.name).joined(separator: ", "))"
    )
  }
}
