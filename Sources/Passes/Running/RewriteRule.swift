public import Graphs

/// A local pattern: look at one node, propose one patch or nothing.
public protocol RewriteRule: Sendable {
  /// Kebab-case verb phrase, unique among all rules.
  var name: String { get }
  /// The edit, or nil where the pattern does not begin at `node` or is not safe.
  ///
  /// A rule must make progress: it proposes nothing for what it has made itself.
  func rewrite(_ node: Node, in graph: Graph) throws -> Patch?
}
