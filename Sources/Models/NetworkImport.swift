import Diagnostics
import Formats
import Graphs
import Tensors

/// One import: walks the layers, appends the head, writes the contract.
struct NetworkImport {
  /// What an import leaves behind: the model, and where each layer's result is in its graph.
  struct Result {
    var model: ImportedModel
    var layerOutputs: [ValueID]
  }

  let network: NetworkRecord
  let checkpoint: Checkpoint
  let options: ImportOptions
  let head: DetectionHead?
  let identity: ModelIdentity

  init(_ network: NetworkRecord, _ checkpoint: Checkpoint, _ options: ImportOptions) throws {
    self.network = network
    self.checkpoint = checkpoint
    self.options = options
    identity = ModelIdentity(network, checkpoint)
    head = try network.head.flatMap { module in
      try HeadKind(module).map { try DetectionHead(module, $0, root: network.root) }
    }
    try check()
  }

  var size: [Int] { options.imageSize ?? (head == nil ? [224, 224] : [640, 640]) }

  func run() throws -> Result {
    let strides = try head.map { try $0.strides ?? measuredStrides($0) }
    try checkSize(strides?.max() ?? 1)
    var builder = NetworkBuilder(name: identity.family)
    let input = builder.graph.addInput("images", inputType)
    let values = try body(from: input, in: &builder)
    var contract: ModelContract
    if let head {
      let levels = head.levels(strides: strides ?? [])
      contract = self.contract(head.kind == .segment ? .segment : .detect, levels, head.classCount)
      contract.maskCount = head.maskCount
      contract.head = options.head
      try append(HeadBuilder(head: head, levels: levels), values, in: &builder)
    } else {
      contract = try classification(values, in: &builder)
    }
    let names = try ClassNames(network.root, options.names, contract.classNames.count)
    contract.classNames = names.names
    builder.graph.contract = contract
    let model = ImportedModel(
      graph: builder.graph,
      contract: contract,
      diagnostics: builder.diagnostics + names.diagnostics + trainedSizeNote()
    )
    return Result(model: model, layerOutputs: values)
  }

  private var inputType: TensorType {
    let batch: Dimension = options.dynamic == .none ? .fixed(options.batch) : .symbol("batch")
    let isOpen = options.dynamic == .size
    return TensorType(
      .float32,
      [
        batch, 3, isOpen ? .symbol("height") : .fixed(size[0]),
        isOpen ? .symbol("width") : .fixed(size[1]),
      ]
    )
  }

  // MARK: Layers

  /// The results of all layers; of a detection head, its maps are appended in `maps(of:)`.
  private func body(from input: ValueID, in builder: inout NetworkBuilder) throws -> [ValueID] {
    var values: [ValueID] = []
    for layer in head == nil ? network.layers[...] : network.layers.dropLast() {
      let inputs = layer.sources.map { $0 < 0 ? input : values[$0] }
      values.append(try builder.lower(layer.module, inputs))
    }
    return values
  }

  private func headSources(_ values: [ValueID]) throws -> [ValueID] {
    guard let layer = network.layers.last, let head,
      layer.sources.allSatisfy({ values.indices.contains($0) }),
      layer.sources.count == head.convolutions.count
    else {
      throw network.root.incomplete("head: its inputs do not fit its levels")
    }
    return layer.sources.map { values[$0] }
  }

  private func append(
    _ form: HeadBuilder,
    _ values: [ValueID],
    in builder: inout NetworkBuilder
  ) throws {
    let sources = try headSources(values)
    let maps = try zip(form.head.convolutions, sources).map { try builder.lower($0, $1) }
    var outputs: [ValueID]
    switch options.head {
    case .decoded: outputs = [try form.decoded(maps, in: &builder)]
    case .raw: outputs = try form.raw(maps, in: &builder)
    case .end2end:
      let boxes = try form.decoded(maps, in: &builder)
      let suppression = SuppressionBuilder(module: form.module, options: options.suppression)
      let detections = try suppression.detections(boxes, form.head.classCount, in: &builder)
      builder.graph.markOutput(detections, named: "detections")
      return
    }
    if form.head.kind == .segment {
      outputs.append(try builder.lower(form.module.child("proto"), sources[0]))
    }
    for (index, output) in outputs.enumerated() {
      builder.graph.markOutput(output, named: "output\(index)")
    }
  }

  private func classification(
    _ values: [ValueID],
    in builder: inout NetworkBuilder
  ) throws -> ModelContract {
    guard let last = network.head, last.kind == "Classify", let scores = values.last else {
      throw DeployError(
        .modelNotYOLOv5,
        "the last layer is \(network.head?.record.className ?? "absent"), "
          + "not Detect, Segment or Classify",
        at: .module(network.head?.path ?? "model"),
        remedy: "pass a checkpoint of YOLOv5 v3 to v7 (detect, segment or classify)"
      )
    }
    let count = try builder.knownExtent(1, of: scores, in: last)
    builder.graph.markOutput(scores, named: "output0")
    var contract = self.contract(.classify, [], count)
    // Source: YOLOv5 utils/augmentations.py, classify_transforms.
    contract.preprocessing.fit = .centreCrop
    contract.preprocessing.mean = [0.485, 0.456, 0.406]
    contract.preprocessing.deviation = [0.229, 0.224, 0.225]
    return contract
  }

  private func contract(
    _ task: ModelContract.Task,
    _ levels: [ModelContract.Level],
    _ classCount: Int
  ) -> ModelContract {
    ModelContract(
      task: task,
      family: identity.family,
      classNames: [String](repeating: "", count: classCount),
      levels: levels,
      inputSize: size
    )
  }

  /// Strides from the sizes of the maps, for a checkpoint that does not state them.
  private func measuredStrides(_ head: DetectionHead) throws -> [Int] {
    var builder = NetworkBuilder(name: "probe")
    let side = 256
    let input = builder.graph.addInput("images", TensorType(.float32, [1, 3, side, side]))
    let sources = try headSources(body(from: input, in: &builder))
    return try sources.map { source in
      let cells = try builder.knownExtent(2, of: source, in: head.module)
      guard cells > 0, side % cells == 0 else { throw head.module.incomplete("stride") }
      return side / cells
    }
  }
}
