import Files

/// Where encoded bytes go, in order.
protocol ByteSink: ~Copyable {
  mutating func write(_ bytes: UnsafeRawBufferPointer) throws
}

extension ByteSink where Self: ~Copyable {
  mutating func write(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try write($0) }
  }
}

extension AtomicFile: ByteSink {}

/// Bytes in memory.
struct MemorySink: ByteSink {
  private(set) var bytes: [UInt8] = []
  init(capacity: Int) { bytes.reserveCapacity(capacity) }
  mutating func write(_ bytes: UnsafeRawBufferPointer) { self.bytes += bytes }
}
