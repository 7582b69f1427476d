/// One thing worth telling a person: what happened, where, and how to fix it.
public struct Diagnostic: Sendable, Hashable, Codable {
  /// How much the reader should care.
  public enum Severity: String, Sendable, Hashable, Codable {
    case note
    case warning
    case error
  }

  /// A stable name for the kind of diagnostic, for example `onnx.unsupported-operator`.
  /// Tests match on it; the message may change freely.
  public struct ID: Sendable, Hashable, RawRepresentable, ExpressibleByStringLiteral {
    /// `area.kebab-problem`.
    public let rawValue: String
    /// Creates an identifier from its text.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// Creates an identifier from a literal.
    public init(stringLiteral value: String) { self.init(rawValue: value) }
  }

  /// Where the problem is.
  public enum Location: Sendable, Hashable, Codable {
    case file(path: String, byteOffset: Int? = nil)
    /// A module path inside a checkpoint, such as `model.24.m.1`.
    case module(String)
    case node(String)
    case value(String)
    case option(String)
  }

  /// How much the reader should care.
  public var severity: Severity
  /// The kind of problem.
  public var id: ID
  /// Starts with a lower-case letter, has no final full stop, names the actual values.
  public var message: String
  /// Where the problem is, if it has a place.
  public var location: Location?
  /// What the reader can do next, as an instruction.
  public var remedy: String?

  /// Creates a diagnostic.
  public init(
    _ severity: Severity,
    _ id: ID,
    _ message: String,
    at location: Location? = nil,
    remedy: String? = nil
  ) {
    self.severity = severity
    self.id = id
    self.message = Self.shortened(message)
    self.location = location
    self.remedy = remedy
  }
}

extension Diagnostic {
  /// Messages quote what they found, and what they found may be a file of megabytes.
  private static func shortened(_ text: String) -> String {
    let limit = 2000
    guard text.utf8.count > limit else { return text }
    return String(text.unicodeScalars.prefix(limit)) + " …"
  }
}

extension Diagnostic: CustomStringConvertible {
  /// `error[area.problem]: path: message`, then the remedy on a line of its own.
  public var description: String {
    let place = location.map { "\($0): " } ?? ""
    let advice = remedy.map { "\n  try: \($0)" } ?? ""
    return "\(severity.rawValue)[\(id.rawValue)]: \(place)\(message)\(advice)"
  }
}

extension Diagnostic.Location: CustomStringConvertible {
  /// The place in words, as it stands in a message.
  public var description: String {
    switch self {
    case .file(let path, let offset?): "\(path) (byte \(offset))"
    case .file(let path, nil): path
    case .module(let path): "module '\(path)'"
    case .node(let name): "node '\(name)'"
    case .value(let name): "value '\(name)'"
    case .option(let name): "option \(name)"
    }
  }
}

extension Diagnostic.ID: Codable {
  /// Reads the plain text form.
  public init(from decoder: any Decoder) throws {
    self.init(rawValue: try decoder.singleValueContainer().decode(String.self))
  }
  /// Writes the plain text form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}
