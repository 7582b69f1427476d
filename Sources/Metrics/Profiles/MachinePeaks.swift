/// What this machine's processor and memory can do at most, measured: the roof of the roofline.
public struct MachinePeaks: Sendable, Hashable, Codable {
  /// The greatest arithmetic speed of one element type.
  public struct Arithmetic: Sendable, Hashable, Codable {
    /// The element type that is multiplied: `float32`, `bfloat16`, `int8`.
    public var precision: String
    /// Billions of operations per second over all threads; a multiply-add counts as two.
    public var gigaOperationsPerSecond: Double
    /// The instructions that reached it, such as `AVX-512 FMA`.
    public var method: String
    /// Creates a peak.
    public init(precision: String, gigaOperationsPerSecond: Double, method: String) {
      self.precision = precision
      self.gigaOperationsPerSecond = gigaOperationsPerSecond
      self.method = method
    }
  }

  /// The processor's name.
  public var processor: String
  /// Threads that worked at once.
  public var threadCount: Int
  /// One per element type that could be measured.
  public var arithmetic: [Arithmetic]
  /// Main memory traffic, reads and writes together, in 10⁹ bytes per second.
  public var memoryGigabytesPerSecond: Double
  /// The same for data that stays in the caches next to each core.
  public var cacheGigabytesPerSecond: Double
  /// Bytes that fit in those caches, over all threads: what is smaller counts as cached.
  public var cacheByteCount: Int
  /// How it was measured, in one sentence.
  public var method: String

  /// Creates a set of peaks.
  public init(
    processor: String,
    threadCount: Int,
    arithmetic: [Arithmetic],
    memoryGigabytesPerSecond: Double,
    cacheGigabytesPerSecond: Double,
    cacheByteCount: Int,
    method: String
  ) {
    self.processor = processor
    self.threadCount = threadCount
    self.arithmetic = arithmetic
    self.memoryGigabytesPerSecond = memoryGigabytesPerSecond
    self.cacheGigabytesPerSecond = cacheGigabytesPerSecond
    self.cacheByteCount = cacheByteCount
    self.method = method
  }

  /// The arithmetic peak for an element type; where that was not measured, that of `float32`.
  public func gigaOperations(for precision: String) -> Double? {
    let match = arithmetic.first { $0.precision == precision }
    return (match ?? arithmetic.first { $0.precision == "float32" })?.gigaOperationsPerSecond
  }

  /// The bandwidth that a layer which moves so many bytes can hope for, in 10⁹ bytes per second.
  public func gigabytesPerSecond(forBytes count: Int64) -> Double {
    count <= Int64(cacheByteCount) ? cacheGigabytesPerSecond : memoryGigabytesPerSecond
  }
}
