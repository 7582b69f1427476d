public import Graphs
import Tensors

/// In which precision each layer of a plan really ran, against what the graph asks for.
///
/// A graph asks for 8 bits where a convolution's (or matrix product's) first two operands come from
/// DequantizeLinear; otherwise for its operands' element type. What ran is what the engine itself says of
/// a run: the name of the implementation.
public struct PrecisionProof: Sendable, Hashable, Codable {
  /// One layer with arithmetic that counts.
  public struct Layer: Sendable, Hashable, Codable {
    /// The layer by its place in the checkpoint, or the engine's name.
    public var place: String
    /// The element type that the graph asks for.
    public var asked: String
    /// The one that ran; empty where the engine does not tell.
    public var executed: String
    /// The implementation that ran.
    public var tactic: String
    /// Arithmetic operations.
    public var operations: Int64
    /// The median time of a run in milliseconds.
    public var milliseconds: Double?

    /// Whether what ran is what was asked for.
    public var isAsAsked: Bool { asked == executed }

    /// Creates a layer.
    public init(
      place: String,
      asked: String,
      executed: String,
      tactic: String,
      operations: Int64,
      milliseconds: Double?
    ) {
      self.place = place
      self.asked = asked
      self.executed = executed
      self.tactic = tactic
      self.operations = operations
      self.milliseconds = milliseconds
    }
  }

  /// A layer that only brings numbers into another form.
  public struct Reformat: Sendable, Hashable, Codable {
    /// Where, in the words of the engine or the checkpoint.
    public var place: String
    /// What it does, in the engine's words.
    public var tactic: String
    /// The median time of a run in milliseconds.
    public var milliseconds: Double?
    /// Creates a reformat.
    public init(place: String, tactic: String, milliseconds: Double?) {
      self.place = place
      self.tactic = tactic
      self.milliseconds = milliseconds
    }
  }

  /// Neighbouring layers out of 8 bits between others that are in 8 bits.
  public struct Island: Sendable, Hashable, Codable {
    /// The layers, in order.
    public var places: [String]
    /// What they and the reformatting among them take, in milliseconds; nil where it is not known.
    public var milliseconds: Double?
    /// Reformatting layers inside or at the borders.
    public var reformatCount: Int
    /// Creates an island.
    public init(places: [String], milliseconds: Double?, reformatCount: Int) {
      self.places = places
      self.milliseconds = milliseconds
      self.reformatCount = reformatCount
    }
  }

  /// The model's file name, without its folder.
  public var model: String
  /// The backend's name.
  public var backend: String
  /// The backend's version.
  public var version: String
  /// Layers with arithmetic, in the order in which they ran.
  public var layers: [Layer] = []
  /// Layers that only bring numbers into another form.
  public var reformats: [Reformat] = []
  /// What interrupts 8 bits.
  public var islands: [Island] = []
  /// The share of the operations that must run in 8 bits where any is asked for.
  public var requiredShare: Double

  /// Creates a proof of nothing.
  public init(model: String, backend: String, version: String, requiredShare: Double = 0.95) {
    self.model = model
    self.backend = backend
    self.version = version
    self.requiredShare = requiredShare
  }

