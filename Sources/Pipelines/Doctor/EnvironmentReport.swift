/// What a machine has for running networks: one row per component, each found by really using it.
public struct EnvironmentReport: Sendable, Hashable, Codable {
  /// How a component stands.
  public enum Status: String, Sendable, Hashable, Codable {
    /// There, and it works.
    case ok
    /// Not found. Not every machine needs everything.
    case missing
    /// There, but it does not go with something else that is there.
    case conflict
    /// There, but broken or too old to be used.
    case unsupported
  }

  /// One component.
  public struct Row: Sendable, Hashable, Codable {
    /// A stable name, such as `onnxruntime`.
    public var component: String
    /// How it stands.
    public var status: Status
    /// The version or kind that was found.
    public var found: String?
    /// The version that is needed.
    public var needed: String?
    /// What it is for.
    public var purpose: String
    /// How to get or mend it, as an instruction.
    public var remedy: String?
    /// The file it was found in.
    public var location: String?
    /// What is wrong, in the words of whoever refused.
    public var detail: String?

    /// Creates a row.
    public init(_ component: String, _ status: Status, purpose: String) {
      self.component = component
      self.status = status
      self.purpose = purpose
    }
  }

  /// What a network can be run with.
  public enum Target: String, Sendable, Hashable, Codable, CaseIterable {
    case reference
    case native
    case onnxruntime
    case openvino
    case tensorrt
    case tensorRTForRTX = "tensorrt-rtx"

    /// The components that must be there.
    public var components: [String] {
      switch self {
      case .reference: []
      case .native: []
      case .onnxruntime: ["onnxruntime"]
      case .openvino: ["openvino"]
      case .tensorrt: ["gpu", "tensorrt"]
      case .tensorRTForRTX: ["gpu", "tensorrt-rtx"]
      }
    }
  }

  /// The version of this layout.
  public var schemaVersion = 1
  /// The components, in the order in which they should be read.
  public var rows: [Row]

  /// Creates a report.
  public init(rows: [Row]) { self.rows = rows }

  /// The row of a component.
  public func row(_ component: String) -> Row? { rows.first { $0.component == component } }

  /// Whether everything that a target needs is there and works.
  public func canRun(_ target: Target) -> Bool {
    target.components.allSatisfy { row($0)?.status == .ok }
  }

  /// The rows that keep a target from running.
  public func obstacles(to target: Target) -> [Row] {
    target.components.compactMap(row).filter { $0.status != .ok }
  }
}
