public import Backends
public import Diagnostics
public import Graphs
public import Images
import Tensors

/// Letterbox → session → head decoding → suppression. A value: share it freely; each caller
/// makes a session of its own.
///
///     let detector = try Detector(plan: plan)
///     let session = try detector.makeSession()
///     for image in images { print(try session.detect(image).detections) }
public struct Detector: Sendable {
  /// What a user chooses.
  public struct Options: Sendable, Hashable, Codable {
    /// Which of YOLOv5's ways of scaling.
    public var rule = Letterbox.Rule.detection
    /// What becomes of the room left; plans of fixed size pad to that size.
    public var fit = Letterbox.Fit.minimumRectangle
    /// Whether small pictures are enlarged.
    public var allowsUpscaling = true
    /// The size to fit into, [H, W] in pixels; nil takes the contract's. Plans of fixed size
    /// have their own.
    public var imageSize: [Int]?
    /// The most pictures in one run, where the plan leaves it open.
    public var batchSize = 1
    /// Which candidates become detections.
    public var suppression = NonMaxSuppression()
    /// Whether networks that segment give masks beside the boxes.
    public var findsMasks = true
    /// Creates `detect`'s defaults.
    public init() {}
  }

  /// The network.
  public let plan: any Plan
  /// What is known about the network.
  public let contract: ModelContract
  /// How pictures are scaled, its size rounded up to whole strides.
  public let letterbox: Letterbox
  /// How outputs are read.
  public let decoder: HeadDecoder
  /// Which candidates become detections.
  public let suppression: NonMaxSuppression
  /// Whether detections come with masks: the network segments and they are wanted.
  public let findsMasks: Bool
  /// Guesses and adjustments that the user should know of.
  public let diagnostics: [Diagnostic]
  /// The network's input.
  let input: Binding
  /// How many pictures one run takes.
  let batch: Batch

  /// How many pictures one run takes.
  enum Batch: Sendable, Hashable {
    case fixed(Int)
    case atMost(Int)

    var limit: Int {
      switch self {
      case .fixed(let count), .atMost(let count): count
      }
    }
  }

  /// Creates a detector.
  /// - Parameter contract: what is known about the network; nil takes the plan's, and where that
  ///   has none, what its shapes tell.
  /// - Throws: `detector.unsuitable-input`, `detector.wrong-task`, `detector.head-mismatch`,
  ///   `detector.invalid-size`, `detector.invalid-threshold`.
  public init(
    plan: any Plan,
    contract: ModelContract? = nil,
    options: Options = Options()
  ) throws {
    try options.suppression.validate()
    let input = try Self.pictureInput(of: plan.info)
    var diagnostics: [Diagnostic] = []
    if let known = contract ?? plan.info.contract {
      self.contract = known
    } else {
      let inferred = try ContractInference.infer(from: plan.info)
      self.contract = inferred.contract
      diagnostics += inferred.diagnostics
    }
    decoder = try HeadDecoder(contract: self.contract)
    letterbox = try Self.letterbox(for: input, self.contract, options, &diagnostics)
    suppression = options.suppression
    findsMasks =
      options.findsMasks && self.contract.task == .segment && self.contract.maskCount > 0
    batch =
      input.type.dimensions[0].value.map(Batch.fixed) ?? .atMost(max(1, options.batchSize))
    guard batch.limit > 0 else {
      throw DeployError(.detectorUnsuitableInput, "the plan's input \(input.type) is empty")
    }
    self.plan = plan
    self.input = input
    self.diagnostics = diagnostics
  }

  /// Makes the memory for one caller: a session of the plan and the buffers around it.
  public func makeSession() throws -> DetectionSession {
    try DetectionSession(self, try plan.makeSession())
  }

  /// Detects on one picture.
  /// - Throws: as ``DetectionSession/detect(_:observer:)-(Image,_)``.
  public func detect(
    _ image: Image,
    with session: DetectionSession,
    observer: (any SessionObserver)? = nil
  ) throws -> DetectionResult {
    try session.detect(image, observer: observer)
  }

  /// The only input, [N, 3, H, W].
  static func pictureInput(of info: PlanInfo) throws -> Binding {
    let suitable = info.inputs.first { binding in
      binding.type.rank == 4 && binding.type.dimensions[1].value ?? 3 == 3
        && [.float32, .float16].contains(binding.type.scalarType)
    }
    guard let input = suitable, info.inputs.count == 1 else {
      let types = info.inputs.map { "\($0.name): \($0.type)" }.joined(separator: ", ")
      throw DeployError(
        .detectorUnsuitableInput,
        "the network takes \(types), not one batch of pictures [N, 3, H, W]",
        remedy: "give a detection model with one float32 or float16 picture input"
      )
    }
    return input
  }

  private static func letterbox(
    for input: Binding,
    _ contract: ModelContract,
    _ options: Options,
    _ diagnostics: inout [Diagnostic]
  ) throws -> Letterbox {
    var letterbox = Letterbox()
    letterbox.rule = options.rule
    letterbox.fit = options.fit
    letterbox.allowsUpscaling = options.allowsUpscaling
    letterbox.stride = max(1, contract.stride)
    letterbox.padValue = contract.preprocessing.padValue
    let wanted = options.imageSize ?? contract.inputSize
    guard wanted.count == 2, wanted.allSatisfy({ (1...1 << 16).contains($0) }) else {
      throw DeployError(
        .detectorInvalidSize,
        "\(wanted) is no height and width",
        remedy: "give a size such as 640 640"
      )
    }
    let rounded = wanted.map { ($0 + letterbox.stride - 1) / letterbox.stride * letterbox.stride }
    let fixed = input.type.dimensions[2...].map(\.value)
    if fixed[0] != nil || fixed[1] != nil, letterbox.fit == .minimumRectangle {
      letterbox.fit = .square
    }
    letterbox.height = fixed[0] ?? rounded[0]
    letterbox.width = fixed[1] ?? rounded[1]
    if let asked = options.imageSize, asked != [letterbox.height, letterbox.width] {
      guard fixed.contains(nil) else {
        throw DeployError(
          .detectorInvalidSize,
          "the network takes \(letterbox.height) × \(letterbox.width) pixels and no other size",
          at: .option("--imgsz"),
          remedy: "leave the size out, or export the model with it or with --dynamic size"
        )
      }
      diagnostics.append(
        Diagnostic(
          .warning,
          .detectorInvalidSize,
          "the size \(asked) becomes \([letterbox.height, letterbox.width])",
          remedy: "give a multiple of \(letterbox.stride), or export the model with that size"
        )
      )
    }
    return letterbox
  }
}
