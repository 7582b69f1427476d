import Graphs

/// What one class of modules does, as nodes.
protocol ModuleKind: Sendable {
  /// The class names without their package, such as `Conv`.
  static var names: [String] { get }
  /// The submodules that the class may have; nil where any are fine. Another one means that
  /// someone changed the class, so that the file does something else than is built here.
  static var submodules: Set<String>? { get }
  /// Appends the nodes.
  static func lower(
    _ module: Module,
    _ inputs: [ValueID],
    in network: inout NetworkBuilder
  ) throws -> ValueID
}

extension ModuleKind {
  /// None.
  static var submodules: Set<String>? { [] }
}

extension Array where Element == ValueID {
  /// The input of a module that takes one.
  /// - Throws: `model.incomplete-module` where there are more or none.
  func single(of module: Module) throws -> ValueID {
    guard count == 1 else { throw module.incomplete("single input: it is given \(count)") }
    return self[0]
  }
}
