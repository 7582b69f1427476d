import Backends
import CNativeKernels
import Diagnostics
import Graphs
import Tensors

/// A plan file may say anything, and kernels believe what they are told. So a program from a file
/// is run only after it was found that no layer can reach memory that is not its own: every index
/// names something, every part lies inside its whole, every window inside its source's border,
/// and every constant is as large as the kernel that reads it expects.
extension Program {
  /// - Throws: `plan.damaged`, saying what does not fit.
  func validate(_ pool: ConstantPool) throws {
    try check(arenaByteCount >= 0 && arenaByteCount <= 1 << 40, "its memory has no sensible size")
    try checkInterface()
    // Every surface by itself, then what they say of each other.
    for index in surfaces.indices { try validate(form: index) }
    for index in surfaces.indices { try validate(surface: index) }
    for layer in layers {
      do { try validate(layer, pool) } catch let error as DeployError {
        throw error.at(.node(layer.name))
      }
    }
    try checkSizes()
    for (index, output) in outputs.enumerated() {
      guard case .surface(let surface) = output.source else { continue }
      try check(isPlane(surface, nil), "output \(index) is no planar surface")
      try check(
        output.binding.type.scalarType == surfaces[surface].element.scalarType
          && output.binding.type.shape?.dimensions == surfaces[surface].extents,
        "output \(index) has another shape than its memory"
      )
    }
  }

  func check(_ condition: Bool, _ what: @autoclosure () -> String) throws {
    guard condition else { throw DeployError.damagedPlan(what()) }
  }

  private func checkInterface() throws {
    for (index, _) in tensorInputs {
      try check(inputs.indices.contains(index), "it reads an input that it does not have")
    }
    // Memory is bound by name.
    try check(Set(inputs.map(\.name)).count == inputs.count, "two inputs have one name")
  }

  /// What a session allocates, and what it does for each picture of a batch.
  private func checkSizes() throws {
    var planes = 0
    for surface in surfaces where surface.isPlanar && surface.home != .arena {
      planes += surface.byteCount
    }
    try check(planes <= Self.largestMemory, "its inputs and outputs are too large")
    let structures = layers.reduce(0) { sum, layer in
      sum + (layer.work.surfaces.map { surfaces[$0].pictures }.max() ?? 0)
    }
    try check(structures <= 1 << 22, "its batches are too large")
  }

  private static let largestMemory = 1 << 34

  // MARK: Surfaces

  private func validate(form index: Int) throws {
    let surface = surfaces[index]
    let border = surface.border
    try check(
      surface.extents.allSatisfy { ((surface.isPlanar ? 0 : 1)...1 << 24).contains($0) },
      "surface \(index) has extents \(surface.extents)"
    )
    try check(
      surface.isPlanar || surface.extents.count == 4,
      "surface \(index) is no picture"
    )
    try check(
      // An extent of zero makes the product zero, but not that of the others.
      Shape.checkedCount(surface.extents.map { max($0, 1) }).map { $0 <= 1 << 34 } ?? false,
      "surface \(index) is too large"
    )
    try check(
      [border.top, border.left, border.bottom, border.right].allSatisfy { (0...4096).contains($0) },
      "surface \(index) has a border of \(border)"
    )
    if case .quantized(let scale, let zero) = surface.element {
      try check(scale.isFinite && scale > 0 && (0...255).contains(zero), "a scale is no scale")
    }
    if surface.isPlanar {
      try check(surface.element.scalarType != nil, "planar numbers are no floats")
    } else {
      try check(surface.element != .float16, "no kernel reads pictures of half precision")
    }
  }

  private func validate(surface index: Int) throws {
    let surface = surfaces[index]
    guard let part = surface.part else { return try validate(root: index) }
    // A part comes from an earlier or later surface; a chain that is too long may be a circle.
    var (current, length) = (index, 0)
    while let next = surfaces[current].part?.surface {
      try check(
        surfaces.indices.contains(next) && length <= Self.longestChain,
        "a part has no whole"
      )
      (current, length) = (next, length + 1)
    }
    let whole = surfaces[part.surface]
    try check(
      whole.isPlanar == surface.isPlanar && whole.pictures == surface.pictures
        && whole.element == surface.element,
      "surface \(index) is no part of \(part.surface)"
    )
    try check(
      [part.offset, part.firstRow, part.firstColumn].allSatisfy { (0...1 << 34).contains($0) }
        && [part.rowStep, part.columnStep].allSatisfy { (1...1 << 24).contains($0) },
      "surface \(index) has no place"
    )
    if surface.isPlanar {
      let (size, room) = (
        surface.extents.dropFirst().reduce(1, *), whole.extents.dropFirst().reduce(1, *)
      )
      return try check(part.offset <= room - size, "surface \(index) lies outside its whole")
    }
    try check(
      part.offset + surface.channels <= whole.channels
        && part.firstRow + (surface.height - 1) * part.rowStep < whole.height
        && part.firstColumn + (surface.width - 1) * part.columnStep < whole.width,
      "surface \(index) lies outside its whole"
    )
  }

  /// Parts of parts: a Concat of Concats, a Slice of a Slice.
  private static let longestChain = 256

