/// One network in several forms, from the checkpoint's modules to the plan that runs, with what
/// became of what and the edits between.
public struct StructureRecord: Sendable, Hashable, Codable {
  /// The forms in order: each is made from the one before.
  public var stages: [Stage] = []
  /// What became of what.
  public var links: [Link] = []
  /// The edits between the stages `onnx` and `optimised`, in order.
  public var steps: [Step] = []

  /// Creates a record without stages.
  public init() {}

  /// One form of the network.
  public struct Stage: Sendable, Hashable, Codable {
    /// What kind of form.
    public var kind: Kind
    /// What people call it, such as `yolov5s.onnx` or `onnxruntime 1.32.0`.
    public var name: String
    /// Its nodes, each after those that it reads from; others name them by index.
    public var nodes: [Node]
    /// Which node reads from which: pairs of indices, `[from, to]`.
    public var edges: [[Int]]

    /// Creates a stage.
    public init(_ kind: Kind, name: String, nodes: [Node], edges: [[Int]]) {
      self.kind = kind
      self.name = name
      self.nodes = nodes
      self.edges = edges
    }
  }

  /// The forms that a network takes.
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// The checkpoint's modules.
    case modules
    /// The graph as imported.
    case onnx
    /// The graph after the passes.
    case optimised
    /// The layers that a backend runs.
    case plan
  }

  /// One box of a stage.
  public struct Node: Sendable, Hashable, Codable {
    /// Its name, unique in the stage.
    public var name: String
    /// The operator, the module's class or the backend's words.
    public var operatorName: String
    /// The module paths in the checkpoint that it stands for.
    public var modules: [String]
    /// The type of its first output, such as `float32[1, 64, 80, 80]`.
    public var output: String?
    /// Its attributes in words.
    public var attributes: String?
    /// Floating-point operations, a multiplication with an addition being two.
    public var operations: Double?
    /// Bytes read and written, each value once.
    public var byteCount: Double?
    /// Bytes of weights among them.
    public var weightByteCount: Double?
    /// The element type that it computes in.
    public var precision: String?
    /// Its time in one run, in milliseconds, where it was measured.
    public var milliseconds: Double?
    /// The number of the group of nodes that became one; nodes of one group share a colour.
    public var group: Int?

    /// Creates a node.
    public init(name: String, operatorName: String, modules: [String] = []) {
      self.name = name
      self.operatorName = operatorName
      self.modules = modules
    }
  }

  /// A node of one stage and what it became in the next.
  public struct Link: Sendable, Hashable, Codable {
    /// The index of the first stage; the other node is in the one after it.
    public var stage: Int
    /// The node in that stage.
    public var from: Int
    /// The node in the next stage.
    public var to: Int

    /// Creates a link.
    public init(stage: Int, from: Int, to: Int) {
      self.stage = stage
      self.from = from
      self.to = to
    }
  }

  /// One edit between the graph as imported and the graph after the passes.
  public struct Step: Sendable, Hashable, Codable {
    /// Counts from 1 through all passes.
    public var number: Int
    /// The pass.
    public var pass: String
    /// The rule of the pass.
    public var rule: String
    /// What was done and why it is right.
    public var reason: String
    /// The removed nodes as text.
    public var before: [String]
    /// The added nodes as text.
    public var after: [String]
    /// The nodes of the imported graph that it touched in the end, by index.
    public var sources: [Int]
    /// What became of them in the optimised graph, by index.
    public var results: [Int]

    /// Creates a step.
    public init(
      number: Int,
      pass: String,
      rule: String,
      reason: String,
      before: [String],
      after: [String],
      sources: [Int],
      results: [Int]
    ) {
      self.number = number
      self.pass = pass
      self.rule = rule
      self.reason = reason
      self.before = before
      self.after = after
      self.sources = sources
      self.results = results
    }
  }
}
