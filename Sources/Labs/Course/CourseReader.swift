import Diagnostics
import Files
import Glibc

extension Course {
  /// Reads a course's folder and checks what can be checked without running anything.
  /// - Throws: `course.…`, `file.…`.
  package init(path: String) throws {
    guard Folder.exists(path + "/labs") else {
      throw DeployError(
        .courseNotFound,
        "there is no course in this folder",
        at: .file(path: path),
        remedy: "give the folder that holds course.yaml with --course, or set VITRINE_COURSE"
      )
    }
    let concepts = try StrictYAML.read(path + "/concepts.yaml", as: "concepts.yaml").list()
      .map(Self.concept)
    let glossary = try StrictYAML.read(path + "/glossary.yaml", as: "glossary.yaml").list()
      .map { Term(words: try $0.localized()) }
    let messages = try Self.messages(path)
    let questions = try WhyQuestion.read(path)
    let rubrics = try Rubric.read(path)
    let root = try StrictYAML.read(path + "/course.yaml", as: "course.yaml")
    self = try root.fields { fields in
      guard try fields["format"].count() == 1 else {
        throw root.failure("only format 1 is known")
      }
      let audience = try fields.optional("audience")?.word()
      guard audience == nil || audience == "learners" else {
        throw root.failure("'audience' can only be 'learners'")
      }
      let labs = try fields["labs"].list().map { value in
        let name = try value.word()
        return try LabReader(
          folder: "\(path)/labs/\(name)",
          name: name,
          isForLearners: audience != nil
        ).read()
      }
      return Course(
        path: path,
        uuid: try fields["uuid"].word(),
        version: try fields["version"].text(),
        isForLearners: audience != nil,
        names: try fields["name"].localized(),
        stages: try fields["stages"].list().map(Self.stage),
        concepts: concepts,
        glossary: glossary,
        messages: messages,
        questions: questions,
        rubrics: rubrics,
        labs: labs,
        review: try fields.optional("review").map(ReviewPolicy.init)
      )
    }
    try checkReferences()
  }

  private static func concept(_ value: YAMLValue) throws -> Concept {
    try value.fields { fields in
      Concept(
        id: try fields["id"].word(),
        names: try fields["name"].localized(),
        summary: try fields["summary"].localized(),
        needs: try fields["needs"].list().map { try $0.word() }
      )
    }
  }

  private static func stage(_ value: YAMLValue) throws -> Stage {
    try value.fields { fields in
      Stage(
        id: try fields["id"].count(in: 1...9),
        names: try fields["name"].localized(),
        weeks: try fields["weeks"].count(in: 1...52)
      )
    }
  }

  /// Both languages must have the same sentences with the same values in them.
  private static func messages(_ path: String) throws -> Messages {
    let files = try ["en", "zh-Hans"].map { language in
      let name = "messages/\(language).yaml"
      return try StrictYAML.read("\(path)/\(name)", as: name)
    }
    let chinese = try files[1].entries().reduce(into: [:]) { $0[$1.key] = $1 }
    var texts: [String: Localized] = [:]
    for entry in try files[0].entries() {
      let english = try entry.value.text()
      guard let other = try chinese[entry.key]?.value.text() else {
        throw DeployError.course(
          .courseTextsDiffer,
          "'\(entry.key)' has no Chinese text",
          in: entry.value.file,
          line: entry.line
        )
      }
      guard Messages.holes(english) == Messages.holes(other) else {
        throw DeployError.course(
          .courseTextsDiffer,
          "'\(entry.key)' holds other values in {braces} than its Chinese text",
          in: entry.value.file,
          line: entry.line
        )
      }
      texts[entry.key] = Localized(english: english, chinese: other)
    }
    if let other = chinese.values.first(where: { texts[$0.key] == nil }) {
      throw DeployError.course(
        .courseTextsDiffer,
        "'\(other.key)' has no English text",
        in: other.value.file,
        line: other.line
      )
    }
    return Messages(texts: texts)
  }

  /// Names that lead to nothing.
  private func checkReferences() throws {
    func missing(_ what: String, _ name: String, _ place: String) -> DeployError {
      .course(.courseInvalidValue, "there is no \(what) '\(name)'", in: place, line: 1)
    }
    for concept in concepts {
      for need in concept.needs where self.concept(need) == nil {
        throw missing("concept", need, "concepts.yaml")
      }
    }
    guard Set(labs.map(\.id)).count == labs.count, Set(labs.map(\.uuid)).count == labs.count else {
      throw DeployError.course(
        .courseInvalidValue,
        "two labs share an id",
        in: "course.yaml",
        line: 1
      )
    }
    for lab in labs {
      let place = "labs/\(lab.folderName)"
      let named = lab.teaches + lab.needs + lab.checks.flatMap(\.concepts)
      for concept in named where self.concept(concept) == nil {
        throw missing("concept", concept, place)
      }
      for check in lab.checks {
        guard let slot = lab.slots.first(where: { $0.name == check.slot }) else {
          throw missing("slot", check.slot, place)
        }
        guard let task = TaskCatalog(course: path).task(slot.task) else {
          throw missing("task", slot.task, place)
        }
        if let tier = check.firstTier, !lab.tiers.contains(where: { $0.name == tier }) {
          throw missing("tier", tier, place)
        }
        guard task.groups.contains(check.group) else {
          throw missing("group of cases", check.group, place)
        }
        for cause in check.hypotheses where !task.hypothesisIDs.contains(cause) {
          throw missing("known cause", cause, place)
        }
        guard messages.texts[check.message] != nil else {
          throw missing("message", check.message, place)
        }
      }
      guard !lab.tiers.isEmpty, !lab.hints.isEmpty else {
        throw missing("tier or hint", "first", place)
      }
    }
  }
}
