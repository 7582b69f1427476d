/// A graph-to-graph transformation that keeps the network's meaning.
public protocol Pass: Sendable {
  /// Kebab-case verb phrase; it names the golden file, the option and the report row.
  var name: String { get }
  /// Whether the element types of the graph's inputs and outputs may change.
  var changesInterface: Bool { get }
  /// Edits the graph until nothing is left to do. A second run changes nothing.
  func run(on editor: inout GraphEditor) throws
}

extension Pass {
  /// Nearly every pass keeps the inputs and outputs as they are.
  public var changesInterface: Bool { false }
}