  private func validate(root index: Int) throws {
    let surface = surfaces[index]
    switch surface.home {
    case .arena:
      try check(
        surface.offset >= 0 && surface.offset % 64 == 0
          && surface.offset <= arenaByteCount - surface.byteCount,
        "surface \(index) lies outside the memory"
      )
    case .scratch: try check(!surface.isPlanar, "surface \(index) is no picture")
    case .input(let input):
      try check(
        inputs.indices.contains(input) && surface.isPlanar
          && inputs[input].type.scalarType == surface.element.scalarType
          && inputs[input].type.shape?.dimensions == surface.extents,
        "surface \(index) is no input"
      )
    case .output(let output):
      try check(
        outputs.indices.contains(output) && surface.isPlanar
          && outputs[output].source == .surface(index),
        "surface \(index) is no output"
      )
    }
  }

  /// A picture in memory: not one whose rows are in a worker's scratch memory.
  func isPicture(_ index: Int) -> Bool {
    surfaces.indices.contains(index) && !surfaces[index].isPlanar
      && surfaces[root(of: index)].home != .scratch
  }
  private func isPlane(_ index: Int, _ element: Element? = .float32) -> Bool {
    surfaces.indices.contains(index) && surfaces[index].isPlanar
      && (element == nil || surfaces[index].element == element)
  }

  // MARK: Layers

  private func validate(_ layer: Layer, _ pool: ConstantPool) throws {
    for index in layer.clearedSurfaces {
      try check(isPicture(index) && surfaces[index].part == nil, "it clears no surface")
    }
    switch layer.work {
    case .convolution(let work): try validate(work, pool)
    case .pools(let works):
      try check(!works.isEmpty, "it pools nothing")
      for work in works { try validate(work) }
      try check(
        zip(works, works.dropFirst()).allSatisfy { $0.target == $1.source },
        "its pools are no chain"
      )
    case .copy(let source, let target, let repetition):
      try check(isPicture(source) && isPicture(target), "it copies no pictures")
      let (from, to) = (surfaces[source], surfaces[target])
      try check(
        (1...64).contains(repetition) && to.pictures == from.pictures
          && to.channels == from.channels && to.height == from.height * repetition
          && to.width == from.width * repetition,
        "it copies \(from.extents) to \(to.extents)"
      )
    case .fromPlanar(let source, let target):
      try check(isPicture(target), "it writes no picture")
      if case .surface(let index) = source {
        try check(isPlane(index), "it reads no plane")
        try check(surfaces[index].extents == surfaces[target].extents, "shapes differ")
      }
    case .toPlanar(let source, let target):
      try check(isPicture(source) && isPlane(target), "it writes no plane")
      try check(surfaces[source].extents == surfaces[target].extents, "shapes differ")
    case .cast(let source, let target):
      try check(isPlane(source, nil) && isPlane(target, nil), "it casts no planes")
      let (from, to) = (surfaces[source], surfaces[target])
      try check(from.extents == to.extents, "shapes differ")
      try check(
        (from.element == .float32) != (to.element == .float32),
        "it casts \(from.element.name) to \(to.element.name)"
      )
    case .elementwise(let work):
      let all = [work.first, work.target] + (work.second.map { [$0] } ?? [])
      try check(all.allSatisfy(isPicture), "it reads no pictures")
      try check(Set(all.map { surfaces[$0].extents }).count == 1, "shapes differ")
      try check(work.activation.code <= NATIVE_MISH.rawValue, "it has no such activation")
    case .decode(let work): try validate(work)
    case .reference(let work):
      try check(operators.indices.contains(work.node), "it has no operator")
      for operand in work.operands {
        if case .source(let source) = operand { try validate(source) }
        if case .constant(let number) = operand {
          try check(tensors[number] != nil, "it has no constant \(number)")
        }
      }
    }
  }

  private func validate(_ source: Layer.Source) throws {
    if case .surface(let index) = source { try check(isPlane(index, nil), "it reads no plane") }
  }

  private func validate(_ work: PoolWork) throws {
    try check(isPicture(work.source) && isPicture(work.target), "it pools no pictures")
    let (source, target) = (surfaces[work.source], surfaces[work.target])
    try check(
      source.element == target.element && source.pictures == target.pictures
        && source.channels == target.channels,
      "shapes differ"
    )
    try check(
      work.kernel.count == 2 && work.strides.count == 2 && work.pads.count == 2
        && (work.kernel + work.strides).allSatisfy { (1...4096).contains($0) }
        && zip(work.pads, work.kernel).allSatisfy { $0 >= 0 && $0 < $1 },
      "its window makes no sense"
    )
    for (axis, extents) in [(source.height, target.height), (source.width, target.width)]
      .enumerated()
    {
      try check(
        (extents.1 - 1) * work.strides[axis] - work.pads[axis] < extents.0,
        "its window leaves the picture"
      )
    }
  }

  func validate(_ work: DecodeWork, fused: Bool = false) throws {
    try check(fused || isPicture(work.source), "it decodes no picture")
    try check(isPlane(work.target), "it writes no plane")
    let (source, target) = (surfaces[work.source], surfaces[work.target])
    let anchors = work.anchors.count / 2
    try check(
      anchors > 0 && work.anchors.count % 2 == 0 && source.channels % anchors == 0,
      "its anchors do not fit"
    )
    let fields = source.channels / anchors
    try check(
      fields >= 5 && (0...fields).contains(work.sigmoidFields)
        && target.extents == [source.pictures, anchors * source.height * source.width, fields],
      "its boxes do not fit"
    )
  }
}

extension DeployError {
  /// The same error at another place.
  fileprivate func at(_ location: Diagnostic.Location) -> DeployError {
    let reason = diagnostics[0]
    return DeployError(reason.id, reason.message, at: location, remedy: reason.remedy)
  }
}
