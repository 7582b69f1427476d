import Backends

extension [Surface] {
  /// What lies where in the arena, by offset.
  func memory(_ layers: [Layer], peak: Int, sum: Int) -> PlanMemory {
    var parts: [Int: [String]] = [:]
    var touched: Set<Int> = []
    for index in indices where self[index].part != nil {
      parts[root(of: index), default: []].append(self[index].name)
    }
    for layer in layers {
      for surface in layer.work.surfaces { touched.insert(root(of: surface)) }
    }
    let own = indices.filter {
      self[$0].part == nil && self[$0].home == .arena && touched.contains($0)
    }
    return PlanMemory(
      peakByteCount: peak,
      summedByteCount: sum,
      layers: layers.map(\.name),
      surfaces: own.map { index in
        let surface = self[index]
        return PlanMemory.Surface(
          name: surface.name,
          element: surface.element.name,
          offset: surface.offset,
          byteCount: surface.byteCount,
          firstLayer: surface.lifetime.lowerBound,
          lastLayer: surface.lifetime.upperBound,
          isExclusive: surface.isExclusive,
          parts: parts[index] ?? []
        )
      }.sorted { ($0.offset, $0.firstLayer) < ($1.offset, $1.firstLayer) }
    )
  }
}
