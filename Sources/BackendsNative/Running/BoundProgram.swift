import Backends
import CNativeKernels
import Diagnostics
import Glibc
import Graphs
import Tensors

/// A program with memory: every address is known, so that a run only computes.
final class BoundProgram {
  /// What a layer does: tasks that may run at the same time, or something on the caller's thread.
  enum Step {
    case tasks(Int, (_ task: Int, _ worker: Int) -> Void)
    case caller(() throws -> Void)
  }

  let program: Program
  let team: ThreadTeam
  let isa: native_isa
  let pool: ConstantPool
  /// For layers that are its.
  let oneDNN: OneDNNLibrary?
  private let arena: Arena
  let inputs: [TensorBuffer]
  /// By output number; nil where the value is a reference layer's.
  private(set) var outputs: [TensorBuffer?] = []
  /// What reference layers wrote, and inputs that only they read, by value number.
  var tensors: [Int: Tensor] = [:]
  private(set) var steps: [Step] = []
  private let layerInfos: [LayerInfo]
  private var memory: [UnsafeMutableRawPointer] = []
  /// Scratch of each worker, shared by the layers.
  private var scratch: [UnsafeMutableRawPointer] = []
  private var scratchByteCount = 0
  /// The logit that heads compare objectness with, where they can.
  let leastLogit: UnsafeMutablePointer<Float>
  /// What may be left out; see ``DetectingSession/objectnessFloor``.
  var objectnessFloor: Float? {
    didSet { leastLogit.pointee = Self.leastLogit(objectnessFloor) }
  }

  init(
    _ program: Program,
    inputs: [TensorBuffer],
    team: ThreadTeam,
    isa: native_isa,
    pool: ConstantPool,
    oneDNN: OneDNNLibrary? = nil
  ) throws {
    self.program = program
    self.inputs = inputs
    self.team = team
    self.isa = isa
    self.pool = pool
    self.oneDNN = oneDNN
    leastLogit = .allocate(capacity: 1)
    leastLogit.initialize(to: Self.leastLogit(nil))
    arena = try Arena(byteCount: program.arenaByteCount)
    layerInfos = program.layerInfos
    for (index, output) in program.outputs.enumerated() {
      guard case .surface(let surface) = output.source,
        program.surfaces[program.root(of: surface)].home == .output(index)
      else {
        outputs.append(nil)
        continue
      }
      let shape = Shape(program.surfaces[surface].extents)
      // One picture's rows may be read a vector past their end: the memory has room for it.
      outputs.append(TensorBuffer(shape: shape, scalarType: output.binding.type.scalarType))
    }
    for layer in program.layers { steps.append(try step(layer)) }
    for _ in 0..<team.count { scratch.append(allocate(scratchByteCount)) }
  }

  deinit {
    for pointer in memory { free(pointer) }
    leastLogit.deallocate()
  }

  /// σ is monotonic: below this logit, with a margin for rounding, none exceeds the floor.
  private static func leastLogit(_ floor: Float?) -> Float {
    guard let floor, floor > 0 else { return -.infinity }
    return floor < 1 ? log(floor / (1 - floor)) - 0.01 : .infinity
  }

  /// Runs every layer but those left out.
  func run(
    _ session: any Session,
    _ observer: (any SessionObserver)?,
    without skipped: Set<Int> = []
  ) throws {
    tensors.removeAll(keepingCapacity: true)
    for (index, number) in program.tensorInputs { tensors[number] = inputs[index].tensor() }
    guard skipped.isEmpty else {
      for (index, step) in steps.enumerated() where !skipped.contains(index) { try perform(step) }
      return
    }
    guard let observer else {
      for step in steps { try perform(step) }
      return
    }
    let start = ContinuousClock.now
    for (index, step) in steps.enumerated() {
      let begin = ContinuousClock.now
      try perform(step)
      observer.session(session, didRun: layerInfos[index], in: ContinuousClock.now - begin)
    }
    observer.session(session, didFinish: .compute, in: ContinuousClock.now - start)
  }

  /// Runs every layer and says what each took, in milliseconds.
  func layerTimes() throws -> [Double] {
    tensors.removeAll(keepingCapacity: true)
    for (index, number) in program.tensorInputs { tensors[number] = inputs[index].tensor() }
    return try steps.map { step in
      try ContinuousClock().measure { try perform(step) } / .milliseconds(1)
    }
  }

  private func perform(_ step: Step) throws {
    switch step {
    case .tasks(let count, let body): team.run(count, body)
    case .caller(let body): try body()
    }
  }

  // MARK: Memory

