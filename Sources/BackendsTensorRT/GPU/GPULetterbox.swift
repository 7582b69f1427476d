import Backends
import CGPUKernels
import CTensorRT
import Diagnostics
import Tensors

/// The pictures of one run on their way into a network's input on the GPU: staged in pinned memory,
/// copied, then scaled and padded by one kernel.
final class GPULetterbox {
  /// Whether pictures lie ready for the next run.
  private(set) var hasPictures = false
  /// Whether an address changed since somebody looked: what was recorded with the old one is void.
  var hasMoved = false

  private let rules: PictureRules
  private let kernels: GPUKernels
  private let stream: CUDAStream
  private let elementSize: Int
  private let values: CUDABlock
  /// [N, 3, H, W] of the run that is prepared.
  private(set) var shape = Shape([])
  private var staged: CUDAPinned?
  private var stagedCount = 0
  private var pixels: CUDABlock?
  /// VTGPUPicture [N], VTGPUMix [N, W], VTGPUMix [N, H].
  private var list: CUDAPinned?
  private var listOnDevice: CUDABlock?
  private var placements: [PicturePlacement?] = []

  /// - Parameter scalarType: of the network's input: float32 or float16.
  init(
    _ rules: PictureRules,
    _ scalarType: ScalarType,
    _ kernels: GPUKernels,
    _ stream: CUDAStream
  ) throws {
    self.rules = rules
    self.kernels = kernels
    self.stream = stream
    elementSize = scalarType.byteCount
    let table: [UInt8] =
      scalarType == .float16
      ? rules.values.map(Float16.init).withUnsafeBytes { Array($0) }
      : rules.values.withUnsafeBytes { Array($0) }
    values = try CUDABlock(table.count, stream)
    try table.withUnsafeBytes { try values.upload($0) }
    // The table is a local array: it must have arrived before this returns.
    try stream.synchronize()
  }

  private var count: Int { shape[0] }
  private var height: Int { shape[2] }
  private var width: Int { shape[3] }

  /// Takes one picture of the next run.
  func place(
    _ source: UnsafeBufferPointer<UInt8>,
    _ placement: PicturePlacement,
    at index: Int,
    shape: Shape
  ) throws {
    if !hasPictures { try begin(shape) }
    let isKnown = placements.indices.contains(index) && placements[index] == placement
    guard shape == self.shape, placements.indices.contains(index),
      placement.sourceWidth > 0, placement.sourceHeight > 0,
      source.count == 3 * placement.sourceWidth * placement.sourceHeight,
      isKnown || placement.isSound(width: width, height: height)
    else {
      throw DeployError(
        .backendShapeMismatch,
        "place \(index) of \(shape) cannot take \(source.count) bytes of a picture of "
          + "\(placement.sourceWidth)×\(placement.sourceHeight)",
        remedy: "place pictures of one run in one batch, each once and whole"
      )
    }
    let offset = stagedCount
    try stage(source)
    try write(placement, at: index, offset: offset, isKnown: isKnown)
    placements[index] = placement
    hasPictures = true
  }

  /// Copies what was placed to the GPU. Its size differs from run to run, so this is never recorded.
  func upload() throws {
    guard let staged, let list, let listOnDevice else { return }
    if (pixels?.byteCount ?? 0) < stagedCount {
      pixels = try CUDABlock(staged.bytes.count, stream)
      hasMoved = true
    }
    try pixels?.upload(UnsafeRawBufferPointer(rebasing: staged.bytes[..<stagedCount]))
    try listOnDevice.upload(UnsafeRawBufferPointer(list.bytes))
  }

