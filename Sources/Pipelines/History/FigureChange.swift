import Histories

/// One figure of two runs side by side, where no interval can be had: accuracy, sizes, profiles.
public struct FigureChange: Sendable, Hashable, Codable {
  /// The configuration of the later run.
  public var label: String
  /// The figure's name.
  public var figure: String
  /// In the earlier run.
  public var earlier: Double
  /// In the later run.
  public var later: Double
  /// Whether both runs had the same model, bit for bit.
  public var isSameModel: Bool

  /// Creates a pair of figures.
  public init(label: String, figure: String, earlier: Double, later: Double, isSameModel: Bool) {
    self.label = label
    self.figure = figure
    self.earlier = earlier
    self.later = later
    self.isSameModel = isSameModel
  }
}

/// What two stored runs show beside each other.
public struct RunComparison: Sendable, Codable {
  /// What `bench` measured with a control: verdicts in words.
  public var verdicts: [HistoryVerdict]
  /// Every other figure that both runs have.
  public var figures: [FigureChange]

  /// Creates a comparison.
  public init(verdicts: [HistoryVerdict], figures: [FigureChange]) {
    self.verdicts = verdicts
    self.figures = figures
  }
}

extension FigureChange {
  /// The figures of configurations that were measured alike, whatever the model was.
  static func between(_ earlier: StoredRun, _ later: StoredRun) -> [FigureChange] {
    later.configurations.flatMap { configuration -> [FigureChange] in
      // Those with a control are judged, not listed.
      guard configuration.control == nil,
        let match = earlier.configurations.first(where: { $0.plainKey == configuration.plainKey })
      else { return [] }
      return configuration.figures.sorted { $0.key < $1.key }.compactMap { name, value in
        match.figures[name].map { before in
          FigureChange(
            label: configuration.label,
            figure: name,
            earlier: before,
            later: value,
            isSameModel: earlier.modelHash == later.modelHash
          )
        }
      }
    }
  }
}

extension StoredConfiguration {
  /// The key without the model, which comes first.
  fileprivate var plainKey: Substring {
    key.firstIndex(of: "|").map { key[$0...] } ?? key[...]
  }
}
