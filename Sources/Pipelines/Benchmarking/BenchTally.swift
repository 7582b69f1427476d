import Metrics

/// What was measured of one configuration, while it is measured.
struct BenchTally {
  var warmUp: WarmUp?
  /// Runs of the network: milliseconds, and seconds since the start.
  var engine: (times: [Double], starts: [Double]) = ([], [])
  /// The control kernel before each leg, in milliseconds.
  var control: [Double] = []
  /// The legs of the network.
  var engineLegs: InterleavedRounds.Legs = []
  /// Queries: milliseconds, and seconds since the start.
  var queries: (times: [Double], starts: [Double]) = ([], [])
  /// The legs of the queries.
  var queryLegs: InterleavedRounds.Legs = []
  /// Pictures of all queries.
  var pictureCount = 0
  /// Sums over all queries, in milliseconds: decoding, letterboxing, the network, suppression.
  var parts = (decode: 0.0, letterbox: 0.0, infer: 0.0, suppress: 0.0)
  /// Processor and wall-clock seconds, and pictures, of the legs that count for resources.
  var usage = (processor: 0.0, wall: 0.0, pictures: 0)
  /// The load of the scenario `server`.
  var server: ServerLoad?
}
