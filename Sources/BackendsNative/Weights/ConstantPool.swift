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

  private struct Table {
    var pointers: [UnsafeRawBufferPointer] = []
    var owned: [UnsafeMutableRawPointer] = []
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
    table.withLock { $0.pointers = constants }
  }

  deinit {
    table.withLock { table in for pointer in table.owned { free(pointer) } }
  }

  /// The number of constants.
  var count: Int { table.withLock { $0.pointers.count } }

  /// The bytes of a constant.
  func bytes(_ number: Int) -> UnsafeRawBufferPointer { table.withLock { $0.pointers[number] } }

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
    return table.withLock { table in
      if let number = table.numbers[key] {
        free(memory)
        return number
      }
      table.owned.append(memory)
      table.pointers.append(UnsafeRawBufferPointer(start: memory, count: byteCount))
      table.numbers[key] = table.pointers.count - 1
      return table.pointers.count - 1
    }
  }
}
