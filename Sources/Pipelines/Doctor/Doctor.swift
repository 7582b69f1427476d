import Backends

/// Examines the machine: every library is opened and asked, nothing is believed.
public enum Doctor {
  /// What to look at and where.
  public struct Options: Sendable {
    /// The folder where `Scripts/setup` keeps engines.
    public var cache: String?
    var engines: EngineFolder? { cache.map { EngineFolder($0 + "/engines") } }
    /// The Python that PyTorch is looked for in; nil leaves PyTorch out.
    public var python: String? = "python3"
    /// How long Python may take, in seconds.
    public var pythonSeconds = 20
    /// Library files to open instead of searching, by component, such as `onnxruntime`.
    public var libraries: [String: String] = [:]
    /// Creates the default options.
    public init() {}
  }

  /// Examines everything.
  public static func examine(_ options: Options = Options()) -> EnvironmentReport {
    var rows = processorRows()
    rows += deviceRows(options)
    rows += engineRows(options)
    rows += codecRows(options)
    if let python = options.python { rows.append(torchRow(python, options.pythonSeconds)) }
    var report = EnvironmentReport(rows: rows)
    findConflicts(in: &report)
    return report
  }
}