  /// Creates a proof from a run.
  /// - Parameters:
  ///   - profile: the layers as they ran, attributed to the graph's nodes.
  ///   - graph: the graph that was built.
  public init(_ profile: LayerProfile, of graph: Graph, requiredShare: Double = 0.95) {
    self.init(
      model: profile.model,
      backend: profile.backend,
      version: profile.version,
      requiredShare: requiredShare
    )
    let nodes = Dictionary(graph.nodes.map { ($0.name, $0) }) { first, _ in first }
    var trace: [(isBytes: Bool?, place: String, time: Double?)] = []
    for layer in profile.layers {
      let computing = layer.nodes.compactMap { nodes[$0] }.filter { Self.computes($0) }
      if let heaviest = computing.max(by: {
        graph.cost(of: $0).multiplyAdds < graph.cost(of: $1).multiplyAdds
      }) {
        let operations = computing.reduce(Int64(0)) {
          $0 &+ 2 &* min(graph.cost(of: $1).multiplyAdds, 1 << 60)
        }
        layers.append(
          Layer(
            place: layer.place,
            asked: Self.asked(heaviest, graph),
            executed: layer.precision,
            tactic: layer.tactic,
            operations: operations,
            milliseconds: layer.milliseconds
          )
        )
        trace.append((layer.precision == "int8", layer.place, layer.milliseconds))
      } else if Self.isReformat(layer.tactic) {
        reformats.append(
          Reformat(place: layer.place, tactic: layer.tactic, milliseconds: layer.milliseconds)
        )
        trace.append((nil, layer.place, layer.milliseconds))
      }
    }
    islands = Self.islands(trace)
  }

  /// The share of the operations that ran in each precision, the largest first.
  public var histogram: [(precision: String, share: Double)] {
    var sums: [String: Double] = [:]
    for layer in layers {
      let name = layer.executed.isEmpty ? "not told" : layer.executed
      sums[name, default: 0] += Double(layer.operations)
    }
    let all = max(1, sums.values.reduce(0, +))
    return sums.map { ($0.key, $0.value / all) }.sorted { ($0.1, $1.0) > ($1.1, $0.0) }
  }

  /// The share of the operations that ran in 8 bits, 0 ... 1.
  public var bytesShare: Double { histogram.first { $0.precision == "int8" }?.share ?? 0 }
  /// Whether any layer is asked to run in 8 bits.
  public var asksForBytes: Bool { layers.contains { $0.asked == "int8" } }
  /// The layers that ran in another precision than was asked for.
  public var differing: [Layer] { layers.filter { !$0.isAsAsked } }

  /// Whether every layer ran as asked, and enough of them in 8 bits.
  public var passes: Bool {
    !layers.isEmpty && differing.isEmpty && (!asksForBytes || bytesShare >= requiredShare)
  }

  private static func computes(_ node: Node) -> Bool {
    ["Conv", "ConvTranspose", "MatMul", "Gemm"].contains(type(of: node.op).name)
  }

  private static func asked(_ node: Node, _ graph: Graph) -> String {
    let operands = node.inputs.prefix(2).compactMap { $0 }
    let areBytes =
      operands.count == 2
      && operands.allSatisfy { graph.producer(of: $0)?.op is DequantizeLinear }
    guard !areBytes else { return "int8" }
    return operands.first.map { graph[$0].type.scalarType.rawValue } ?? ""
  }

  /// Whether an implementation's name is that of bringing numbers into another form.
  static func isReformat(_ tactic: String) -> Bool {
    let words = ["copy ", "nchw→nhwc", "nhwc→nchw"]
    let operators = [
      "Reorder", "Convert", "QuantizeLinear", "DequantizeLinear", "Transpose", "Cast",
    ]
    return words.contains { tactic.hasPrefix($0) }
      || operators.contains { tactic.hasPrefix($0) || tactic.hasSuffix(" " + $0) }
  }

  private static func islands(
    _ trace: [(isBytes: Bool?, place: String, time: Double?)]
  ) -> [Island] {
    var islands: [Island] = []
    var open = Island(places: [], milliseconds: nil, reformatCount: 0)
    var hasBytesBefore = false
    for step in trace {
      switch step.isBytes {
      case true?:
        if hasBytesBefore, !open.places.isEmpty { islands.append(open) }
        open = Island(places: [], milliseconds: nil, reformatCount: 0)
        hasBytesBefore = true
      case false?:
        open.places.append(step.place)
      case nil:
        open.reformatCount += 1
      }
      if step.isBytes != true, let time = step.time {
        open.milliseconds = (open.milliseconds ?? 0) + time
      }
    }
    return islands
  }
}
