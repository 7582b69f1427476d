import Graphs

/// What a foreign file's metadata and shapes tell of the contract. Anchors stay empty: a decoded
/// head has them inside, and a raw head's user must state them.
struct ContractInference {
  let metadata: [String: String]
  let graph: Graph

  /// The contract, or nil where the shapes are not those of YOLOv5.
  func contract() -> ModelContract? {
    guard let input = graph.inputs.first.map({ graph[$0].type }), input.rank == 4 else {
      return nil
    }
    let size = inputSize(input)
    let types = graph.outputs.map { graph[$0].type }
    guard let output = types.first else { return nil }
    if types.allSatisfy({ $0.rank == 5 }) { return raw(types, size) }
    switch output.rank {
    case 2: return classifier(output, size)
    case 3: return decoded(types, size)
    default: return nil
    }
  }

  private var names: [String]? { metadata["names"].flatMap { PythonLiteral($0) }?.texts }

  private func inputSize(_ input: TensorType) -> [Int] {
    let extents = input.dimensions[2...].compactMap(\.value).filter { $0 > 0 }
    if extents.count == 2 { return extents }
    if case .list(let items)? = metadata["imgsz"].flatMap({ PythonLiteral($0) }) {
      let stated = items.compactMap(\.integer).filter { (1...65_536).contains($0) }
      if stated.count == 2 { return stated }
    }
    return [640, 640]
  }

  /// The class names, if their number agrees with what the shapes say (nil: nothing).
  private func names(count: Int?) -> [String]? {
    guard let count else { return names }
    guard (1...10_000).contains(count) else { return nil }
    guard let names else { return (0..<count).map { "class \($0)" } }
    return names.count == count ? names : nil
  }

  private func make(
    _ task: ModelContract.Task,
    _ head: ModelContract.Head,
    _ names: [String],
    _ strides: [Int],
    _ size: [Int]
  ) -> ModelContract {
    var contract = ModelContract(
      task: task,
      family: "YOLOv5 (another exporter's file)",
      classNames: names,
      levels: strides.map { .init(stride: $0, anchors: []) },
      inputSize: size
    )
    contract.head = head
    return contract
  }

  private func decoded(_ types: [TensorType], _ size: [Int]) -> ModelContract? {
    let (rows, columns) = (types[0].dimensions[1].value, types[0].dimensions[2].value)
    // [N, channels, anchors] belongs to later families.
    if let rows, let columns, rows <= columns { return nil }
    let masks = types.dropFirst().first { $0.rank == 4 }.flatMap { $0.dimensions[1].value } ?? 0
    guard let names = names(count: columns.map { $0 - 5 - masks }) else { return nil }
    var contract = make(
      masks > 0 ? .segment : .detect,
      .decoded,
      names,
      strides(rows, size),
      size
    )
    contract.maskCount = masks
    return contract
  }

  private func strides(_ rows: Int?, _ size: [Int]) -> [Int] {
    let options = [[8, 16, 32], [8, 16, 32, 64]]
    let fitting = options.first { strides in
      strides.reduce(0) { $0 + 3 * (size[0] / $1) * (size[1] / $1) } == rows
    }
    if let fitting { return fitting }
    let largest = metadata["stride"].flatMap { PythonLiteral($0) }?.integer
    return options.first { $0.last == largest } ?? options[0]
  }

  private func raw(_ types: [TensorType], _ size: [Int]) -> ModelContract? {
    var strides: [Int] = []
    for type in types {
      let rows = [type.dimensions[2], type.dimensions[3]].compactMap(\.value).first { $0 > 0 }
      guard let rows, size[0] % rows == 0 else { return nil }
      strides.append(size[0] / rows)
    }
    guard Set(types.map { $0.dimensions[4] }).count == 1,
      let columns = types[0].dimensions[4].value, let names = names(count: columns - 5)
    else { return nil }
    return make(.detect, .raw, names, strides, size)
  }

  private func classifier(_ type: TensorType, _ size: [Int]) -> ModelContract? {
    guard let names = names(count: type.dimensions[1].value) else { return nil }
    var contract = make(.classify, .decoded, names, [], size)
    contract.preprocessing.fit = .centreCrop
    // Source: YOLOv5, utils/augmentations.py, IMAGENET_MEAN and IMAGENET_STD.
    contract.preprocessing.mean = [0.485, 0.456, 0.406]
    contract.preprocessing.deviation = [0.229, 0.224, 0.225]
    return contract
  }
}