  /// Fills the network's input.
  func run(into target: CUDAMemory) throws {
    guard let pixels, let listOnDevice else { return }
    var arguments = VTGPULetterbox()
    arguments.pictures = listOnDevice.address
    arguments.columns = listOnDevice.address + UInt64(columnStart)
    arguments.rows = listOnDevice.address + UInt64(rowStart)
    arguments.pixels = pixels.address
    arguments.values = values.address
    arguments.target = target.device.address
    (arguments.count, arguments.width) = (Int32(count), Int32(width))
    (arguments.height, arguments.elementSize) = (Int32(height), Int32(elementSize))
    arguments.padLevel = Int32(rules.padLevel)
    arguments.channels = (
      Int32(rules.channels[0]), Int32(rules.channels[1]), Int32(rules.channels[2])
    )
    let grid = GPUKernels.Grid(width, height, count, block: (32, 8))
    try kernels.launch(.letterbox, arguments, grid, on: stream)
  }

  /// Forgets the pictures of the run that is over.
  func end() {
    hasPictures = false
    stagedCount = 0
  }

  // MARK: Staging

  private var columnStart: Int { count * MemoryLayout<VTGPUPicture>.stride }
  private var rowStart: Int { columnStart + count * width * MemoryLayout<VTGPUMix>.stride }

  private func begin(_ shape: Shape) throws {
    stagedCount = 0
    // A known shape without memory on the GPU: an attempt for it has failed halfway.
    if shape != self.shape || listOnDevice == nil {
      guard shape.rank == 4, shape[1] == 3, shape.count > 0 else {
        throw DeployError(.backendShapeMismatch, "\(shape) is no batch of pictures [N, 3, H, W]")
      }
      self.shape = shape
      placements = Array(repeating: nil, count: count)
      listOnDevice = nil
      let size = rowStart + count * height * MemoryLayout<VTGPUMix>.stride
      list = try CUDAPinned(size, stream.driver)
      listOnDevice = try CUDABlock(size, stream)
      hasMoved = true
    }
    // Places that get no picture this time stay as they are in the network's input.
    guard let list else { return }
    for index in 0..<count {
      list.bytes.storeBytes(
        of: VTGPUPicture(),
        toByteOffset: index * MemoryLayout<VTGPUPicture>.stride,
        as: VTGPUPicture.self
      )
    }
  }

  private func stage(_ source: UnsafeBufferPointer<UInt8>) throws {
    let end = stagedCount + source.count
    if end > staged?.bytes.count ?? 0 {
      let larger = try CUDAPinned(max(end, 2 * stagedCount), stream.driver)
      if let staged {
        larger.bytes.copyMemory(
          from: UnsafeRawBufferPointer(rebasing: staged.bytes[..<stagedCount])
        )
      }
      staged = larger
    }
    guard let staged else { return }
    UnsafeMutableRawBufferPointer(rebasing: staged.bytes[stagedCount..<end])
      .copyMemory(from: UnsafeRawBufferPointer(source))
    // The next picture begins where the GPU reads best.
    stagedCount = min((end + 255) / 256 * 256, staged.bytes.count)
    if stagedCount < end { stagedCount = end }
  }

  private func write(
    _ placement: PicturePlacement,
    at index: Int,
    offset: Int,
    isKnown: Bool
  ) throws {
    guard let list else { return }
    let picture = VTGPUPicture(
      offset: UInt64(offset),
      sourceWidth: Int32(placement.sourceWidth),
      sourceHeight: Int32(placement.sourceHeight),
      left: Int32(placement.left),
      top: Int32(placement.top),
      width: Int32(placement.columns.count),
      height: Int32(placement.rows.count)
    )
    list.bytes.storeBytes(
      of: picture,
      toByteOffset: index * MemoryLayout<VTGPUPicture>.stride,
      as: VTGPUPicture.self
    )
    guard !isKnown else { return }
    let size = MemoryLayout<VTGPUMix>.stride
    copy(placement.columns, to: columnStart + index * width * size, of: list)
    copy(placement.rows, to: rowStart + index * height * size, of: list)
  }

  private func copy(_ mixes: [PicturePlacement.Mix], to start: Int, of list: CUDAPinned) {
    // Both structures are four 32-bit numbers in the same order.
    mixes.withUnsafeBytes { source in
      UnsafeMutableRawBufferPointer(rebasing: list.bytes[start..<start + source.count])
        .copyMemory(from: source)
    }
  }
}
