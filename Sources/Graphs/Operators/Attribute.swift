public import Diagnostics
public import Tensors

/// An attribute value as ONNX stores it.
public enum Attribute: Sendable, Hashable {
  case int(Int64)
  case ints([Int64])
  case float(Float)
  case floats([Float])
  case string(String)
  case strings([String])
  case tensor(Tensor)
}

extension Attribute: CustomStringConvertible {
  /// The value in short; tensors by their type.
  public var description: String {
    switch self {
    case .int(let value): "\(value)"
    case .ints(let values): "\(values)"
    case .float(let value): "\(value)"
    case .floats(let values): "\(values)"
    case .string(let value): "\"\(value)\""
    case .strings(let values): "\(values)"
    case .tensor(let tensor): "\(TensorType(tensor.scalarType, tensor.shape))"
    }
  }
}

/// A node's attributes, read with a default and a type check.
public struct Attributes: Sendable {
  private let values: [String: Attribute]
  /// Wraps attributes by name.
  public init(_ values: [String: Attribute] = [:]) { self.values = values }

  /// Whether the attribute is given.
  public func has(_ name: String) -> Bool { values[name] != nil }

  /// An integer, or nil where it is not given.
  /// - Throws: `graph.invalid-attribute` when it has another type, as do all of these.
  public func int(_ name: String) throws -> Int? {
    switch values[name] {
    case nil: return nil
    case .int(let value): return Int(value)
    case let other?: throw mismatch(name, "an integer", other)
    }
  }
  /// An integer, or `fallback`.
  public func int(_ name: String, default fallback: Int) throws -> Int {
    try int(name) ?? fallback
  }
  /// A list of integers, or nil.
  public func ints(_ name: String) throws -> [Int]? {
    switch values[name] {
    case nil: return nil
    case .ints(let values): return values.map(Int.init)
    // Empty lists carry no type in some files.
    case .floats(let values) where values.isEmpty: return []
    case let other?: throw mismatch(name, "a list of integers", other)
    }
  }
  /// A number, or `fallback`.
  public func float(_ name: String, default fallback: Float) throws -> Float {
    switch values[name] {
    case nil: return fallback
    case .float(let value): return value
    case let other?: throw mismatch(name, "a number", other)
    }
  }
  /// A list of numbers, or nil.
  public func floats(_ name: String) throws -> [Float]? {
    switch values[name] {
    case nil: return nil
    case .floats(let values): return values
    case .ints(let values) where values.isEmpty: return []
    case let other?: throw mismatch(name, "a list of numbers", other)
    }
  }
  /// A text, or `fallback`.
  public func string(_ name: String, default fallback: String) throws -> String {
    switch values[name] {
    case nil: return fallback
    case .string(let value): return value
    case let other?: throw mismatch(name, "a text", other)
    }
  }
  /// A tensor, or nil.
  public func tensor(_ name: String) throws -> Tensor? {
    switch values[name] {
    case nil: return nil
    case .tensor(let value): return value
    case let other?: throw mismatch(name, "a tensor", other)
    }
  }

  private func mismatch(_ name: String, _ expected: String, _ actual: Attribute) -> DeployError {
    DeployError(
      .graphInvalidAttribute,
      "attribute '\(name)' must be \(expected), not \(actual)"
    )
  }
}

extension Diagnostic.ID {
  /// An attribute of the wrong type or out of range.
  public static let graphInvalidAttribute: Self = "graph.invalid-attribute"
  /// An operand of the wrong type, rank or shape.
  public static let graphInvalidOperand: Self = "graph.invalid-operand"
}
