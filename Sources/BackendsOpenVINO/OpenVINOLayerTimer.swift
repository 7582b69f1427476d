import Backends
import COpenVINO
import Synchronization

/// The layer times of single runs.
///
/// OpenVINO answers with the average over all runs of the network since it was built, in whole
/// microseconds rounded down. The time of one run is the difference of two sums: `n` times the
/// average after it, less `n - 1` times the average before it. Rounding makes that uncertain by
/// up to `n` microseconds either way, without a bias that grows: errors of successive runs cancel.
struct OpenVINOLayerTimer {
  /// One layer of the last run.
  struct Layer {
    let name: String
    let tactic: String
    let duration: Duration
  }

  /// Sums by place in the list, in microseconds, after ``runCount`` runs.
  private var sums: [Double] = []
  private var runCount = 0

  /// Looks at the sums before a run; those of the run before are good where nobody else ran.
  mutating func begin(_ network: OpenVINONetwork, _ request: OpaquePointer) throws {
    let count = network.runCount.load(ordering: .relaxed)
    guard count != runCount else { return }
    runCount = count
    sums = try read(network, request).map(\.sum)
  }

  /// The layers that ran, in their order.
  mutating func end(
    _ network: OpenVINONetwork,
    _ request: OpaquePointer
  ) throws -> [Layer] {
    runCount = network.runCount.load(ordering: .relaxed)
    let entries = try read(network, request)
    let layers = entries.enumerated().compactMap { index, entry -> Layer? in
      guard entry.isExecuted else { return nil }
      let before = index < sums.count ? sums[index] : 0
      let microseconds = max(0, entry.sum - before)
      return Layer(
        name: entry.name,
        tactic: entry.type.isEmpty ? entry.tactic : "\(entry.type) \(entry.tactic)",
        duration: .nanoseconds(Int64(microseconds * 1000))
      )
    }
    sums = entries.map(\.sum)
    return layers
  }

  private struct Entry {
    let name: String
    let type: String
    let tactic: String
    let isExecuted: Bool
    let sum: Double
  }

  private func read(_ network: OpenVINONetwork, _ request: OpaquePointer) throws -> [Entry] {
    let (table, call) = (network.library.table, network.library.call)
    var list = VTOvLayers()
    try call.check("tell layer times", vtOvRequestLayers(table, request, &list))
    defer { vtOvFreeLayers(table, &list) }
    let text = { (pointer: UnsafePointer<CChar>?) in pointer.map { String(cString: $0) } ?? "" }
    return UnsafeBufferPointer(start: list.layers, count: list.count).map { layer in
      // The middle of what rounding down leaves open.
      let average = Double(layer.realTime) + (runCount > 1 ? 0.5 : 0)
      return Entry(
        name: text(layer.name),
        type: text(layer.type),
        tactic: text(layer.tactic),
        isExecuted: layer.status == 2,
        sum: average * Double(runCount)
      )
    }
  }
}
