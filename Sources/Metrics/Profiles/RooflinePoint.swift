/// Where a layer stands below the roof.
public struct RooflinePoint: Sendable, Hashable, Codable {
  /// Operations per byte of traffic; 0 where nothing is computed.
  public var arithmeticIntensity: Double
  /// max(tc, tm) / t of ``LayerBound``: 1 is the roof. More than 1 says that the engine did less
  /// than the definition asks for (a faster algorithm, or data that was still in a cache).
  public var shareOfPeak: Double
  /// What limits the layer.
  public var bound: LayerBound

  /// Places a layer; nil where the time is not positive or no peak is known.
  /// - Parameters:
  ///   - operations: arithmetic operations, a multiply-add counting as two.
  ///   - bytes: traffic, read and written.
  ///   - milliseconds: the measured time.
  ///   - precision: the element type of the arithmetic.
  public init?(
    operations: Int64,
    bytes: Int64,
    milliseconds: Double,
    precision: String,
    peaks: MachinePeaks
  ) {
    let bandwidth = peaks.gigabytesPerSecond(forBytes: bytes)
    guard milliseconds > 0, bandwidth > 0, let speed = peaks.gigaOperations(for: precision),
      speed > 0
    else { return nil }
    // 10⁹ per second are 10⁶ per millisecond.
    let computeTime = Double(operations) / (speed * 1e6)
    let memoryTime = Double(bytes) / (bandwidth * 1e6)
    arithmeticIntensity = bytes > 0 ? Double(operations) / Double(bytes) : 0
    shareOfPeak = max(computeTime, memoryTime) / milliseconds
    if shareOfPeak < LayerBound.overheadShare {
      bound = .overhead
    } else {
      bound = computeTime >= memoryTime ? .compute : .memory
    }
  }
}
