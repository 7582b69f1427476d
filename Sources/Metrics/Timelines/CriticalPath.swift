/// The chain of dependent spans that takes longest: shortening anything else gains nothing.
///
/// A chain's length is the sum of its spans' durations; waiting is nobody's work and counts for
/// nothing. Spans depend on earlier ones only, so one look at each in order is enough. Parts of a
/// span form chains of their own, which are on the path where the span is.
struct CriticalPath {
  /// Indices of the spans on the path, rising.
  let indices: [Int]

  init(_ spans: [Timeline.Span]) {
    var lengths = [Double](repeating: 0, count: spans.count)
    var previous = [Int?](repeating: nil, count: spans.count)
    // The end of the longest chain among the parts of each span; nil stands for the whole.
    var ends: [Int?: Int] = [:]
    for (index, span) in spans.enumerated() {
      let parent = Self.parent(of: index, spans)
      let before = span.after.filter {
        (0..<index).contains($0) && Self.parent(of: $0, spans) == parent
      }
      previous[index] = before.max { lengths[$0] < lengths[$1] }
      lengths[index] = (previous[index].map { lengths[$0] } ?? 0) + max(0, span.duration)
      if let best = ends[parent], lengths[best] >= lengths[index] { continue }
      ends[parent] = index
    }
    var found: [Int] = []
    var waiting: [Int?] = [nil]
    while let whole = waiting.popLast() {
      var next = ends[whole]
      while let index = next {
        found.append(index)
        waiting.append(index)
        next = previous[index]
      }
    }
    indices = found.sorted()
  }

  /// Only an earlier span can be the whole of a later one.
  private static func parent(of index: Int, _ spans: [Timeline.Span]) -> Int? {
    spans[index].parent.flatMap { (0..<index).contains($0) ? $0 : nil }
  }
}
