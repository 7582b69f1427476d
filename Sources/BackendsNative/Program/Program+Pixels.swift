import Backends

extension Program {
  /// Whether an input may be given as bytes of pictures: it is float32 [N, 3, H, W], and all that
  /// is done with it is to reorder its elements, which converts them too.
  func readsPixels(_ name: String) -> Bool {
    guard let number = inputs.firstIndex(where: { $0.name == name }),
      tensorInputs[number] == nil,
      let surface = surfaces.firstIndex(where: { $0.home == .input(number) && $0.part == nil }),
      surfaces[surface].element == .float32, surfaces[surface].extents.count == 4,
      surfaces[surface].channels == 3
    else { return false }
    let isResult = outputs.contains {
      if case .surface(let index) = $0.source { root(of: index) == surface } else { false }
    }
    guard !isResult else { return false }
    return layers.allSatisfy { layer in
      if case .fromPlanar(.surface(surface), _) = layer.work { return true }
      return !layer.work.surfaces.contains { root(of: $0) == surface }
    }
  }
}
