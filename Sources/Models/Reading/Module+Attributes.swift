import Formats
import Tensors

extension Module {
  /// An integer attribute; nil where it is absent or of another kind.
  func optionalInt(_ name: String) -> Int? { record.attributes[name].flatMap(\.integer) }

  /// An integer attribute.
  /// - Throws: `model.incomplete-module`.
  func int(_ name: String) throws -> Int {
    guard let value = optionalInt(name) else { throw incomplete("attribute '\(name)'") }
    return value
  }

  /// A number; `fallback` where it is absent or of another kind.
  func float(_ name: String, default fallback: Double) -> Double {
    record.attributes[name].flatMap(\.number) ?? fallback
  }

  /// A truth value; `fallback` where it is absent or of another kind.
  func bool(_ name: String, default fallback: Bool) -> Bool {
    record.attributes[name].flatMap(\.integer).map { $0 != 0 } ?? fallback
  }

  /// A text; nil where it is absent or of another kind.
  func string(_ name: String) -> String? {
    guard case .string(let text)? = record.attributes[name] else { return nil }
    return text
  }

  /// Integers for height and width from one number or two; nil where absent.
  /// - Throws: `model.incomplete-module` where it is neither.
  func optionalPair(_ name: String) throws -> [Int]? {
    guard let value = record.attributes[name] else { return nil }
    if case .none = value { return nil }
    if let single = value.integer { return [single, single] }
    guard let list = value.integers, list.count == 2 || list.count == 1 else {
      throw incomplete("attribute '\(name)'")
    }
    return list.count == 2 ? list : [list[0], list[0]]
  }

  /// Integers for height and width from one number or two.
  /// - Throws: `model.incomplete-module`.
  func pair(_ name: String, default fallback: [Int]? = nil) throws -> [Int] {
    guard let value = try optionalPair(name) ?? fallback else {
      throw incomplete("attribute '\(name)'")
    }
    return value
  }
}

extension CheckpointValue {
  /// The value as an integer: from an int, a bool, a whole float or a tensor of one element.
  var integer: Int? {
    switch self {
    case .int(let value): return value
    case .bool(let value): return value ? 1 : 0
    case .float(let value): return Int(exactly: value)
    case .tensor(let tensor): return tensor.onlyElement.flatMap { Int(exactly: $0) }
    default: return nil
    }
  }

  /// The value as a number.
  var number: Double? {
    switch self {
    case .int(let value): Double(value)
    case .bool(let value): value ? 1 : 0
    case .float(let value): value
    case .tensor(let tensor): tensor.onlyElement
    default: nil
    }
  }

  /// The elements of a list, tuple or set.
  var elements: [CheckpointValue]? {
    switch self {
    case .list(let values), .tuple(let values), .set(let values): values
    default: nil
    }
  }

  /// A list or tuple of integers.
  var integers: [Int]? {
    guard let elements else { return nil }
    let values = elements.compactMap(\.integer)
    return values.count == elements.count ? values : nil
  }

  /// The entry of a dictionary under a text key.
  subscript(_ key: String) -> CheckpointValue? {
    guard case .dictionary(let pairs) = self else { return nil }
    return pairs.first { pair in
      if case .string(key) = pair.key { true } else { false }
    }?.value
  }
}

extension Tensor {
  fileprivate var onlyElement: Double? {
    guard shape.count == 1 else { return nil }
    return try? converted(to: .float64).scalars(of: Double.self).first
  }
}
