/// Draws as many pictures with replacement as there are, again and again, and computes the
/// figures anew: how far they would lie apart on other pictures of the same kind.
///
/// A draw holds some pictures several times, which makes classes with few objects look better than
/// they are: draws lie above the measured figure as it lies above the true one. Intervals are
/// therefore the draws' distances from the figure, turned round.
/// Source: A. C. Davison, D. V. Hinkley, Bootstrap Methods and their Application (1997), 5.2.1.
struct AccuracyBootstrap: Sendable {
  /// The figures of one draw, by name; those that nothing defines are absent.
  typealias Draw = [String: Double]

  /// How many draws.
  let resampleCount: Int
  /// The share of intervals that hold the true value.
  var level = 0.95
  /// The same seed gives the same intervals.
  var seed: UInt64 = 1
  private let pictureCount: Int
  /// [areas][classes]
  private let coco: [[OutcomeStream]]
  private let yolo: [OutcomeStream]

  init(_ coco: COCOEvaluation, _ yolo: YOLOEvaluation, resampleCount: Int) {
    self.resampleCount = resampleCount
    pictureCount = coco.pictureCount
    self.coco = COCORules.areas.indices.map { area in
      coco.tables.map { OutcomeStream($0, area: area) }
    }
    self.yolo = yolo.tables.map { OutcomeStream($0) }
  }

  /// The intervals by figure. The draws are shared among `workers` tasks; the result does not
  /// depend on how many.
  func intervals(workers: Int) async -> [String: AccuracyInterval] {
    let draws = await draws(workers: workers) { draw($0, &$1) }
    var intervals: [String: AccuracyInterval] = [:]
    for (name, figure) in plain() {
      let values = draws.compactMap { $0[name] }
      intervals[name] = AccuracyInterval(around: figure, draws: values, level: level)
    }
    return intervals
  }

  /// The intervals of how much larger the figures of `other` are, on the same draws of pictures:
  /// what both find hard or easy cancels.
  func differences(to other: AccuracyBootstrap, workers: Int) async -> [String: AccuracyInterval] {
    guard pictureCount == other.pictureCount else { return [:] }
    @Sendable func difference(_ a: Draw, _ b: Draw) -> Draw {
      a.reduce(into: [:]) { result, figure in
        if let value = b[figure.key] { result[figure.key] = value - figure.value }
      }
    }
    let draws = await draws(workers: workers) { number, work in
      difference(draw(number, &work), other.draw(number, &work))
    }
    return difference(plain(), other.plain()).reduce(into: [:]) { intervals, figure in
      let values = draws.compactMap { $0[figure.key] }
      intervals[figure.key] = AccuracyInterval(
        around: figure.value,
        draws: values,
        level: level,
        bounds: -1...1
      )
    }
  }

  private func draws(
    workers: Int,
    _ draw: @escaping @Sendable (Int, inout OutcomeStream.Workspace) -> Draw
  ) async -> [Draw] {
    guard resampleCount > 1, pictureCount > 1 else { return [] }
    return await withTaskGroup(of: [Draw].self) { group in
      for worker in 0..<max(1, workers) {
        group.addTask {
          var work = OutcomeStream.Workspace()
          return stride(from: worker, to: resampleCount, by: max(1, workers)).map {
            draw($0, &work)
          }
        }
      }
      return await group.reduce(into: []) { $0 += $1 }
    }
  }

  /// The figures where every picture counts once: those that are measured.
  func plain() -> Draw {
    var work = OutcomeStream.Workspace()
    return figures([Int32](repeating: 1, count: pictureCount), &work)
  }

  private func draw(_ number: Int, _ work: inout OutcomeStream.Workspace) -> Draw {
    var random = SplitMix(seed: seed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(number))
    var weights = [Int32](repeating: 0, count: pictureCount)
    for _ in 0..<pictureCount { weights[random.index(below: pictureCount)] += 1 }
    return figures(weights, &work)
  }

  private func figures(_ weights: [Int32], _ work: inout OutcomeStream.Workspace) -> Draw {
    var draw: Draw = [:]
    for (area, streams) in coco.enumerated() {
      let name = area == 0 ? "" : COCORules.areas[area].name
      var mean = Mean()
      for stream in streams {
        if let values = stream.values(weights, &work, isYOLO: false) { mean.add(values) }
      }
      guard mean.count > 0 else { continue }
      draw["AP" + name] = mean.all
      draw["AR" + (area == 0 ? "100" : name)] = mean.recallMean
      guard area == 0 else { continue }
      draw["AP50"] = mean.at(COCORules.half)
      draw["AP75"] = mean.at(COCORules.threeQuarters)
    }
    var mean = Mean()
    for stream in yolo {
      if let values = stream.values(weights, &work, isYOLO: true) { mean.add(values) }
    }
    if mean.count > 0 {
      draw["mAP50"] = mean.at(0)
      draw["mAP50-95"] = mean.all
    }
    return draw
  }

  /// Means over classes.
  private struct Mean {
    var sums = [Double](repeating: 0, count: COCORules.overlaps.count)
    var recall = 0.0
    var count = 0.0

    mutating func add(_ values: OutcomeStream.Values) {
      for (place, value) in values.averagePrecisions.enumerated() { sums[place] += value }
      recall += values.recall
      count += 1
    }

    var all: Double { sums.reduce(0, +) / Double(sums.count) / count }
    var recallMean: Double { recall / count }
    func at(_ overlap: Int) -> Double { sums[overlap] / count }
  }
}
