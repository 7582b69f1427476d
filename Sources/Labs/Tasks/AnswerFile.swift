import Diagnostics
import Files
import Formats
import FoundationEssentials
import Glibc
import Tensors

/// Reads and writes the files of the protocol between grader and program.
enum AnswerFile {
  private static let jsonLimit = 4 << 20

  /// An array that a program wrote; its type and shape are checked by the caller.
  /// - Throws: `answer.missing`, `answer.malformed`.
  static func array(_ folder: String, _ name: String) throws -> Tensor {
    try mended(name) { try NPYFile.read(path: folder + "/" + name) }
  }

  /// Numbers that a program wrote, of any floating-point or whole type.
  /// - Parameter shape: what it must be.
  static func floats(_ folder: String, _ name: String, shape: [Int]) throws -> [Float] {
    let tensor = try array(folder, name)
    guard tensor.shape.dimensions == shape else {
      throw malformed(name, "has shape \(tensor.shape), expected \(Shape(shape))")
    }
    return try mended(name) { try tensor.converted(to: .float32).scalars(of: Float.self) }
  }

  /// A JSON document that a program wrote.
  static func json<Value: Decodable>(
    _ type: Value.Type,
    _ folder: String,
    _ name: String
  ) throws -> Value {
    let bytes = try mended(name) {
      try MappedFile.contents(of: folder + "/" + name, limit: jsonLimit)
    }
    do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch {
      throw malformed(name, "is not the JSON that the protocol asks for: \(Self.words(error))")
    }
  }

  /// Writes a JSON document, keys sorted.
  static func write(_ value: some Encodable, _ folder: String, _ name: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    let path = folder + "/" + name
    guard let bytes = try? encoder.encode(value) else { throw malformed(name, "holds no number") }
    try AtomicFile.write(Array(bytes), to: path)
    chmod(path, 0o644)
  }

  static func write(_ tensor: Tensor, _ folder: String, _ name: String) throws {
    try NPYFile.write(tensor, to: folder + "/" + name)
    chmod(folder + "/" + name, 0o644)
  }

  static func malformed(_ name: String, _ what: String) -> DeployError {
    DeployError(.answerMalformed, "\(name) \(what)")
  }

  private static func mended<Result>(_ name: String, _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as DeployError {
      if error.id == .fileNotFound { throw DeployError(.answerMissing, "\(name) is not there") }
      throw malformed(name, error.diagnostics[0].message)
    }
  }

  private static func words(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    switch error {
    case .keyNotFound(let key, _): return "'\(key.stringValue)' is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      let path = context.codingPath.map(\.stringValue).joined(separator: ".")
      return "'\(path)' is of another kind"
    default: return "it cannot be read"
    }
  }
}
