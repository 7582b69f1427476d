import Files
package import Reports

/// A course as its folder says: labs, concepts and the sentences that graders speak.
package struct Course: Sendable {
  /// The folder.
  package let path: String
  package let uuid: String
  package let version: String
  /// Whether it was made for learners by ``CourseBundle``: without solutions and what proves labs.
  package let isForLearners: Bool
  package let names: Localized
  package let stages: [Stage]
  package let concepts: [Concept]
  package let glossary: [Term]
  package let messages: Messages
  /// Questions that experiments answer.
  package let questions: [WhyQuestion]
  /// The nine criteria that learners are assessed by.
  package let rubrics: [Rubric]
  /// By the order in which they are taken.
  package let labs: [Lab]
  /// How learners review each other; nil where they do not.
  package let review: ReviewPolicy?

  /// A part of the course.
  package struct Stage: Sendable {
    package let id: Int
    package let names: Localized
    package let weeks: Int
  }

  /// Something to understand, and what must be understood first.
  package struct Concept: Sendable {
    package let id: String
    package let names: Localized
    package let summary: Localized
    package let needs: [String]
  }

  /// A word in both languages.
  package struct Term: Sendable {
    package let words: Localized
  }

  /// The sample network: in the folder of a course that was made for learners, beside any other.
  package var samplePath: String { Self.samplePath(path) }

  static func samplePath(_ course: String) -> String {
    let own = course + "/samples/shapes-yolov5n.pt"
    return FileAccess.isReadable(own) ? own : course + "/../Samples/shapes-yolov5n.pt"
  }

  /// A lab by its short name (`L03`), folder or identity; nil where there is none.
  package func lab(_ name: String) -> Lab? {
    let wanted = name.lowercased()
    return labs.first {
      $0.id.lowercased() == wanted || $0.folderName.lowercased() == wanted || $0.uuid == wanted
    }
  }

  /// The concept of that name.
  package func concept(_ id: String) -> Concept? { concepts.first { $0.id == id } }
}

/// The sentences that graders speak, by identifier and language; `{name}` stands for a value.
package struct Messages: Sendable {
  let texts: [String: Localized]

  /// A sentence with its values put in; the identifier itself where there is none.
  package func text(
    _ id: String,
    _ values: [String: String] = [:],
    in language: ReportLanguage
  ) -> String {
    guard let template = texts[id]?[language] else { return id }
    return Self.fill(template, values)
  }

  /// Puts values in place of `{name}`; what is put in is not looked into again.
  package static func fill(_ template: String, _ values: [String: String]) -> String {
    var result = ""
    var rest = Substring(template)
    while let open = rest.firstIndex(of: "{") {
      result += rest[..<open]
      let tail = rest[rest.index(after: open)...]
      if let close = tail.firstIndex(of: "}"), let value = values[String(tail[..<close])] {
        result += value
        rest = tail[tail.index(after: close)...]
      } else {
        result += "{"
        rest = tail
      }
    }
    return result + rest
  }

  /// The names in braces.
  static func holes(_ template: String) -> Set<String> {
    var names: Set<String> = []
    var rest = Substring(template)
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      names.insert(String(rest[rest.index(after: open)..<close]))
      rest = rest[rest.index(after: close)...]
    }
    return names
  }
}
