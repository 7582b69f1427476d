import CNativeKernels
import Graphs

/// How much scratch memory a layer may use: that of all of its threads together.
struct Workspace: Sendable, Hashable {
  /// The most, in bytes.
  let limit: Int
  private let threadCount: Int

  init(_ limit: Int, threadCount: Int) {
    self.limit = limit
    self.threadCount = threadCount
  }

  /// Whether a layer may use that much in each thread.
  func allows(_ perThread: Int) -> Bool {
    let (bytes, overflows) = perThread.multipliedReportingOverflow(by: max(1, threadCount))
    return !overflows && bytes <= limit
  }

  /// Why a tactic is no candidate.
  func reason(_ perThread: Int) -> String {
    let threads = threadCount == 1 ? "its thread" : "each of \(threadCount) threads"
    return "needs \(perThread) bytes of scratch memory in \(threads); \(limit) are allowed"
  }
}

extension ConvolutionWork {
  /// The scratch memory of Winograd's form in each thread, in bytes.
  func winogradScratch(width: Int) -> Int {
    native_winograd_workspace(Int32(width), Int32(inputChannels), Int32(outputChannels))
  }
}
