import Tensors

/// Puts a fresh input into a network's memory before each run.
final class BenchFeed {
  private let pictures: [TensorBuffer]
  private let target: TensorBuffer
  private var cursor = 0

  /// - Parameters:
  ///   - pictures: [1, 3, H, W] each, at least two.
  ///   - target: [N, 3, H, W].
  init(_ pictures: [TensorBuffer], into target: TensorBuffer) {
    self.pictures = pictures
    self.target = target
  }

  /// Fills the memory with the next pictures.
  func next() {
    guard let size = pictures.first?.bytes.count, size > 0 else { return }
    for place in 0..<target.bytes.count / size {
      let slot = UnsafeMutableRawBufferPointer(
        rebasing: target.bytes[place * size..<(place + 1) * size]
      )
      slot.copyMemory(from: UnsafeRawBufferPointer(pictures[cursor].bytes))
      cursor = (cursor + 1) % pictures.count
    }
  }
}
