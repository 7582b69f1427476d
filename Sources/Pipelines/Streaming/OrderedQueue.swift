/// A bounded queue of numbered elements: they may come in any order, and leave it by number from 0.
///
/// Whoever brings an element waits while it is too far ahead of the next one to leave, or while
/// what is stored weighs too much. The next one to leave is never kept waiting, so threads that
/// bring later ones cannot lock it out.
package final class OrderedQueue<Element: Sendable>: Sendable {
  private struct State {
    var stored: [Int: (element: Element, weight: Int)] = [:]
    var weight = 0
    /// The number of the next element to leave.
    var head = 0
    /// One past the last number, where it is known.
    var end: Int?
    var isCancelled = false
    var mostStored = 0
  }
  private let state = Monitor(State())
  private let capacity: Int
  private let weightLimit: Int

  /// Creates an empty queue.
  /// - Parameters:
  ///   - capacity: the most elements.
  ///   - weightLimit: what the elements may weigh together, where there are several.
  init(capacity: Int, weightLimit: Int = .max) {
    precondition(capacity > 0)
    self.capacity = capacity
    self.weightLimit = weightLimit
  }

  /// Brings element `number`, waiting for room.
  /// - Returns: false where the stream was cancelled or ended before that number.
  @discardableResult
  func put(_ number: Int, _ element: Element, weight: Int = 0) -> Bool {
    state.wait { state -> Bool? in
      if state.isCancelled || number >= state.end ?? .max { return false }
      let isNext = number == state.head
      let hasRoom =
        number < state.head + capacity
        && state.weight.addingReportingOverflow(weight).partialValue <= weightLimit
      guard isNext || hasRoom else { return nil }
      state.stored[number] = (element, weight)
      state.weight += weight
      state.mostStored = max(state.mostStored, state.stored.count)
      return true
    }
  }

  /// The next element, waiting for it; nil where there are no more or the stream was cancelled.
  func take() -> (number: Int, element: Element)? {
    state.wait { state -> (number: Int, element: Element)?? in
      if state.isCancelled || state.head >= state.end ?? .max { return .some(nil) }
      guard let (element, weight) = state.stored.removeValue(forKey: state.head) else { return nil }
      state.weight -= weight
      state.head += 1
      return .some((state.head - 1, element))
    }
  }

  /// Says that there are no elements from `number` on.
  func finish(at number: Int) { state.change { $0.end = min($0.end ?? .max, number) } }

  /// Lets nobody wait any longer; what is stored is lost.
  func cancel() {
    state.change { state in
      state.isCancelled = true
      state.stored.removeAll()
    }
  }

  /// One past the last number, where it is known.
  var end: Int? { state.read { $0.end } }

  /// The most elements that were stored at one time.
  var mostStored: Int { state.read { $0.mostStored } }
}
