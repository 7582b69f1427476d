/// The predictions of one class in a form in which AP is quickly computed anew for other numbers
/// of each picture: only where a prediction is right does anything but a count change.
struct OutcomeStream {
  /// A prediction that is right, or that counts at some overlaps only.
  private struct Event {
    /// How many predictions that count at every overlap are surer.
    let position: Int32
    let picture: Int32
    let isRight: Bool
    /// Whether it is itself among those that count at every overlap.
    let isBase: Bool
  }

  /// The pictures of predictions that count at every overlap, by falling score.
  private var bases: [Int32] = []
  /// For each overlap, by falling score.
  private var events: [[Event]]
  private var positives: [(picture: Int32, count: Int32)]

  /// A stream where every prediction counts.
  init(_ table: YOLOTable) {
    self.init(table.pictures, right: table.right, ignored: nil, table.positives)
  }

  /// A stream of one range of areas.
  init(_ table: COCOTable, area: Int) {
    let outcomes = table.outcomes[area]
    self.init(
      table.pictures,
      right: outcomes.matched,
      ignored: outcomes.ignored,
      outcomes.positives
    )
  }

  private init(
    _ pictures: [Int32],
    right: [UInt16],
    ignored: [UInt16]?,
    _ positives: [(picture: Int32, count: Int32)]
  ) {
    self.positives = positives
    events = Array(repeating: [], count: COCORules.overlaps.count)
    guard !positives.isEmpty else { return }
    for (place, picture) in pictures.enumerated() {
      let out = ignored?[place] ?? 0
      let isBase = out == 0
      let hits = right[place] & ~out
      if isBase ? hits != 0 : out != 0x3FF {
        for overlap in events.indices where out & 1 << UInt16(overlap) == 0 {
          let isRight = hits & 1 << UInt16(overlap) != 0
          guard isRight || !isBase else { continue }
          events[overlap].append(
            Event(
              position: Int32(truncatingIfNeeded: bases.count),
              picture: picture,
              isRight: isRight,
              isBase: isBase
            )
          )
        }
      }
      if isBase { bases.append(picture) }
    }
  }

  /// Memory for one computation after the other.
  struct Workspace {
    fileprivate var sums: [Int32] = []
    fileprivate var recalls: [Double] = []
    fileprivate var precisions: [Double] = []
  }

  /// What follows from how often each picture counts.
  struct Values {
    /// COCO's AP or YOLOv5's at each overlap.
    var averagePrecisions: [Double]
    /// The greatest recall, averaged over the overlaps.
    var recall: Double
  }

  /// Computes the values; nil where nothing is to be found.
  /// - Parameter weights: how often each picture counts.
  func values(_ weights: [Int32], _ work: inout Workspace, isYOLO: Bool) -> Values? {
    var positiveCount = 0
    for (picture, count) in positives { positiveCount += Int(weights[Int(picture)] * count) }
    guard positiveCount > 0 else { return nil }
    work.sums.removeAll(keepingCapacity: true)
    var sum: Int32 = 0
    work.sums.append(0)
    for picture in bases {
      sum += weights[Int(picture)]
      work.sums.append(sum)
    }
    var values = Values(averagePrecisions: [], recall: 0)
    for overlap in events {
      let right = trace(overlap, weights, positiveCount, &work, keepsWrong: isYOLO)
      values.recall += Double(right) / Double(positiveCount) / Double(events.count)
      values.averagePrecisions.append(
        isYOLO
          ? PrecisionCurve(recalls: work.recalls, precisions: work.precisions).area
          : Self.cocoPrecision(&work)
      )
    }
    return values
  }

  /// The points of precision over recall where something is right; with `keepsWrong`, also the
  /// last point before each and the very last. Returns how many are right.
  private func trace(
    _ events: [Event],
    _ weights: [Int32],
    _ positiveCount: Int,
    _ work: inout Workspace,
    keepsWrong: Bool
  ) -> Int {
    work.recalls.removeAll(keepingCapacity: true)
    work.precisions.removeAll(keepingCapacity: true)
    var (right, extra, last) = (0, 0, 0)
    func add(_ total: Int) {
      guard total > 0 else { return }
      work.recalls.append(Double(right) / Double(positiveCount))
      work.precisions.append(Double(right) / Double(total))
      last = total
    }
    for event in events {
      let weight = Int(weights[Int(event.picture)])
      guard weight > 0 else { continue }
      let before = Int(work.sums[Int(event.position)]) + extra
      if event.isRight {
        if keepsWrong, before > last { add(before) }
        for step in 1...weight {
          right += 1
          add(before + step)
        }
      }
      if !event.isBase { extra += weight }
    }
    let total = Int(work.sums[bases.count]) + extra
    if keepsWrong, total > last { add(total) }
    return right
  }

  private static func cocoPrecision(_ work: inout Workspace) -> Double {
    for place in work.precisions.indices.dropFirst().reversed()
    where work.precisions[place] > work.precisions[place - 1] {
      work.precisions[place - 1] = work.precisions[place]
    }
    var (place, sum) = (0, 0.0)
    for wanted in COCORules.recalls {
      while place < work.recalls.count, work.recalls[place] < wanted { place += 1 }
      guard place < work.recalls.count else { break }
      sum += work.precisions[place]
    }
    return sum / Double(COCORules.recalls.count)
  }
}
