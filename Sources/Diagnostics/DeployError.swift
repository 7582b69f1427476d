/// The error every throwing function of the package throws.
public struct DeployError: Error, Sendable {
  /// At least one diagnostic; the first is the reason, the rest are notes.
  public let diagnostics: [Diagnostic]
  /// The error of the upstream stage that this one wraps.
  public let cause: (any Error)?

  /// Creates an error from one diagnostic of severity `error`, with optional notes.
  public init(
    _ id: Diagnostic.ID,
    _ message: String,
    at location: Diagnostic.Location? = nil,
    remedy: String? = nil,
    notes: [Diagnostic] = [],
    cause: (any Error)? = nil
  ) {
    diagnostics = [Diagnostic(.error, id, message, at: location, remedy: remedy)] + notes
    self.cause = cause
  }

  /// The kind of the first diagnostic.
  public var id: Diagnostic.ID { diagnostics[0].id }

  /// The chain from this error down to the first cause.
  public var chain: [DeployError] {
    guard let cause = cause as? DeployError else { return [self] }
    return [self] + cause.chain
  }

  /// The same error, said to lie in `path` where it names no file of its own.
  public func inFile(_ path: String) -> DeployError {
    var diagnostics = diagnostics
    switch diagnostics[0].location {
    case nil: diagnostics[0].location = .file(path: path)
    case .file("", let offset): diagnostics[0].location = .file(path: path, byteOffset: offset)
    default: return self
    }
    return DeployError(diagnostics: diagnostics, cause: cause)
  }

  /// Whether one picture's file, not the model or the machine, is at fault.
  public var isAboutPicture: Bool {
    let name = id.rawValue
    return name.hasPrefix("image.") && name != "image.codec-missing"
      || name.hasPrefix("file.") && name != "file.unwritable"
  }

  private init(diagnostics: [Diagnostic], cause: (any Error)?) {
    self.diagnostics = diagnostics
    self.cause = cause
  }
}

extension DeployError: CustomStringConvertible {
  /// The diagnostics, then the causes, one line each.
  public var description: String {
    let lines = diagnostics.map(\.description)
    guard let cause else { return lines.joined(separator: "\n") }
    return (lines + ["  because: \(cause)"]).joined(separator: "\n")
  }
}
