import Synchronization

/// Numbers from 0 that workers take, each once.
final class WorkQueue: Sendable {
  private let count: Int
  private let taken = Atomic(0)
  private let finished = Atomic(0)
  private let progress: ProgressHandler

  init(count: Int, _ progress: @escaping ProgressHandler) {
    self.count = count
    self.progress = progress
  }

  /// The next number; nil where there is none, or work was stopped.
  func next() -> Int? {
    let number = taken.wrappingAdd(1, ordering: .relaxed).oldValue
    return number < count ? number : nil
  }

  /// Tells that one more is done.
  func done() {
    progress(.advanced(finished.wrappingAdd(1, ordering: .relaxed).newValue))
  }

  /// Gives out no more.
  func stop() { taken.store(count, ordering: .relaxed) }
}
