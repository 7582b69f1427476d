import Backends
import Diagnostics
import Glibc
import Synchronization

/// Constant bytes in the kernels' own layout, made once and shared by every program and session
/// of a plan.
///
/// Sendable: the table is behind a lock, and the bytes that it names are written once, before
/// anybody can know their number, and live as long as the pool.
final class ConstantPool: @unchecked Sendable {
  /// Bytes that nobody writes any more.
  private struct Constant: @unchecked Sendable {
    // Sendable: written before it is made, and only read afterwards.
    let bytes: UnsafeRawBufferPointer
    let isOwned: Bool
  }

  private struct Table: Sendable {
    var constants: [Constant] = []
    /// Constants by a digest of their bytes.
    var numbers: [UInt64: [Int]] = [:]
    /// Constants that were made of others, by how.
    var derived: [String: Int] = [:]
  }

  private let table = Mutex(Table())
  /// Keeps mapped constants alive.
  private let owner: (any AnyObject & Sendable)?

  /// An empty pool.
  init() { owner = nil }

  /// Constants that lie in memory which `owner` keeps alive, aligned to 64 bytes.
  init(_ constants: [UnsafeRawBufferPointer], owner: any AnyObject & Sendable) {
    self.owner = owner
    let mapped = constants.map { Constant(bytes: $0, isOwned: false) }
    table.withLock { $0.constants = mapped }
  }

  deinit {
    for constant in table.withLock({ $0.constants }) where constant.isOwned {
      free(UnsafeMutableRawPointer(mutating: constant.bytes.baseAddress))
    }
  }

  /// The number of constants.
  var count: Int { table.withLock { $0.constants.count } }

  /// The bytes of a constant.
  func bytes(_ number: Int) -> UnsafeRawBufferPointer {
    table.withLock { $0.constants[number] }.bytes
  }

  /// The number of the constant that `fill` writes into `byteCount` zeroed bytes. Equal bytes are
  /// kept once: programs of other shapes read the same weights, but the numbers of a graph's values
  /// do not tell which, as passes may do other things to other shapes.
  func number(
    byteCount: Int,
    fill: (UnsafeMutableRawBufferPointer) throws -> Void
  ) throws -> Int {
    // Whole cache lines and one more, so that a kernel's last vector reads what is there.
    let capacity = (max(byteCount, 1) + 127) & ~63
    guard let memory = aligned_alloc(64, capacity) else {
      throw DeployError(.backendFailed, "there is no memory for \(byteCount) bytes of weights")
    }
    memset(memory, 0, capacity)
    do { try fill(UnsafeMutableRawBufferPointer(start: memory, count: byteCount)) } catch {
      free(memory)
      throw error
    }
    let made = Constant(
      bytes: UnsafeRawBufferPointer(start: memory, count: byteCount),
      isOwned: true
    )
    let digest = Self.digest(made.bytes)
    let (number, isNew) = table.withLock { table -> (Int, Bool) in
      let same = table.numbers[digest, default: []].first { number in
        let other = table.constants[number].bytes
        guard other.count == byteCount, let address = other.baseAddress else { return false }
        return memcmp(address, memory, byteCount) == 0
      }
      if let same { return (same, false) }
      table.constants.append(made)
      table.numbers[digest, default: []].append(table.constants.count - 1)
      return (table.constants.count - 1, true)
    }
    if !isNew { free(memory) }
    return number
  }

  /// The number of a constant that is made of others, once for each key.
  func derived(
    _ key: String,
    byteCount: Int,
    fill: (UnsafeMutableRawBufferPointer) throws -> Void
  ) throws -> Int {
    if let known = table.withLock({ $0.derived[key] }) { return known }
    let made = try number(byteCount: byteCount, fill: fill)
    table.withLock { $0.derived[key] = made }
    return made
  }

  /// Finds candidates only: what they hold is compared. Source: the mixing of Fowler, Noll and Vo,
  /// eight bytes at a time.
  private static func digest(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var result: UInt64 = 0xCBF2_9CE4_8422_2325
    var offset = 0
    while offset + 8 <= bytes.count {
      let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      result = (result ^ word) &* 0x0000_0100_0000_01B3
      result ^= result >> 29
      offset += 8
    }
    for byte in bytes[offset...] { result = (result ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return result
  }
}
