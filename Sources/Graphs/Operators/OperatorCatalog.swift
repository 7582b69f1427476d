/// The operators that the importer knows. Adding an operator is one file and one line here.
public struct OperatorCatalog: Sendable {
  private let types: [String: any Operator.Type]

  /// Creates a catalogue; of two operators of one name the later wins.
  public init(_ types: [any Operator.Type]) {
    self.types = Dictionary(types.map { ($0.name, $0) }) { _, later in later }
  }

  /// The operator of an ONNX `op_type`.
  public subscript(_ name: String) -> (any Operator.Type)? { types[name] }
  /// Every name, sorted.
  public var names: [String] { types.keys.sorted() }
}

extension OperatorCatalog {
  /// Every operator of this module.
  public static let standard = OperatorCatalog([
    Identity.self
  ])
}
