/// One executable layer of a plan: what it stands for, what it costs and what it took.
public struct LayerMeasurement: Sendable, Hashable, Codable {
  /// The engine's name for it.
  public var name: String
  /// The implementation that ran, in the engine's words; empty where it does not tell.
  public var tactic: String
  /// The module paths in the checkpoint that it stands for, such as `model.24.m.1`.
  public var modules: [String]
  /// The nodes of the profiled graph that it stands for, in graph order.
  public var nodes: [String]
  /// Their operators, each once, in graph order.
  public var operators: [String]
  /// The element type of its arithmetic, such as `float32`; empty where unknown.
  public var precision: String
  /// The median time per run, in milliseconds; nil where no times are known.
  public var milliseconds: Double?
  /// Arithmetic operations (a multiply-add counts as two); nil where the graph is not known.
  public var operations: Int64?
  /// Bytes of what it reads from other layers and constants, each value once; nil as above.
  public var bytesRead: Int64?
  /// Bytes of what other layers and the caller read of it; nil as above.
  public var bytesWritten: Int64?
  /// Where it stands below the roof; nil where time, cost or peaks are not known.
  public var roofline: RooflinePoint?

  /// Creates a measurement.
  public init(
    name: String,
    tactic: String = "",
    modules: [String] = [],
    nodes: [String] = [],
    operators: [String] = [],
    precision: String = "",
    milliseconds: Double? = nil,
    operations: Int64? = nil,
    bytesRead: Int64? = nil,
    bytesWritten: Int64? = nil,
    roofline: RooflinePoint? = nil
  ) {
    self.name = name
    self.tactic = tactic
    self.modules = modules
    self.nodes = nodes
    self.operators = operators
    self.precision = precision
    self.milliseconds = milliseconds
    self.operations = operations
    self.bytesRead = bytesRead
    self.bytesWritten = bytesWritten
    self.roofline = roofline
  }

  /// Bytes read and written; nil where the graph is not known.
  public var bytes: Int64? {
    guard let bytesRead, let bytesWritten else { return nil }
    let (sum, overflow) = bytesRead.addingReportingOverflow(bytesWritten)
    return overflow ? .max : sum
  }
  /// Billions of operations per second; nil where time or cost is not known.
  public var gigaOperationsPerSecond: Double? {
    guard let operations, let milliseconds, milliseconds > 0 else { return nil }
    return Double(operations) / (milliseconds * 1e6)
  }
  /// Operations per byte of traffic; nil where the cost is not known.
  public var arithmeticIntensity: Double? {
    guard let operations, let bytes else { return nil }
    return bytes > 0 ? Double(operations) / Double(bytes) : 0
  }
  /// Attained share of the attainable speed; nil where unknown. See ``RooflinePoint``.
  public var shareOfPeak: Double? { roofline?.shareOfPeak }
  /// What limits it; nil where unknown. The rule is that of ``LayerBound``.
  public var bound: LayerBound? { roofline?.bound }
  /// The place as people know it: the modules in the checkpoint (those of one parent as
  /// `model.0.{conv, bn, act}`), or the engine's name.
  public var place: String {
    guard modules.count > 1 else { return modules.first ?? name }
    let paths = modules.map { $0.split(separator: ".") }
    let parent = paths[0].dropLast()
    guard !parent.isEmpty, paths.allSatisfy({ $0.dropLast() == parent }) else {
      return modules.joined(separator: " + ")
    }
    let children = paths.compactMap(\.last).joined(separator: ", ")
    return "\(parent.joined(separator: ".")).{\(children)}"
  }
}
