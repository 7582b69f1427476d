import Diagnostics
import Files
import Tensors

/// The storages of a file, and the tensors that lie on them.
///
/// A dense, aligned tensor borrows the mapping. Others (transposed, expanded, misaligned,
/// truth values) are deferred: their dense copy is made when they are read. Every claim is
/// checked against the file first, and the sum of the copies against ``copyLimit``.
struct CheckpointStorages {
  let file: MappedFile
  /// Where a storage's bytes are in the file, by its key.
  let range: (String) -> Range<Int>?
  /// How many bytes the deferred tensors may take if each is read once.
  let copyLimit: Int
  private var copied = 0

  init(_ file: MappedFile, range: @escaping (String) -> Range<Int>?) {
    self.file = file
    self.range = range
    copyLimit = 1 << 28 + 2 * min(file.count, 1 << 40)
  }

  /// The tensor that the pickle describes.
  /// - Throws: `checkpoint.damaged-tensor`, `checkpoint.too-complex`.
  mutating func tensor(_ claim: PickleTensor, on storage: PickleStorage) throws -> Tensor {
    guard let range = range(storage.key) else {
      throw CheckpointFailure.tensor("the file holds no storage '\(storage.key)'")
    }
    let width = claim.scalarType.byteCount
    let (claimed, overflow) = storage.count.multipliedReportingOverflow(
      by: storage.scalarType?.byteCount ?? 1
    )
    guard !overflow, claimed <= range.count else {
      throw CheckpointFailure.tensor(
        "storage '\(storage.key)' claims \(storage.count) elements of \(storage.className) and "
          + "holds \(range.count) bytes"
      )
    }
    let layout = StridedLayout(
      offset: claim.offset,
      viewOffset: storage.viewOffset,
      sizes: claim.sizes,
      strides: claim.strides
    )
    guard let layout, layout.end <= range.count / width else {
      throw CheckpointFailure.tensor(
        "a tensor of sizes \(claim.sizes), strides \(claim.strides) and offset \(claim.offset) "
          + "does not fit storage '\(storage.key)' of \(range.count / width) elements"
      )
    }
    let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[range])
    return try place(layout, on: bytes, claim.scalarType)
  }

  private mutating func place(
    _ layout: StridedLayout,
    on bytes: UnsafeRawBufferPointer,
    _ type: ScalarType
  ) throws -> Tensor {
    let shape = Shape(layout.sizes)
    let width = type.byteCount
    let isAligned = (Int(bitPattern: bytes.baseAddress) + layout.start * width) % width == 0
    if layout.isDense, isAligned, type != .bool {
      let start = layout.start * width
      let part = UnsafeRawBufferPointer(rebasing: bytes[start..<start + layout.count * width])
      return try Tensor(borrowing: part, of: file, shape: shape, scalarType: type)
    }
    guard layout.count <= (copyLimit - copied) / width else {
      throw CheckpointFailure.tooComplex(
        "expanded and transposed tensors of the file would take more than \(copyLimit) bytes"
      )
    }
    copied += layout.count * width
    let raw = try Tensor(
      borrowing: bytes,
      of: file,
      shape: [bytes.count],
      scalarType: .uint8
    )
    return Tensor(deferred: shape, type) {
      try raw.withBytes { source in
        try Tensor(shape: shape, scalarType: type) { layout.gather(source, width: width, into: $0) }
          .normalised()
      }
    }
  }
}

extension Tensor {
  /// The same tensor with truth values that are 0 or 1.
  fileprivate func normalised() throws -> Tensor {
    guard scalarType == .bool else { return self }
    return try withBytes { try Tensor(copying: $0, shape: shape, scalarType: .bool) }
  }
}
