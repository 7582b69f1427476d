import Diagnostics
import Files
import Reports

/// Reads one lab's folder.
struct LabReader {
  let folder: String
  let name: String
  /// Whether the course was made for learners: without what its labs are proved by.
  var isForLearners = false

  /// - Throws: `course.…`, `file.…`.
  func read() throws -> Lab {
    let hints = try file("hints.yaml").list().map(hint)
    let checks = try file("checks.yaml").list().map(check)
    let mutants = isForLearners ? [] : try file("mutants.yaml").list().map(mutant)
    let texts = try TextPair(
      english: text("text/en.md"),
      chinese: text("text/zh-Hans.md"),
      name: name
    )
    return try file("lab.yaml").fields { fields in
      let tiers = try fields["tiers"].list().map(tier)
      let task = try fields["task"].word()
      return Lab(
        id: try fields["id"].word(),
        uuid: try fields["uuid"].word(),
        folderName: name,
        path: folder,
        stage: try fields["stage"].count(in: 1...9),
        names: try fields["name"].localized(),
        summary: try fields["summary"].localized(),
        teaches: try fields["teaches"].list().map { try $0.word() },
        needs: try fields["needs"].list().map { try $0.word() },
        task: task,
        slots: try fields["slots"].list().map { try slot($0, task) },
        tiers: tiers,
        checks: checks,
        mutants: mutants,
        alternates: try fields["alternates"].list().map { try $0.word() },
        hints: hints,
        mostGiven: isForLearners ? tiers.map(\.scaffold).max() ?? 0 : 3,
        texts: texts
      )
    }
  }

  private func file(_ path: String) throws -> YAMLValue {
    try StrictYAML.read(folder + "/" + path, as: "labs/\(name)/\(path)")
  }

  private func text(_ path: String) throws -> String {
    let bytes = try MappedFile.contents(of: folder + "/" + path, limit: 1 << 18)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw DeployError.course(
        .courseInvalidValue,
        "is not UTF-8",
        in: "labs/\(name)/\(path)",
        line: 1
      )
    }
    return text
  }

  private func slot(_ value: YAMLValue, _ task: String) throws -> Lab.Slot {
    try value.fields { fields in
      var limits = RunLimits()
      if let seconds = fields.optional("wall-seconds") {
        limits.wallSeconds = try seconds.number(in: 0.1...600)
      }
      if let memory = fields.optional("memory-mb") {
        limits.memoryBytes = try memory.count(in: 16...16_384) << 20
      }
      if let folder = fields.optional("folder-mb") {
        limits.folderBytes = try folder.count(in: 1...4096) << 20
      }
      return Lab.Slot(
        name: try fields["name"].word(),
        task: try fields.optional("task")?.word() ?? task,
        limits: limits
      )
    }
  }

  private func tier(_ value: YAMLValue) throws -> Lab.Tier {
    try value.fields { fields in
      Lab.Tier(
        name: try fields["name"].word(),
        minutes: try fields["minutes"].count(in: 1...10_000),
        scaffold: try fields["scaffold"].count(in: 0...3),
        bands: try numbers(fields.optional("bands"))
      )
    }
  }

  private func numbers(_ value: YAMLValue?) throws -> [String: Double] {
    try (value?.entries() ?? []).reduce(into: [:]) { $0[$1.key] = try $1.value.number() }
  }

  private func check(_ value: YAMLValue) throws -> CheckRecipe {
    try value.fields { fields in
      CheckRecipe(
        id: try fields["id"].word(),
        names: try fields["name"].localized(),
        slot: try fields["slot"].word(),
        firstTier: try fields.optional("from")?.word(),
        group: try fields["group"].word(),
        caseCount: try fields["cases"].count(in: 1...400),
        quickCount: try fields.optional("quick")?.count(in: 0...20) ?? 0,
        points: try fields["points"].count(in: 0...1000),
        concepts: try fields["concepts"].list().map { try $0.word() },
        bands: try numbers(fields.optional("bands")),
        message: try fields["message"].word(),
        hypotheses: try fields["hypotheses"].list().map { try $0.word() }
      )
    }
  }

  private func mutant(_ value: YAMLValue) throws -> MutantRecipe {
    try value.fields { fields in
      MutantRecipe(
        id: try fields["id"].word(),
        names: try fields["name"].localized(),
        slot: try fields["slot"].word(),
        edits: try fields["edits"].list().map { edit in
          try edit.fields {
            MutantRecipe.Edit(
              find: try $0["find"].text(),
              replacement: try $0["replace"].text()
            )
          }
        },
        mustFail: try fields["must-fail"].list().map { try $0.word() },
        diagnosis: try fields.optional("diagnosis")?.word()
      )
    }
  }

  private func hint(_ value: YAMLValue) throws -> Lab.HintStep {
    try value.fields { fields in
      Lab.HintStep(
        text: try fields["text"].localized(),
        attempts: try fields["attempts"].count(in: 0...100),
        needsThought: try fields.optional("thought")?.flag() ?? false
      )
    }
  }
}
