public import Diagnostics
import Files

/// JSON from TensorRT, read with errors of its own.
enum EngineText {
  static func parse<Value>(
    _ path: String,
    limit: Int,
    _ body: (UnsafeRawBufferPointer) throws -> Value
  ) throws -> Value {
    let file = try MappedFile(path: path)
    do {
      guard file.count <= limit else {
        throw malformed("has \(file.count) bytes, more than the \(limit) that are read")
      }
      return try withExtendedLifetime(file) { try body(file.bytes) }
    } catch let error as DeployError {
      throw error.inFile(path)
    }
  }

  static func json(_ bytes: UnsafeRawBufferPointer) throws -> JSONText {
    do { return try JSONText.parse(bytes) } catch let error as DeployError {
      throw malformed("is no JSON: \(error.diagnostics.first?.message ?? "")")
    }
  }

  static func malformed(_ message: String, remedy: String? = nil) -> DeployError {
    DeployError(.tensorRTMalformed, message, remedy: remedy ?? "export it with trtexec again")
  }
}

extension JSONText {
  var text: String? { if case .string(let value) = self { value } else { nil } }
  var elements: [JSONText]? { if case .array(let value) = self { value } else { nil } }
  var integer: Int? { if case .integer(let value) = self { value } else { nil } }
  var decimal: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }
}

extension Diagnostic.ID {
  /// An export of TensorRT that is not what it should be.
  public static let tensorRTMalformed: Self = "tensorrt.malformed"
}
