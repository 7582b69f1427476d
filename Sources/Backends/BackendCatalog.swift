import Diagnostics

/// The backends that a program was put together with, by name.
public struct BackendCatalog: Sendable {
  /// Every backend, in the order of preference.
  public let all: [any Backend]

  /// Creates a catalogue, the most preferred backend first.
  public init(_ backends: [any Backend]) { all = backends }

  /// The names, in the order of preference.
  public var names: [String] { all.map { type(of: $0).name } }

  /// The backends that can be used on this machine, in the order of preference. Opens their
  /// libraries.
  public func available() -> [any Backend] {
    all.filter { backend in
      if case .available = backend.availability() { true } else { false }
    }
  }

  /// The backend of that name, available or not.
  /// - Throws: `backend.unknown`, with the names that exist.
  public func backend(named name: String) throws -> any Backend {
    if let backend = all.first(where: { type(of: $0).name == name }) { return backend }
    throw DeployError(
      .backendUnknown,
      "no backend is called '\(name)'",
      at: .option("--backend"),
      remedy: "use one of: \(names.joined(separator: ", "))"
    )
  }
}
