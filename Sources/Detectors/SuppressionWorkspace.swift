/// Memory for choosing among candidates, used again for each picture.
final class SuppressionWorkspace {
  /// What is chosen from.
  var candidates: [Candidate] = []
  /// The indices of the candidates by falling confidence.
  private(set) var order: [UInt32] = []
  /// The indices of the candidates kept so far, by falling confidence.
  private(set) var kept: [Int] = []
  private var otherOrder: [UInt32] = []
  private var histogram: [Int] = []
  // Corners and areas of the kept boxes, eight at a time; unused lanes hold NaN, which
  // overlaps nothing.
  private var left: [SIMD8<Float>] = []
  private var top: [SIMD8<Float>] = []
  private var right: [SIMD8<Float>] = []
  private var bottom: [SIMD8<Float>] = []
  private var area: [SIMD8<Float>] = []

  /// Fills `order`: a stable radix sort on the bits of the confidences, which are positive.
  func sort() {
    order.removeAll(keepingCapacity: true)
    for index in candidates.indices { order.append(UInt32(index)) }
    if candidates.count <= 64 { insertionSort() } else { radixSort() }
  }

  private func insertionSort() {
    for end in order.indices.dropFirst() {
      let moving = order[end]
      let confidence = candidates[Int(moving)].confidence
      var place = end
      while place > 0, candidates[Int(order[place - 1])].confidence < confidence {
        order[place] = order[place - 1]
        place -= 1
      }
      order[place] = moving
    }
  }

  private func radixSort() {
    if otherOrder.count < order.count {
      otherOrder = [UInt32](repeating: 0, count: order.count + order.count / 2)
    }
    for shift in [UInt32(0), 11, 22] {
      histogram.removeAll(keepingCapacity: true)
      histogram.append(contentsOf: repeatElement(0, count: 2049))
      func digit(_ index: UInt32) -> Int {
        let bits = ~candidates[Int(index)].confidence.bitPattern
        return Int(bits >> shift & 2047)
      }
      for index in order { histogram[digit(index) + 1] += 1 }
      for value in 0..<2048 { histogram[value + 1] += histogram[value] }
      for index in order {
        let value = digit(index)
        otherOrder[histogram[value]] = index
        histogram[value] += 1
      }
      for place in order.indices { order[place] = otherOrder[place] }
    }
  }

  /// Forgets what was kept.
  func beginKeeping() {
    kept.removeAll(keepingCapacity: true)
    left.removeAll(keepingCapacity: true)
    top.removeAll(keepingCapacity: true)
    right.removeAll(keepingCapacity: true)
    bottom.removeAll(keepingCapacity: true)
    area.removeAll(keepingCapacity: true)
  }

  /// Keeps the first by falling confidence, whatever they overlap.
  func keepMostConfident(_ count: Int) {
    sort()
    kept.removeAll(keepingCapacity: true)
    for index in order.prefix(count) { kept.append(Int(index)) }
  }

  /// Keeps a candidate whose box, moved aside for its class, is `box`.
  func keep(_ index: Int, at box: Box) {
    let lane = kept.count % 8
    if lane == 0 {
      let nothing = SIMD8<Float>(repeating: .nan)
      left.append(nothing)
      top.append(nothing)
      right.append(nothing)
      bottom.append(nothing)
      area.append(nothing)
    }
    let last = left.count - 1
    left[last][lane] = box.x1
    top[last][lane] = box.y1
    right[last][lane] = box.x2
    bottom[last][lane] = box.y2
    area[last][lane] = (box.x2 - box.x1) * (box.y2 - box.y1)
    kept.append(index)
  }

  /// Whether a kept box overlaps `box` by more than `threshold`.
  /// Source: torchvision `nms_kernel_impl`; the quotient is single, the threshold double.
  func overlapsKept(_ box: Box, threshold: Double) -> Bool {
    let limit = Self.largestFloat(notAbove: threshold)
    let boxArea = SIMD8<Float>(repeating: (box.x2 - box.x1) * (box.y2 - box.y1))
    let zero = SIMD8<Float>.zero
    for group in left.indices {
      let width = right[group].clampedAbove(box.x2) - left[group].clampedBelow(box.x1)
      let height = bottom[group].clampedAbove(box.y2) - top[group].clampedBelow(box.y1)
      let common =
        zero.replacing(with: width, where: width .> 0)
        * zero.replacing(with: height, where: height .> 0)
      let ratio = common / (area[group] + boxArea - common)
      if any(ratio .> limit) { return true }
    }
    return false
  }

  /// For a float `x`: `Double(x) > threshold` exactly when `x > largestFloat(threshold)`.
  static func largestFloat(notAbove threshold: Double) -> Float {
    let rounded = Float(threshold)
    return Double(rounded) > threshold ? rounded.nextDown : rounded
  }
}

extension SIMD8<Float> {
  fileprivate func clampedAbove(_ limit: Float) -> Self {
    replacing(with: limit, where: self .> limit)
  }
  fileprivate func clampedBelow(_ limit: Float) -> Self {
    replacing(with: limit, where: self .< limit)
  }
}
