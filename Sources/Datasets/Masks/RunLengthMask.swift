/// A mask as COCO counts it: pixels column by column from the left, each column from the top, as
/// alternating runs of pixels outside and inside, beginning outside.
public struct RunLengthMask: Sendable, Hashable {
  /// Pixels per row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// The lengths of the runs: outside, inside, outside …; their sum is `width · height`.
  public let counts: [UInt32]

  /// Creates an empty mask.
  public init(width: Int, height: Int) {
    self.init(width: width, height: height, counts: [UInt32(width * height)])
  }

  /// Creates a mask from its runs, known to be as many as the pixels.
  init(width: Int, height: Int, counts: [UInt32]) {
    self.width = width
    self.height = height
    self.counts = counts
  }

  /// Creates a mask from runs of unknown origin; nil unless they cover the picture exactly.
  public init?(width: Int, height: Int, runs: [Int]) {
    guard Self.isCountable(width: width, height: height) else { return nil }
    var rest = width * height
    for run in runs {
      guard run >= 0, run <= rest else { return nil }
      rest -= run
    }
    guard rest == 0 else { return nil }
    self.init(width: width, height: height, counts: runs.map { UInt32($0) })
  }

  /// Whether a picture's pixels can be counted in 31 bits.
  public static func isCountable(width: Int, height: Int) -> Bool {
    guard width > 0, height > 0 else { return false }
    let (count, overflow) = width.multipliedReportingOverflow(by: height)
    return !overflow && count <= Int(Int32.max)
  }

  /// The pixels inside.
  public var area: Int {
    var sum = 0
    for index in stride(from: 1, to: counts.count, by: 2) { sum += Int(counts[index]) }
    return sum
  }

  /// The smallest rectangle round the mask; empty where the mask is.
  public var bounds: Rectangle {
    var (left, top, right, bottom) = (width, height, -1, -1)
    var place = 0
    for (index, count) in counts.enumerated() {
      let end = place + Int(count)
      if index % 2 == 1, count > 0 {
        let (first, last) = (place / height, (end - 1) / height)
        left = min(left, first)
        right = max(right, last)
        top = first == last ? min(top, place % height) : 0
        bottom = first == last ? max(bottom, (end - 1) % height) : height - 1
      }
      place = end
    }
    guard right >= left else { return Rectangle(x: 0, y: 0, width: 0, height: 0) }
    return Rectangle(
      x: Double(left),
      y: Double(top),
      width: Double(right - left + 1),
      height: Double(bottom - top + 1)
    )
  }

  /// The pixels of both over the pixels of either; for a crowd, over this mask's own. -1 for
  /// pictures of different sizes. Source: pycocotools `mask.iou` for run lengths.
  public func overlap(with label: RunLengthMask, isCrowd: Bool) -> Double {
    guard width == label.width, height == label.height else { return -1 }
    var (shared, either) = (0, 0)
    walk(with: label) { count, isInside, isInsideLabel in
      if isInside || isInsideLabel { either += count }
      if isInside && isInsideLabel { shared += count }
    }
    guard shared > 0 else { return 0 }
    return Double(shared) / Double(isCrowd ? area : either)
  }

  /// The pixels of either; both of one size.
  public func union(_ other: RunLengthMask) -> RunLengthMask {
    var runs = RunBuilder()
    walk(with: other) { count, isInside, isInsideOther in
      runs.append(count, isInside: isInside || isInsideOther)
    }
    return RunLengthMask(width: width, height: height, counts: runs.counts)
  }

  /// Calls `body` with stretches in which neither mask changes.
  @inline(__always)
  private func walk(with other: RunLengthMask, _ body: (Int, Bool, Bool) -> Void) {
    var (index, otherIndex) = (0, 0)
    var rest = counts.first.map(Int.init) ?? 0
    var otherRest = other.counts.first.map(Int.init) ?? 0
    while true {
      while rest == 0, index + 1 < counts.count {
        index += 1
        rest = Int(counts[index])
      }
      while otherRest == 0, otherIndex + 1 < other.counts.count {
        otherIndex += 1
        otherRest = Int(other.counts[otherIndex])
      }
      let count = min(rest, otherRest)
      guard count > 0 else { return }
      body(count, index % 2 == 1, otherIndex % 2 == 1)
      rest -= count
      otherRest -= count
    }
  }
}

/// Joins stretches of pixels into alternating runs.
struct RunBuilder {
  private(set) var counts: [UInt32] = [0]

  mutating func append(_ count: Int, isInside: Bool) {
    guard count > 0 else { return }
    if (counts.count % 2 == 0) == isInside {
      counts[counts.count - 1] += UInt32(count)
    } else {
      counts.append(UInt32(count))
    }
  }
}
