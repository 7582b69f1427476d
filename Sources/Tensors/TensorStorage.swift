/// Where a tensor's bytes are.
///
/// - `owned`: memory of its own, written once before it is shared.
/// - `borrowed`: a stretch of something that `owner` keeps alive, such as a mapped file.
/// - `deferred`: a recipe; the bytes are made anew for each reader and freed after it.
enum TensorStorage: Sendable {
  case owned(OwnedBytes)
  case borrowed(BorrowedBytes)
  case deferred(@Sendable () throws -> Tensor)
}

/// Heap memory, aligned for vector loads, freed with the object.
// Written only through `init`, before any other reference exists; read-only afterwards, so
// sharing it between threads is safe.
final class OwnedBytes: @unchecked Sendable {
  static let alignment = 64
  let bytes: UnsafeMutableRawBufferPointer

  init(byteCount: Int, _ fill: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: byteCount,
      alignment: Self.alignment
    )
    do { try fill(bytes) } catch {
      bytes.deallocate()
      throw error
    }
    self.bytes = bytes
  }
  deinit { bytes.deallocate() }
}

/// Bytes that belong to `owner`.
// `owner` is Sendable, outlives the pointer and never changes the bytes: two threads only read.
struct BorrowedBytes: @unchecked Sendable {
  let bytes: UnsafeRawBufferPointer
  let owner: any AnyObject & Sendable
}
