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
    /// The points of precision over recall, as numbers of right predictions and precisions.
    fileprivate var rights: [Int] = []
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
    sum(weights, &work)
    var values = Values(averagePrecisions: [], recall: 0)
    values.averagePrecisions.reserveCapacity(events.count)
    for overlap in events {
      work.rights.removeAll(keepingCapacity: true)
      work.precisions.removeAll(keepingCapacity: true)
      if isYOLO { work.append(right: 0, of: 1, precision: 1) }
      let right = trace(overlap, weights, &work, keepsWrong: isYOLO)
      if isYOLO { work.append(right: positiveCount, of: 1, precision: 0) }
      work.makeEnvelope()
      values.recall += Double(right) / Double(positiveCount) / Double(events.count)
      values.averagePrecisions.append(
        isYOLO ? work.yoloArea(positiveCount) : work.cocoPrecision(positiveCount)
      )
    }
    return values
  }

  /// How many predictions that count at every overlap come before each of them.
  private func sum(_ weights: [Int32], _ work: inout Workspace) {
    work.sums.removeAll(keepingCapacity: true)
    work.sums.append(contentsOf: repeatElement(0, count: bases.count + 1))
    var sum: Int32 = 0
    bases.withUnsafeBufferPointer { bases in
      weights.withUnsafeBufferPointer { weights in
        work.sums.withUnsafeMutableBufferPointer { sums in
          for place in bases.indices {
            sum &+= weights[Int(bases[place])]
            sums[place + 1] = sum
          }
        }
      }
    }
  }

  /// Adds the points where something is right; with `keepsWrong`, also the last point before each
  /// and the very last. Returns how many are right.
  private func trace(
    _ events: [Event],
    _ weights: [Int32],
    _ work: inout Workspace,
    keepsWrong: Bool
  ) -> Int {
    var (right, extra, last) = (0, 0, 0)
    for event in events {
      let weight = Int(weights[Int(event.picture)])
      guard weight > 0 else { continue }
      let before = Int(work.sums[Int(event.position)]) + extra
      if event.isRight {
        if keepsWrong, before > last { work.append(right: right, of: before) }
        for step in 1...weight {
          right += 1
          work.append(right: right, of: before + step)
        }
        last = before + weight
      }
      if !event.isBase { extra += weight }
    }
    let total = Int(work.sums[bases.count]) + extra
    if keepsWrong, total > last { work.append(right: right, of: total) }
    return right
  }
}

extension OutcomeStream.Workspace {
  fileprivate mutating func append(right: Int, of total: Int, precision: Double? = nil) {
    rights.append(right)
    precisions.append(precision ?? Double(right) / Double(total))
  }

  /// Precision never rises with recall.
  fileprivate mutating func makeEnvelope() {
    precisions.withUnsafeMutableBufferPointer { precisions in
      var greatest = 0.0
      for place in precisions.indices.reversed() {
        greatest = max(greatest, precisions[place])
        precisions[place] = greatest
      }
    }
  }

  /// The mean of the precisions at 101 recalls; a precision stands for as many of them as lie
  /// between its recall and the one before.
  fileprivate func cocoPrecision(_ positiveCount: Int) -> Double {
    var (done, sum) = (0, 0.0)
    for (right, precision) in zip(rights, precisions) {
      let reached = 100 * right / positiveCount + 1
      sum += Double(reached - done) * precision
      done = reached
    }
    return sum / 101
  }

  /// The area below the straight lines through the points, by the trapezoid rule over 101 recalls.
  fileprivate func yoloArea(_ positiveCount: Int) -> Double {
    rights.withUnsafeBufferPointer { rights in
      precisions.withUnsafeBufferPointer { precisions in
        var (place, sum) = (0, 0.0)
        for step in 0...100 {
          // In whole numbers: recall · 100 · positives.
          let wanted = step * positiveCount
          while place + 1 < rights.count, 100 * rights[place + 1] <= wanted { place += 1 }
          var value = precisions[place]
          if place + 1 < rights.count, 100 * rights[place] < wanted {
            let (low, high) = (100 * rights[place], 100 * rights[place + 1])
            let share = Double(wanted - low) / Double(high - low)
            value += (precisions[place + 1] - value) * share
          }
          sum += step == 0 || step == 100 ? value / 2 : value
        }
        return sum / 100
      }
    }
  }
}
