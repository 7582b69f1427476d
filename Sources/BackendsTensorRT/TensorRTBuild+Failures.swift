import Backends
import CTensorRT
import Diagnostics
import Graphs

extension TensorRTBuild {
  /// What the parser refused, at the node that it names.
  func parsingFailure(_ parser: TensorRTParser) -> DeployError {
    let count = vtTrtParserErrorCount(library.table, parser.pointer)
    let errors = (0..<count).map { vtTrtParserError(library.table, parser.pointer, $0) }
    let text = { (pointer: UnsafePointer<CChar>?) in pointer.map { String(cString: $0) } ?? "" }
    guard let first = errors.first else {
      return library.failure("read the network")
    }
    let words = text(first.text)
    let node = node(named: text(first.name)) ?? nodeWritten(at: Int(first.node))
    let kind = node.map { type(of: $0.op).name } ?? text(first.op)
    return DeployError(
      .backendFailed,
      "\(library.flavor.rawValue) refuses \(kind.isEmpty ? "the network" : kind): "
        + TensorRTLog.essence(words),
      at: node.map { .node($0.name) },
      remedy: TensorRTRemedy.advice(for: words + " " + (library.log.errors ?? ""))
        ?? "write the operator in another way, or run this network with another backend",
      notes: node.map(Self.notes) ?? []
    )
  }

  /// Why no engine was made, at the last node that the words name.
  /// - Parameter recorded: what the builder reported.
  func buildingFailure(_ recorded: String?) -> DeployError {
    // The log says more than the record where it says something: it names layers.
    let words = library.log.errors ?? recorded ?? "it gives no reason"
    let named = graph.nodes.filter { !$0.name.isEmpty && Self.names($0.name, in: words) }
    let node = named.max { $0.name.utf8.count < $1.name.utf8.count }
    return DeployError(
      .backendFailed,
      "\(library.flavor.rawValue) made no engine: \(words)",
      at: node.map { .node($0.name) },
      remedy: TensorRTRemedy.advice(for: words),
      notes: node.map(Self.notes) ?? []
    )
  }

  private func node(named name: String) -> Node? {
    name.isEmpty ? nil : graph.nodes.first { $0.name == name }
  }

  /// The parser counts the nodes of the file, which are those of the graph where every one was
  /// written as one node.
  private func nodeWritten(at index: Int) -> Node? {
    graph.nodes.indices.contains(index) ? graph.nodes[index] : nil
  }

  /// Whether a text holds a name that is not the beginning of a longer one.
  static func names(_ name: String, in text: String) -> Bool {
    let (hay, needle) = (Array(text.utf8), Array(name.utf8))
    guard hay.count >= needle.count else { return false }
    let isPart = { (byte: UInt8) in
      byte == 0x5F || byte == 0x2F || byte == 0x2E || (0x30...0x39).contains(byte)
        || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
    return (0...(hay.count - needle.count)).contains { start in
      guard hay[start..<start + needle.count].elementsEqual(needle) else { return false }
      let end = start + needle.count
      // A full stop after a name ends the sentence.
      let follows = end < hay.count && isPart(hay[end]) && !(hay[end] == 0x2E)
      return !follows && (start == 0 || !isPart(hay[start - 1]))
    }
  }

  /// Where in the checkpoint a node comes from.
  static func notes(_ node: Node) -> [Diagnostic] {
    node.provenance.modules.map { module in
      Diagnostic(
        .note,
        .backendFailed,
        "\(type(of: node.op).name) '\(node.name)' stands for this part of the checkpoint",
        at: .module(module)
      )
    }
  }
}
