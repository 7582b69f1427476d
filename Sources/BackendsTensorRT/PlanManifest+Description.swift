import Backends

extension EnginePlanFile {
  /// What the file says of itself, in words.
  var description: PlanFileDescription {
    var facts: [PlanFileDescription.Fact] = [
      .init("engine", "\(header.flavor.title) \(header.version.text).\(header.build)"),
      .init("targets", manifest.targets.isEmpty ? "the device it was built on" : manifest.targets),
      .init("built from", source),
      .init("written by", manifest.writer),
    ]
    facts += manifest.inputs.map { .init("input", "\($0.name) \($0.type)") }
    facts += manifest.outputs.map { .init("output", "\($0.name) \($0.type)") }
    facts += manifest.options.profiles.map { .init("profile", Self.text($0)) }
    if !manifest.options.stated.subtracting([.profile]).isEmpty {
      let names = manifest.options.stated.subtracting([.profile]).map(\.rawValue).sorted()
      facts.append(.init("options", names.joined(separator: ", ")))
    }
    facts += [
      .init("layers", "\(manifest.layers.count)"),
      .init("computes in", precisions),
      .init("engine bytes", "\(manifest.engineByteCount), SHA-256 \(manifest.engineDigest)"),
    ]
    if let milliseconds = manifest.measuredMilliseconds {
      facts.append(.init("measured", "\(milliseconds) ms"))
    }
    if let precision = manifest.measuredMeanAveragePrecision {
      facts.append(.init("mAP", "\(precision)"))
    }
    return PlanFileDescription(
      backend: manifest.backend,
      facts: facts,
      layers: manifest.info.layers,
      contract: manifest.contract
    )
  }

  private var source: String {
    let digest = manifest.source.digest
    return manifest.source.name + (digest.isEmpty ? "" : ", SHA-256 \(digest)")
  }

  /// `float16 in 60 layers, float32 in 2`.
  private var precisions: String {
    let sorted = manifest.executedPrecisions.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    guard !sorted.isEmpty else { return "not told" }
    return sorted.map { "\($0.key) in \($0.value)" }.joined(separator: ", ") + " layers"
  }

  private static func text(_ profile: ShapeProfile) -> String {
    profile.ranges.map { range in
      let shapes = [range.least, range.usual, range.greatest].map { extents in
        extents.map(String.init).joined(separator: "x")
      }
      return (range.input.isEmpty ? "" : range.input + " ") + shapes.joined(separator: " : ")
    }.joined(separator: ", ")
  }
}
