import Backends
import Detectors
import Diagnostics
import Files
import Glibc
package import Graphs
import Images
public import Metrics
import Models
import Passes
import Tensors

/// Pictures → what a network's values are like.
///
/// Pictures go through the same letterbox as when detecting. Each is looked at twice: first for the
/// ranges, then for the distribution within them. Every processor works, and with ``workFile`` a run
/// that was stopped goes on where it was.
public struct CalibrateJob: Sendable {
  /// The model: a checkpoint or an ONNX file.
  public var model: String
  /// Pictures, folders or globs.
  public var sources: [String]
  /// At most this many pictures, taken evenly from all.
  public var sampleCount = 128
  /// Height and width in pixels; nil takes the model's.
  public var imageSize: [Int]?
  /// What runs the network; one thread per session unless it says otherwise.
  public var backend = BackendChoice()
  /// Where unfinished work is kept; nil keeps none.
  public var workFile: String?
  /// How pictures become inputs instead of as the model says: what mistakes do, for tests.
  package var preprocessing: ModelContract.Preprocessing?
  package var isStretched = false

  /// Creates a job.
  public init(model: String, sources: [String]) {
    self.model = model
    self.sources = sources
  }

  /// Observes.
  /// - Throws: `calibration.too-few-pictures`, `calibration.identical-pictures`,
  ///   `calibration.not-finite`, and what reading, building and running throw.
  public func run(progress: @escaping ProgressHandler = { _ in }) async throws -> CalibrationTable {
    let all = try ImageSource.paths(sources)
    let step = max(1, all.count / max(1, sampleCount))
    let paths = Array(stride(from: 0, to: all.count, by: step).map { all[$0] }.prefix(sampleCount))
    let pictures = try paths.map {
      CalibrationTable.Picture(path: $0, digest: try SHA256.hex(ofFile: $0))
    }
    try check(pictures)
    progress(.began(stage: "build", total: nil))
    let graph = try QuantizeJob.network(model, imageSize)
    let names = InsertQuantization.observedValues(graph)
    let feed = try await feed(graph, names)
    progress(.finished(summary: counted(names.count, "value")))
    let digest = try SHA256.hex(ofFile: model)
    let text = ([digest, "\(feed.imageSize)"] + names + pictures.map(\.digest)).joined(
      separator: "|"
    )
    let key = Array(text.utf8).withUnsafeBytes { SHA256.hex($0) }
    var state = CalibrationState.read(workFile, key: key) ?? CalibrationState(key: key)
    progress(.began(stage: "observe", total: 2 * paths.count))
    progress(.advanced(state.round * paths.count + state.done))
    while state.round < 2 {
      try Task.checkCancellation()
      let end = min(paths.count, state.done + Self.chunk)
      try await observe(paths, state.done..<end, feed, &state)
      state.done = end
      progress(.advanced(state.round * paths.count + end))
      if end == paths.count { state.beginNextRound() }
      try state.write(to: workFile)
    }
    if let workFile { unlink(workFile) }
    progress(.finished(summary: counted(paths.count, "picture")))
    return CalibrationTable(
      model: String(model.split(separator: "/").last ?? ""),
      modelDigest: digest,
      pictures: pictures,
      imageSize: feed.imageSize,
      inputs: graph.inputs.map { graph[$0].name },
      groups: InsertQuantization.groups(graph),
      entries: names.compactMap { name in
        state.histograms[name].map {
          CalibrationTable.Entry(value: name, histogram: $0, means: state.means(name))
        }
      }
    )
  }

  /// Pictures between two saves.
  private static let chunk = 32

  private func check(_ pictures: [CalibrationTable.Picture]) throws {
    guard pictures.count >= 2 else {
      throw DeployError(
        .calibrationTooFew,
        "\(counted(pictures.count, "picture")) cannot stand for what the network will see",
        remedy: "give at least two different pictures; a few hundred are usual"
      )
    }
    guard Set(pictures.map(\.digest)).count >= 2 else {
      throw DeployError(
        .calibrationIdentical,
        "all \(pictures.count) pictures are the same, byte by byte",
        at: .file(path: pictures[0].path),
        remedy: "give at least two different pictures; a few hundred are usual"
      )
    }
  }

  private func feed(_ graph: Graph, _ names: [String]) async throws -> CalibrationFeed {
    var configuration = backend.configuration
    configuration.threadCount = backend.threadCount ?? 1
    configuration.tappedValues = names
    let plan = try await backend.open().build(graph, configuration: configuration).plan
    var feed = try CalibrationFeed(plan, graph)
    if let preprocessing { feed.preprocessing = preprocessing }
    if isStretched { feed.letterbox.fit = .stretch }
    return feed
  }

