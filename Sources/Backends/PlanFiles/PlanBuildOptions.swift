import Diagnostics
public import Tensors

/// How a plan file is built. A backend refuses what it does not have, rather than ignoring it.
public struct PlanBuildOptions: Sendable, Hashable, Codable {
  /// The options, by the names that users type.
  public enum Name: String, Sendable, Hashable, Codable, CaseIterable {
    case precision
    case threads
    case profile
    case workspace
    case timingCache = "timing-cache"
    case level
    case tacticSources = "tactic-sources"
    case versionCompatible = "version-compatible"
    case hardwareCompatible = "hardware-compatible"
    case stripWeights = "strip-weights"
    case refit
    case dla
    case targetSM = "target-sm"
    case calibration
  }

  /// What float32 parts are computed in; nil: float32. Precision is otherwise the graph's.
  public var precision: ScalarType?
  /// Threads that a run will use; what is fastest may depend on it. Nil: the backend's choice.
  public var threadCount: Int?
  /// The ranges of open extents, one profile each; none where every shape is known.
  public var profiles: [ShapeProfile] = []
  /// The most scratch memory in bytes.
  public var workspaceByteCount: Int?
  /// The file that timings are read from and written to.
  public var timingCache: String?
  /// How long to search: 0 (quick) to 5.
  public var level: Int?
  /// The libraries of kernels to choose from, by name.
  public var tacticSources: [String] = []
  /// Whether later releases of the same major version can load the plan.
  public var isVersionCompatible = false
  /// Whether newer devices can run the plan.
  public var isHardwareCompatible = false
  /// Whether the weights are left out, to be given when it is loaded.
  public var stripsWeights = false
  /// Whether the weights can be replaced.
  public var isRefittable = false
  /// The deep-learning accelerator to use.
  public var dlaCore: Int?
  /// Compute capabilities that the plan is for, such as 86 for 8.6.
  public var targets: [Int] = []

  /// The ranges of values by name, from a calibration, for builders that quantise by them and not by
  /// QuantizeLinear in the graph; nil: none.
  public var ranges: [String: ValueRange]?

  /// What a value was observed to lie in.
  public struct ValueRange: Sendable, Hashable, Codable {
    /// The least value.
    public var least: Float
    /// The greatest value.
    public var greatest: Float
    /// Creates a range.
    public init(least: Float, greatest: Float) {
      (self.least, self.greatest) = (least, greatest)
    }
  }

  /// Creates the defaults.
  public init() {}

  /// The options that are not at their defaults.
  public var stated: Set<Name> {
    var names: Set<Name> = []
    if precision != nil { names.insert(.precision) }
    if threadCount != nil { names.insert(.threads) }
    if !profiles.isEmpty { names.insert(.profile) }
    if workspaceByteCount != nil { names.insert(.workspace) }
    if timingCache != nil { names.insert(.timingCache) }
    if level != nil { names.insert(.level) }
    if !tacticSources.isEmpty { names.insert(.tacticSources) }
    if isVersionCompatible { names.insert(.versionCompatible) }
    if isHardwareCompatible { names.insert(.hardwareCompatible) }
    if stripsWeights { names.insert(.stripWeights) }
    if isRefittable { names.insert(.refit) }
    if dlaCore != nil { names.insert(.dla) }
    if !targets.isEmpty { names.insert(.targetSM) }
    if ranges != nil { names.insert(.calibration) }
    return names
  }

  /// Refuses options that a backend does not have.
  /// - Throws: `build.unsupported-option`.
  public func requireOnly(_ known: Set<Name>, for backend: String) throws {
    guard let stranger = stated.subtracting(known).map(\.rawValue).min() else { return }
    throw DeployError(
      .buildUnsupportedOption,
      "\(backend) has no such option",
      at: .option("--\(stranger)"),
      remedy: "leave it out, or choose another backend"
    )
  }
}

/// The shapes that one optimization profile covers.
public struct ShapeProfile: Sendable, Hashable, Codable {
  /// The shapes of one input.
  public struct Range: Sendable, Hashable, Codable {
    /// The input's name; empty means the only input.
    public var input: String
    /// The least extents.
    public var least: [Int]
    /// The extents that the plan is tuned for.
    public var usual: [Int]
    /// The greatest extents.
    public var greatest: [Int]
    /// Creates a range.
    public init(input: String = "", least: [Int], usual: [Int], greatest: [Int]) {
      self.input = input
      self.least = least
      self.usual = usual
      self.greatest = greatest
    }
  }

  /// One range per input of open shape.
  public var ranges: [Range]
  /// Creates a profile.
  public init(ranges: [Range]) { self.ranges = ranges }

  /// Reads `1x3x640x640:8x3x640x640:16x3x640x640` (least, usual, greatest; one shape alone stands
  /// for all three), with `name=` before it where there are several inputs, separated by commas.
  /// - Returns: nil where the text has another form.
  public init?(_ text: String) {
    ranges = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let shapes = sides.last?.split(separator: ":", omittingEmptySubsequences: false),
        shapes.count == 1 || shapes.count == 3
      else { return nil }
      let words = shapes.map { $0.split(separator: "x", omittingEmptySubsequences: false) }
      let extents = words.map { $0.compactMap { Int($0) } }
      guard zip(words, extents).allSatisfy({ $0.count == $1.count }), let least = extents.first,
        let greatest = extents.last,
        !least.isEmpty
      else { return nil }
      let usual = extents[extents.count / 2]
      guard least.count == usual.count, usual.count == greatest.count,
        zip(least, usual).allSatisfy({ $0 > 0 && $0 <= $1 }),
        zip(usual, greatest).allSatisfy({ $0 <= $1 })
      else { return nil }
      let name = sides.count == 2 ? String(sides[0]) : ""
      ranges.append(Range(input: name, least: least, usual: usual, greatest: greatest))
    }
    if ranges.isEmpty { return nil }
  }
}
