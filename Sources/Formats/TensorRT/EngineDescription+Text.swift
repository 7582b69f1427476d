import Tensors

extension EngineDescription {
  /// Reads the form in which a builder logs the layers of what it has built, line by line:
  ///
  ///     Layers:
  ///     Name: /model.0/conv/Conv, LayerType: kgen, Inputs: [ { Name: images, Dimensions: …
  ///
  /// Where an engine cannot be opened for want of a GPU, this is the only account of its layers.
  /// Lines of another form are left out. Source: TensorRT for RTX 1.4.0 and 1.7.1, their logs.
  public static func parse(log: String) -> EngineDescription {
    var description = EngineDescription(layers: [], bindings: [], spelling: "")
    var isInLayers = true
    for line in log.split(whereSeparator: \.isNewline) {
      if line.hasPrefix("I/O Tensors:") || line.hasPrefix("Bindings:") {
        isInLayers = false
        description.spelling = line.hasPrefix("Bindings:") ? "8.x to 10.x" : "11.x"
      } else if isInLayers, line.hasPrefix("Name: ") {
        description.layers.append(layer(line))
      } else if !isInLayers, let name = bindingName(line) {
        description.bindings.append(name)
      }
    }
    return description
  }

  private static func bindingName(_ line: Substring) -> String? {
    let text = line.drop { $0 == " " }
    if text.hasPrefix("Name: ") { return String(field("Name: ", of: text, until: [", "])) }
    return text.isEmpty || text.contains(":") ? nil : String(text)
  }

  private static func layer(_ line: Substring) -> EngineLayer {
    var layer = EngineLayer(name: String(field("Name: ", of: line, until: [", LayerType: "])))
    layer.kind = String(field(", LayerType: ", of: line, until: [", "]))
    layer.tactic = String(field(", TacticName: ", of: line, until: [", StreamId: ", ", "]))
    layer.metadata = String(field(", Metadata: ", of: line, until: []))
    layer.inputs = tensors(
      field(", Inputs: [", of: line, until: ["], Constants: [", "], Outputs: ["])
    )
    layer.outputs = tensors(field(", Outputs: [", of: line, until: ["], TacticName: ", "], "]))
    let constants = tensors(field(", Constants: [", of: line, until: ["], Outputs: ["]))
    let sizes = constants.compactMap(\.byteCount).filter { $0 < 1 << 40 }
    layer.weightByteCount = sizes.reduce(0, +)
    layer.scalarType = constants.first?.scalarType ?? layer.inputs.first?.scalarType
    return layer
  }

  private static func tensors(_ list: Substring) -> [EngineTensor] {
    list.pieces(after: "{ Name: ").map { piece in
      let end = piece.firstRange(of: ", Dimensions: [") ?? piece.endIndex..<piece.endIndex
      let extents = field(", Dimensions: [", of: piece, until: ["]"])
      let format = field("Datatype: ", of: piece, until: [",", " ", "}"])
      return EngineTensor(
        name: String(piece[..<end.lowerBound]),
        extents: extents.split(separator: ",").map { Int($0) ?? -1 },
        scalarType: scalarType(String(format))
      )
    }
  }

  /// What stands between `key` and the first of `ends` that is there; empty where `key` is not.
  private static func field(
    _ key: String,
    of text: Substring,
    until ends: [String]
  ) -> Substring {
    guard let start = text.firstRange(of: key) else { return "" }
    let rest = text[start.upperBound...]
    for end in ends {
      if let range = rest.firstRange(of: end) { return rest[..<range.lowerBound] }
    }
    return rest
  }
}

extension EngineLayer {
  /// The ONNX nodes that it stands for: the names in `[ONNX Layer: …]` of its metadata.
  public var sourceNodes: [String] {
    metadata[...].pieces(after: "[ONNX Layer: ").map { piece in
      // Names may hold brackets themselves; the last one before the next layer ends this one.
      let end = piece.lastIndex(of: "]") ?? piece.endIndex
      return String(piece[..<end])
    }
  }
}

extension Substring {
  /// The stretches that follow each occurrence of a mark, up to the next one.
  fileprivate func pieces(after mark: String) -> [Substring] {
    var result: [Substring] = []
    var rest = self
    while let range = rest.firstRange(of: mark) {
      rest = rest[range.upperBound...]
      let end = rest.firstRange(of: mark)?.lowerBound ?? rest.endIndex
      result.append(rest[..<end])
      rest = rest[end...]
    }
    return result
  }

  /// The first place where a text occurs, compared byte by byte: `Character` comparison is what
  /// makes long logs slow.
  fileprivate func firstRange(of text: String) -> Range<Index>? {
    let (hay, needle) = (utf8, Array(text.utf8))
    guard let first = needle.first, hay.count >= needle.count else { return nil }
    var place = hay.startIndex
    while let start = hay[place...].firstIndex(of: first) {
      if hay[start...].starts(with: needle) {
        return start..<hay.index(start, offsetBy: needle.count)
      }
      place = hay.index(after: start)
    }
    return nil
  }
}
