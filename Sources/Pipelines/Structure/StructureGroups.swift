import Reports

/// Numbers the groups: nodes of one stage that became one node of the next.
enum StructureGroups {
  static func assign(to record: inout StructureRecord) {
    var count = 0
    // From the last stage back: the coarsest grouping gives its number to all that led to it.
    for stage in record.stages.indices.dropFirst().reversed() {
      let sources = Dictionary(grouping: record.links.filter { $0.stage == stage - 1 }, by: \.to)
      for to in sources.keys.sorted() {
        guard let links = sources[to],
          let number = record.stages[stage].nodes[to].group
            ?? (isFusion(record.stages[stage - 1], links) ? count : nil)
        else { continue }
        if record.stages[stage].nodes[to].group == nil { count += 1 }
        record.stages[stage].nodes[to].group = number
        for link in links where record.stages[stage - 1].nodes[link.from].group == nil {
          record.stages[stage - 1].nodes[link.from].group = number
        }
      }
    }
    spread(&record)
  }

  /// What stands for nodes of one group alone belongs to it too.
  private static func spread(_ record: inout StructureRecord) {
    for link in record.links.sorted(by: { $0.stage < $1.stage }) {
      guard let group = record.stages[link.stage].nodes[link.from].group,
        record.stages[link.stage + 1].nodes[link.to].group == nil
      else { continue }
      record.stages[link.stage + 1].nodes[link.to].group = group
    }
  }

  /// Several nodes became one; modules hold nodes, which is no fusion.
  private static func isFusion(
    _ stage: StructureRecord.Stage,
    _ links: [StructureRecord.Link]
  ) -> Bool {
    stage.kind != .modules && Set(links.map(\.from)).count > 1
  }
}
