import CNativeKernels
import TestSupport

/// A picture in memory of its own, with guards around every pixel, that a kernel reads or writes.
final class TestView {
  let view: native_view
  let height: Int
  let width: Int
  let channels: Int
  private let memory: UnsafeMutableRawBufferPointer
  private var before: [UInt8]

  /// - Parameters:
  ///   - border: readable pixels around the picture.
  ///   - gap: channels between one pixel's and the next's.
  ///   - filled: whether to fill the picture, its border and the gaps with random values.
  init(
    _ type: native_type,
    _ height: Int,
    _ width: Int,
    _ channels: Int,
    border: Int = 0,
    gap: Int = 0,
    filled: Bool = false,
    scale: Float = 1,
    zero: Int32 = 0,
    using random: inout SeededGenerator
  ) {
    self.height = height
    self.width = width
    self.channels = channels
    let size = Self.elementSize(type)
    let pixelStep = (channels + gap) * size
    let rowStep = (width + 2 * border) * pixelStep + 4 * Int.random(in: 0...3, using: &random)
    let count = rowStep * (height + 2 * border) + 1024
    memory = .allocate(byteCount: count, alignment: 64)
    memory.initializeMemory(as: UInt8.self, repeating: 0xA5)
    let start = 512 + border * (rowStep + pixelStep)
    view = native_view(
      data: memory.baseAddress.map { $0.assumingMemoryBound(to: UInt8.self) + start },
      row_step: Int64(rowStep),
      pixel_step: Int64(pixelStep),
      type: type,
      scale: scale,
      zero: zero
    )
    before = []
    if filled {
      for y in -border..<height + border {
        for x in -border..<width + border {
          for c in 0..<channels + gap {
            let value = Float(Int.random(in: -1000...1000, using: &random)) / 500
            let place = start + y * rowStep + x * pixelStep + c * size
            switch type {
            case NATIVE_U8: memory[place] = .random(in: 0...255, using: &random)
            case NATIVE_BF16:
              memory.storeBytes(of: Self.bfloat16(value), toByteOffset: place, as: UInt16.self)
            default: memory.storeBytes(of: value, toByteOffset: place, as: Float.self)
            }
          }
        }
      }
    }
    before = Array(memory)
  }

  deinit { memory.deallocate() }

  static func elementSize(_ type: native_type) -> Int {
    type == NATIVE_U8 ? 1 : type == NATIVE_BF16 ? 2 : 4
  }

  /// Truncated: enough for making values that bfloat16 holds.
  static func bfloat16(_ value: Float) -> UInt16 { UInt16(value.bitPattern >> 16) }

  /// The bytes of the whole memory.
  var bytes: [UInt8] { Array(memory) }

  /// Everything as it was at first.
  func reset() { memory.copyBytes(from: before) }

  private func place(_ y: Int, _ x: Int, _ c: Int) -> Int {
    guard let base = memory.baseAddress, let data = view.data else { return 0 }
    return UnsafeRawPointer(data) - UnsafeRawPointer(base) + y * Int(view.row_step)
      + x * Int(view.pixel_step) + c * Self.elementSize(view.type)
  }

  /// The stored byte or integer.
  func integer(_ y: Int, _ x: Int, _ c: Int) -> Int {
    view.type == NATIVE_U8
      ? Int(memory[place(y, x, c)])
      : Int(memory.loadUnaligned(fromByteOffset: place(y, x, c), as: Int32.self))
  }

  /// What an element stands for, exactly as the kernels define it.
  func value(_ y: Int, _ x: Int, _ c: Int) -> Float {
    let place = place(y, x, c)
    switch view.type {
    case NATIVE_U8: return Float(Int32(memory[place]) - view.zero) * view.scale
    case NATIVE_BF16:
      let half = memory.loadUnaligned(fromByteOffset: place, as: UInt16.self)
      return Float(bitPattern: UInt32(half) << 16)
    case NATIVE_S32:
      return Float(memory.loadUnaligned(fromByteOffset: place, as: Int32.self))
    default: return memory.loadUnaligned(fromByteOffset: place, as: Float.self)
    }
  }

  /// How many bytes outside the picture's channels have changed.
  var spilt: Int {
    var inside = [Bool](repeating: false, count: memory.count)
    let size = channels * Self.elementSize(view.type)
    for y in 0..<height {
      for x in 0..<width {
        let first = place(y, x, 0)
        for index in first..<first + size { inside[index] = true }
      }
    }
    return memory.indices.count { !inside[$0] && memory[$0] != before[$0] }
  }
}

/// 64-byte aligned elements for the time of a test.
final class AlignedArray<Element> {
  let pointer: UnsafeMutablePointer<Element>
  let count: Int

  init(repeating value: Element, count: Int) {
    self.count = count
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: max(count, 1) * MemoryLayout<Element>.stride,
      alignment: 64
    )
    pointer = raw.initializeMemory(as: Element.self, repeating: value, count: count)
  }

  deinit { pointer.deallocate() }

  subscript(index: Int) -> Element {
    get { pointer[index] }
    set { pointer[index] = newValue }
  }
}
