public import Passes

/// What a calibration is worth: what its pictures cover, how they were prepared, what its ranges clip.
public struct CalibrationFindings: Sendable, Hashable, Codable {
  /// One thing that is wrong or worth knowing.
  public struct Finding: Sendable, Hashable, Codable {
    /// Its name, such as `not-letterboxed`.
    public var name: String
    /// Whether a quantised network will suffer from it.
    public var isProblem: Bool
    /// What it is, with the figures.
    public var words: String
    /// What to do.
    public var remedy: String
    /// Creates a finding.
    public init(_ name: String, isProblem: Bool, _ words: String, remedy: String) {
      self.name = name
      self.isProblem = isProblem
      self.words = words
      self.remedy = remedy
    }
  }

  /// How many objects of one kind were found.
  public struct Count: Sendable, Hashable, Codable {
    /// The class or the range of sizes.
    public var name: String
    /// The objects.
    public var count: Int
    /// Creates a count.
    public init(_ name: String, _ count: Int) {
      self.name = name
      self.count = count
    }
  }

  /// What the chosen ranges clip of one value.
  public struct Saturation: Sendable, Hashable, Codable {
    /// The value.
    public var value: String
    /// The share of its elements that are clipped, 0 ... 1.
    public var clippedShare: Double
    /// The part of its span that the range holds, 0 ... 1.
    public var spanShare: Double
    /// Creates a saturation.
    public init(value: String, clippedShare: Double, spanShare: Double) {
      self.value = value
      self.clippedShare = clippedShare
      self.spanShare = spanShare
    }
  }

  /// A network that was quantised with one choice, and how right it is.
  public struct Trial: Sendable, Hashable, Codable {
    /// The choice: a method, or a number of pictures.
    public var name: String
    /// AP judged by the float network's detections as the truth: 1 would be no change.
    public var agreement: Double
    /// COCO's AP; nil where pictures have no labels.
    public var averagePrecision: Double?
    /// Creates a trial.
    public init(_ name: String, agreement: Double, averagePrecision: Double?) {
      self.name = name
      self.agreement = agreement
      self.averagePrecision = averagePrecision
    }
  }

  /// The model's file name, without its folder.
  public var model: String
  /// The pictures that were observed; nil where the file does not say.
  public var pictureCount: Int?
  /// How ranges are chosen.
  public var method: CalibrationMethod
  /// What is wrong or worth knowing.
  public var findings: [Finding] = []
  /// Objects that the float network finds in the pictures, by class, the most frequent first.
  public var classes: [Count] = []
  /// The same by size, by COCO's limits of 32² and 96² pixels.
  public var sizes: [Count] = []
  /// Pictures by the mean of their pixels: up to 63, 127, 191, 255.
  public var brightness: [Count] = []
  /// The values that are clipped most, the worst first.
  public var saturation: [Saturation] = []
  /// The methods side by side, if they were compared.
  public var methods: [Trial] = []
  /// More and more pictures, if they were compared.
  public var pictureCounts: [Trial] = []
  /// Pictures that together cover what all cover.
  public var suggested: [String] = []

  /// Creates findings of nothing.
  public init(model: String, pictureCount: Int?, method: CalibrationMethod) {
    self.model = model
    self.pictureCount = pictureCount
    self.method = method
  }

  /// Whether nothing is wrong.
  public var passes: Bool { !findings.contains(where: \.isProblem) }
}