  /// Zeroed memory that lives as long as this object, aligned for vectors.
  func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let capacity = (max(byteCount, 1) + 63) & ~63
    guard let pointer = aligned_alloc(64, capacity) else {
      preconditionFailure("no memory for \(byteCount) bytes")
    }
    memset(pointer, 0, capacity)
    memory.append(pointer)
    return pointer
  }

  func reserveScratch(_ byteCount: Int) { scratchByteCount = max(scratchByteCount, byteCount) }
  func scratch(of worker: Int) -> UnsafeMutableRawPointer { scratch[worker] }

  /// The first byte of a surface of its own.
  private func base(of root: Int) -> UnsafeMutableRawPointer {
    let surface = program.surfaces[root]
    switch surface.home {
    case .arena, .scratch: return arena.base + surface.offset
    case .input(let index): return inputs[index].bytes.baseAddress ?? arena.base
    case .output(let index): return outputs[index]?.bytes.baseAddress ?? arena.base
    }
  }

  /// Planar floats of one picture.
  func plane(_ index: Int, picture: Int) -> UnsafeMutablePointer<Float> {
    planeStart(index, picture: picture).assumingMemoryBound(to: Float.self)
  }

  /// Whether planar elements are an input that the caller gives as bytes of a picture.
  func isPixels(_ source: Layer.Source) -> Bool {
    guard case .surface(let index) = source, case .input(let input) = program.surfaces[index].home,
      program.surfaces[index].part == nil
    else { return false }
    return inputs[input].scalarType == .uint8 && program.surfaces[index].element == .float32
  }

  /// The bytes of an input given as pixels.
  func pixels(_ index: Int) -> UnsafeRawPointer { UnsafeRawPointer(base(of: index)) }

  /// The first planar element of one picture.
  func planeStart(_ index: Int, picture: Int) -> UnsafeMutableRawPointer {
    let root = program.root(of: index)
    var offset = 0
    var current = index
    while let part = program.surfaces[current].part {
      offset += part.offset
      current = part.surface
    }
    let start = base(of: root) + picture * program.surfaces[root].pictureByteCount
    return start + offset * program.surfaces[root].element.byteCount
  }

  /// One picture of an NHWC surface, from a channel on.
  func view(_ index: Int, picture: Int, channel: Int = 0) -> native_view {
    let surface = program.surfaces[index]
    let root = program.surfaces[program.root(of: index)]
    var (row, column, first) = (0, 0, channel)
    var (rowStep, columnStep) = (1, 1)
    var current = surface
    while let part = current.part {
      row = row * part.rowStep + part.firstRow
      column = column * part.columnStep + part.firstColumn
      rowStep *= part.rowStep
      columnStep *= part.columnStep
      first += part.offset
      current = program.surfaces[part.surface]
    }
    let offset =
      picture * root.pictureByteCount + (root.border.top + row) * root.rowByteCount
      + (root.border.left + column) * root.pixelByteCount + first * root.element.byteCount
    var view = native_view()
    let address = base(of: program.root(of: index)) + offset
    view.data = address.assumingMemoryBound(to: UInt8.self)
    view.row_step = Int64(rowStep * root.rowByteCount)
    view.pixel_step = Int64(columnStep * root.pixelByteCount)
    view.type = surface.element.native
    view.scale = 1
    if case .quantized(let scale, let zero) = surface.element {
      view.scale = scale
      view.zero = zero
    }
    return view
  }

  // MARK: Results

  /// The result of that number, as memory that stays valid until the next run.
  func result(_ number: Int) throws -> TensorBuffer {
    if let buffer = outputs[number] { return buffer }
    let output = program.outputs[number]
    let tensor = try tensor(output.source, output.binding.type.scalarType)
    let buffer = TensorBuffer(shape: tensor.shape, scalarType: tensor.scalarType)
    try buffer.copy(tensor)
    return buffer
  }

  /// A copy of all pictures of a planar surface.
  private func planes<Scalar: TensorScalar>(_ index: Int, of: Scalar.Type) -> Tensor {
    let extents = program.surfaces[index].extents
    return Tensor(shape: Shape(extents), of: Scalar.self) { target in
      let count = extents.dropFirst().reduce(1, *)
      guard let base = target.baseAddress, count > 0 else { return }
      for picture in 0..<(target.count / count) {
        let start = planeStart(index, picture: picture).assumingMemoryBound(to: Scalar.self)
        (base + picture * count).update(from: start, count: count)
      }
    }
  }

  /// A copy of planar elements.
  func tensor(_ source: Layer.Source, _ type: ScalarType = .float32) throws -> Tensor {
    switch source {
    case .surface(let index):
      switch program.surfaces[index].element {
      case .float16: return planes(index, of: Float16.self)
      case .bfloat16: return planes(index, of: BFloat16.self)
      default: return planes(index, of: Float.self)
      }
    case .tensor(let number):
      guard let tensor = tensors[number] ?? program.tensors[number] else {
        throw DeployError(.backendFailed, "value \(number) was not written")
      }
      return tensor
    }
  }
}
