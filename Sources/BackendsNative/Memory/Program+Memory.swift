import Graphs

extension Program {
  /// Gives every surface the border that the convolutions which read it need.
  mutating func addBorders() {
    for layer in layers {
      guard case .convolution(let work) = layer.work, work.pads.contains(where: { $0 > 0 }) else {
        continue
      }
      let (source, target) = (surfaces[work.source], surfaces[work.target])
      let reach = { (axis: Int, positions: Int) in
        (positions - 1) * work.strides[axis] + (work.kernel[axis] - 1) * work.dilations[axis]
      }
      let border = Surface.Border(
        top: work.pads[0],
        left: work.pads[1],
        bottom: max(0, reach(0, target.height) - work.pads[0] - source.height + 1),
        right: max(0, reach(1, target.width) - work.pads[1] - source.width + 1)
      )
      surfaces[root(of: work.source)].border.formUnion(border)
    }
  }

  /// Places every surface in the arena: those that are never in use at the same time may share
  /// memory. Sets offsets, lifetimes, and which layer clears which border.
  mutating func planMemory(sharing: Bool) {
    let touched = setLifetimes()
    let own = surfaces.indices.filter {
      surfaces[$0].part == nil && surfaces[$0].home == .arena && touched.contains($0)
    }
    if !sharing { for index in own { surfaces[index].isExclusive = true } }
    summedByteCount = own.reduce(0) { $0 + surfaces[$1].byteCount }
    let plan = FirstFit.offsets(sizes: own.map { surfaces[$0].byteCount }) { left, right in
      isAlive(own[left], with: own[right])
    }
    for (index, offset) in zip(own, plan.offsets) { surfaces[index].offset = offset }
    arenaByteCount = plan.byteCount
    for index in own where !surfaces[index].isPlanar && !surfaces[index].border.isEmpty {
      layers[surfaces[index].lifetime.lowerBound].clearedSurfaces.append(index)
    }
  }

  private func isAlive(_ left: Int, with right: Int) -> Bool {
    surfaces[left].isExclusive || surfaces[right].isExclusive
      || surfaces[left].lifetime.overlaps(surfaces[right].lifetime)
  }

  /// - Returns: the surfaces of their own that some layer touches.
  private mutating func setLifetimes() -> Set<Int> {
    var touched: [Int: ClosedRange<Int>] = [:]
    func touch(_ surface: Int, _ layer: Int) {
      let root = root(of: surface)
      let known = touched[root] ?? layer...layer
      touched[root] = min(known.lowerBound, layer)...max(known.upperBound, layer)
    }
    for (index, layer) in layers.enumerated() {
      for surface in layer.work.surfaces { touch(surface, index) }
    }
    for output in outputs {
      if case .surface(let surface) = output.source { touch(surface, max(0, layers.count - 1)) }
    }
    for (root, lifetime) in touched { surfaces[root].lifetime = lifetime }
    return Set(touched.keys)
  }
}

extension Layer.Work {
  /// Every surface that is read or written.
  var surfaces: [Int] {
    switch self {
    case .convolution(let work):
      [work.source, work.decode?.target ?? work.target] + (work.residual.map { [$0] } ?? [])
    case .pools(let works): works.flatMap { [$0.source, $0.target] }
    case .copy(let source, let target, _): [source, target]
    case .fromPlanar(let source, let target): source.surfaces + [target]
    case .toPlanar(let source, let target), .cast(let source, let target): [source, target]
    case .elementwise(let work): [work.first, work.target] + (work.second.map { [$0] } ?? [])
    case .decode(let work): [work.source, work.target]
    case .reference(let work):
      work.operands.flatMap { operand -> [Int] in
        guard case .source(let source) = operand else { return [] }
        return source.surfaces
      }
    }
  }
}

extension Layer.Work {
  /// Whether it writes boxes.
  var decodes: Bool {
    switch self {
    case .decode: true
    case .convolution(let work): work.decode != nil
    default: false
    }
  }
}

extension Layer.Source {
  fileprivate var surfaces: [Int] {
    guard case .surface(let surface) = self else { return [] }
    return [surface]
  }
}
