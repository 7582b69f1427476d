import Backends
import CNativeKernels
import Diagnostics
import Tensors

/// Puts a convolution's constants into the layout that the kernels read.
struct WeightPacker {
  let pool: ConstantPool

  /// What the layout depends on besides the weights.
  struct Layout: Hashable {
    var element: Element
    var firstOutput: Int
    var outputCount: Int
    var blockVectors: Int
    /// Whether all taps of a kernel's row are one run of channels.
    var mergesRow: Bool
    /// Channels from pixel to pixel of a merged row.
    var pixelChannels: Int
  }

  /// Groups of four bytes in a tap's run of `channels` elements.
  static func groupCount(_ channels: Int, _ element: Element) -> Int {
    (channels + element.perGroup - 1) / element.perGroup
  }

  /// `[blocks][taps][groups][16 · vectors]` groups of a weight tensor `[M, C, kh, kw]`.
  func dense(_ weights: Tensor, _ layout: Layout) throws -> Int {
    let shape = weights.shape
    let (depth, rows, columns) = (shape[1], shape[2], shape[3])
    let taps = layout.mergesRow ? rows : rows * columns
    let run = layout.mergesRow ? columns * layout.pixelChannels : depth
    let groups = Self.groupCount(run, layout.element)
    let lanes = 16 * layout.blockVectors
    let blocks = (layout.outputCount + lanes - 1) / lanes
    let perGroup = layout.element.perGroup
    let count = blocks * taps * groups * lanes * perGroup
    /// Where element `channel` of tap (row, column) of output `output` goes.
    func place(_ output: Int, _ channel: Int, _ row: Int, _ column: Int) -> Int {
      let tap = layout.mergesRow ? row : row * columns + column
      let position = layout.mergesRow ? column * layout.pixelChannels + channel : channel
      let (block, lane) = (output / lanes, output % lanes)
      let group = (block * taps + tap) * groups + position / perGroup
      return (group * lanes + lane) * perGroup + position % perGroup
    }
    func scatter<From, To>(
      _ source: UnsafeBufferPointer<From>,
      _ target: UnsafeMutableBufferPointer<To>,
      _ convert: (From) -> To
    ) {
      for output in 0..<layout.outputCount {
        for channel in 0..<depth {
          let base = ((output + layout.firstOutput) * depth + channel) * rows * columns
          for row in 0..<rows {
            for column in 0..<columns {
              let value = source[base + row * columns + column]
              target[place(output, channel, row, column)] = convert(value)
            }
          }
        }
      }
    }
    return try pool.number(byteCount: count * 4 / perGroup) { bytes in
      switch layout.element {
      case .float32:
        try weights.converted(to: .float32).withScalars(of: Float.self) {
          scatter($0, bytes.bindMemory(to: Float.self)) { $0 }
        }
      case .bfloat16:
        try weights.converted(to: .bfloat16).withScalars(of: BFloat16.self) {
          scatter($0, bytes.bindMemory(to: BFloat16.self)) { $0 }
        }
      case .quantized:
        try weights.withScalars(of: Int8.self) {
          scatter($0, bytes.bindMemory(to: Int8.self)) { $0 }
        }
      case .float16:
        throw DeployError(.backendFailed, "no kernel multiplies half precision")
      }
    }
  }

  /// `[taps][channels]` floats of a depthwise weight tensor `[C, 1, kh, kw]`.
  func depthwise(_ weights: Tensor) throws -> Int {
    let shape = weights.shape
    let (channels, taps) = (shape[0], shape[2] * shape[3])
    let padded = (channels + 63) & ~63
    let source = try weights.floats()
    return try pool.number(byteCount: taps * padded * 4) { bytes in
      let target = bytes.bindMemory(to: Float.self)
      for channel in 0..<channels {
        for tap in 0..<taps { target[tap * channels + channel] = source[channel * taps + tap] }
      }
    }
  }

  /// `[M, C, kh, kw]` as it is, in the element type of the source.
  func plain(_ weights: Tensor, _ element: Element) throws -> Int {
    let converted = try weights.converted(to: element.scalarType ?? .float32)
    return try pool.number(byteCount: converted.byteCount) { bytes in
      try converted.withBytes { bytes.copyMemory(from: $0) }
    }
  }

  /// The form of Winograd's multiplication.
  func winograd(_ weights: Tensor) throws -> Int {
    let (outputs, inputs) = (weights.shape[0], weights.shape[1])
    let count = native_winograd_packed_floats(Int32(inputs), Int32(outputs))
    let source = try weights.floats()
    return try pool.number(byteCount: count * 4) { bytes in
      guard let target = bytes.bindMemory(to: Float.self).baseAddress else { return }
      source.withUnsafeBufferPointer {
        guard let base = $0.baseAddress else { return }
        native_winograd_pack(base, Int32(inputs), Int32(outputs), target)
      }
    }
  }

  /// Numbers per output channel, padded with zeros to whole blocks of 64.
  func channels(_ values: [Float]) throws -> Int {
    return try pool.number(byteCount: ((values.count + 63) & ~63) * 4) { bytes in
      let target = bytes.bindMemory(to: Float.self)
      for (index, value) in values.enumerated() { target[index] = value }
    }
  }
}
