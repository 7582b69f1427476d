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
  /// What a constant was made from, so that it is made once.
  struct Key: Hashable, Sendable {
    var value: Int
    var form: String
  }

  /// Bytes that nobody writes any more.
  private struct Constant: @unchecked Sendable {
    // Sendable: written before it is made, and only read afterwards.
    let bytes: UnsafeRawBufferPointer
    let isOwned: Bool
  }

  private struct Table: Sendable {
    var constants: [Constant] = []
    var numbers: [Key: Int] = [:]
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
  func bytes(_ number: Int) -> UnsafeRawBufferPointer { table.withLock { $0.constants[number] }.bytes }

  /// The number of a constant, made by `fill` where it is not there yet: `byteCount` zeroed bytes.
  func number(
    _ key: Key,
    byteCount: Int,
    fill: (UnsafeMutableRawBufferPointer) throws -> Void
  ) throws -> Int {
    if let number = table.withLock({ $0.numbers[key] }) { return number }
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
    let number = table.withLock { table in
      if let number = table.numbers[key] { return number }
      table.constants.append(made)
      table.numbers[key] = table.constants.count - 1
      return table.constants.count - 1
    }
    // Somebody else may have made it meanwhile.
    if bytes(number).baseAddress != made.bytes.baseAddress { free(memory) }
    return number
  }
}