  /// Looks at some of the pictures, with every processor.
  private func observe(
    _ paths: [String],
    _ range: Range<Int>,
    _ feed: CalibrationFeed,
    _ state: inout CalibrationState
  ) async throws {
    let workers = max(1, Machine.processorCount / max(1, backend.threadCount ?? 1))
    let queue = WorkQueue(count: range.count) { _ in }
    let before = state
    let shares = try await withThrowingTaskGroup(of: CalibrationState.self) { group in
      for _ in 0..<min(workers, range.count) {
        group.addTask {
          do {
            var worker = try feed.worker(before)
            while let place = queue.next() {
              try Task.checkCancellation()
              try worker.run(paths[range.lowerBound + place], range.lowerBound + place)
            }
            return worker.observer.share
          } catch {
            queue.stop()
            throw error
          }
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    try state.merge(shares, of: range)
  }
}

/// What every worker has in common.
private struct CalibrationFeed: Sendable {
  let plan: any Plan
  let input: Binding
  let imageSize: [Int]
  var letterbox: Letterbox
  var preprocessing: ModelContract.Preprocessing
  /// How much errors in each channel of a value count.
  let importances: [String: [Float]]

  init(_ plan: any Plan, _ graph: Graph) throws {
    var options = Detector.Options()
    options.fit = .square
    let detector = try Detector(plan: plan, contract: graph.contract, options: options)
    letterbox = detector.letterbox
    preprocessing = graph.contract?.preprocessing ?? ModelContract.Preprocessing()
    self.plan = plan
    importances = try ChannelImportance.all(graph)
    guard let first = graph.inputs.first, let shape = graph[first].type.shape else {
      throw DeployError(.graphInvalidInput, "the network has no input of known shape")
    }
    input = Binding(name: graph[first].name, type: graph[first].type)
    imageSize = Array(shape.dimensions.suffix(2))
  }

  func worker(_ state: CalibrationState) throws -> CalibrationWorker {
    try CalibrationWorker(self, state)
  }
}

/// Pictures letterboxed into a session, one after the other.
private struct CalibrationWorker {
  let feed: CalibrationFeed
  let session: any Session
  let observer: ValueObserver
  let reader = ImageReader()
  let workspace = LetterboxWorkspace()
  var image = Image(width: 0, height: 0)

  init(_ feed: CalibrationFeed, _ state: CalibrationState) throws {
    self.feed = feed
    session = try feed.plan.makeSession()
    observer = ValueObserver(state, feed.importances)
  }

  mutating func run(_ path: String, _ place: Int) throws {
    guard let shape = feed.input.type.shape else { return }
    let input = try session.input(feed.input.name, shape: shape)
    try reader.read(path, into: &image)
    try feed.letterbox.write(
      image,
      to: input,
      preprocessing: feed.preprocessing,
      using: workspace
    )
    observer.place = place
    try session.run(observer: observer)
    if let strange = observer.notFinite {
      throw DeployError(
        .calibrationNotFinite,
        "value '\(strange)' has elements that are no numbers",
        at: .file(path: path),
        remedy: "check the model with `vitrine check`: its float32 results are not usable"
      )
    }
  }
}

/// Keeps the ranges, then the distributions, of tapped values.
private final class ValueObserver: SessionObserver {
  fileprivate(set) var share: CalibrationState
  private(set) var notFinite: String?
  var place = 0
  private let counts: Bool
  fileprivate let importances: [String: [Float]]

  init(_ state: CalibrationState, _ importances: [String: [Float]]) {
    self.importances = importances
    share = CalibrationState(key: state.key)
    counts = state.round == 1
    if counts {
      share.histograms = state.ranges.mapValues {
        CalibrationHistogram(least: $0[0], greatest: $0[1])
      }
    }
  }

  func session(_ session: any Session, didProduce value: String, _ tensor: Tensor) {
    // A tensor of another type is nothing that could be calibrated.
    try? tensor.withScalars(of: Float.self) { elements in
      if counts {
        let channels = tensor.shape.rank > 1 ? tensor.shape[1] : 1
        count(value, elements, channels)
        share.addSums(value, elements, channels: channels, place)
      } else {
        let before = share.ranges[value] ?? [.infinity, -.infinity]
        guard let range = ElementStatistics.range(elements, (before[0], before[1])) else {
          notFinite = value
          return
        }
        share.ranges[value] = [range.least, range.greatest]
      }
    }
  }
}

extension ValueObserver {
  /// One picture's elements, channel by channel, so that each counts as much as its errors would.
  private func count(_ value: String, _ elements: UnsafeBufferPointer<Float>, _ channels: Int) {
    guard let importance = importances[value], importance.count == channels else {
      share.histograms[value]?.add(elements)
      return
    }
    let size = elements.count / max(1, channels)
    for channel in 0..<channels {
      share.histograms[value]?.add(
        UnsafeBufferPointer(rebasing: elements[channel * size..<(channel + 1) * size]),
        importance: importance[channel]
      )
    }
  }
}

extension Diagnostic.ID {
  /// Pictures that are all the same.
  static let calibrationIdentical: Self = "calibration.identical-pictures"
}
