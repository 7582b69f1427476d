import Backends
public import Diagnostics
import Metrics

extension Report {
  /// Checks that what refers to something by index refers to something that is there.
  /// - Throws: `report.inconsistent`.
  public func checkReferences() throws {
    try structure?.checkReferences()
    for timeline in timelines { try timeline.checkReferences() }
    if let sensitivity = quantization?.sensitivity,
      sensitivity.plans.count > 1000 || sensitivity.layers.count > 50_000
    {
      throw Self.inconsistent("a sensitivity has more plans or layers than can be shown")
    }
    try memory?.checkReferences()
  }

  /// The error of a reference that leads nowhere, or of more than can be shown.
  static func inconsistent(_ what: String) -> DeployError {
    DeployError(
      .reportInconsistent,
      what,
      remedy: "make the report again with the command that wrote it"
    )
  }
}

extension StructureRecord {
  /// The most nodes or edges of a stage that can be shown.
  private static let limit = 50_000

  fileprivate func checkReferences() throws {
    guard stages.count <= 8 else {
      throw Report.inconsistent("a structure has \(stages.count) stages, at most 8 can be shown")
    }
    for stage in stages {
      let count = stage.nodes.count
      guard count <= Self.limit, stage.edges.count <= Self.limit else {
        throw Report.inconsistent(
          "stage '\(stage.kind.rawValue)' has more than \(Self.limit) nodes"
        )
      }
      for edge in stage.edges
      where edge.count != 2 || !edge.allSatisfy(stage.nodes.indices.contains) {
        throw Report.inconsistent("edge \(edge) of stage '\(stage.kind.rawValue)' leads nowhere")
      }
      for node in stage.nodes {
        if let group = node.group, !(0...Self.limit).contains(group) {
          throw Report.inconsistent("group \(group) is none")
        }
      }
    }
    for link in links {
      guard link.stage >= 0, link.stage < stages.count - 1,
        stages[link.stage].nodes.indices.contains(link.from),
        stages[link.stage + 1].nodes.indices.contains(link.to)
      else {
        throw Report.inconsistent(
          "link \(link.from) to \(link.to) of stage \(link.stage) leads nowhere"
        )
      }
    }
    try checkSteps()
  }

  private func checkSteps() throws {
    let sources = stages.first { $0.kind == .onnx }?.nodes.count ?? 0
    let results = stages.first { $0.kind == .optimised }?.nodes.count ?? 0
    for step in steps {
      guard step.sources.allSatisfy((0..<sources).contains),
        step.results.allSatisfy((0..<results).contains)
      else { throw Report.inconsistent("edit \(step.number) touches nodes that are not there") }
    }
  }
}

extension PlanMemory {
  fileprivate func checkReferences() throws {
    let sizes = 0...1 << 48
    guard layers.count <= 50_000, surfaces.count <= 50_000, sizes.contains(peakByteCount),
      sizes.contains(summedByteCount)
    else { throw Report.inconsistent("a plan's memory is more than can be shown") }
    for surface in surfaces {
      guard layers.indices.contains(surface.firstLayer),
        layers.indices.contains(surface.lastLayer), surface.firstLayer <= surface.lastLayer,
        sizes.contains(surface.offset), (0...1 << 32).contains(surface.byteCount)
      else { throw Report.inconsistent("'\(surface.name)' lies nowhere in a plan's memory") }
    }
  }
}

extension Timeline {
  fileprivate func checkReferences() throws {
    guard spans.count <= 200_000, lanes.count <= 200 else {
      throw Report.inconsistent("timeline '\(title)' has more than can be shown")
    }
    for (index, span) in spans.enumerated() {
      let earlier = 0..<index
      guard lanes.indices.contains(span.lane), span.parent.map(earlier.contains) ?? true,
        span.after.allSatisfy(earlier.contains), span.duration >= 0,
        abs(span.start) < 1e12, span.duration < 1e12
      else { throw Report.inconsistent("span \(index) of timeline '\(title)' leads nowhere") }
    }
    guard instants.allSatisfy({ lanes.indices.contains($0.lane) && abs($0.time) < 1e12 }),
      criticalPath.allSatisfy(spans.indices.contains)
    else { throw Report.inconsistent("timeline '\(title)' names what is not there") }
  }
}

extension Diagnostic.ID {
  /// A document that refers to what it does not hold.
  public static let reportInconsistent: Self = "report.inconsistent"
}
