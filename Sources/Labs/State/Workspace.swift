import Diagnostics
import Files
import FoundationEssentials
import Glibc
package import Reports

/// A learner's folder for one lab.
package struct Workspace {
  /// What `lab.json` says.
  package struct Record: Codable {
    package var format = 1
    package var lab: String
    package var tier: String
    package var programming: String
    package var learner: String
    package var language: String
    package var course: String
    /// How much of the program is given, where it is not what the tier gives.
    package var scaffold: Int?

    package init(
      lab: String,
      tier: String,
      programming: String,
      learner: String,
      language: String,
      course: String,
      scaffold: Int? = nil
    ) {
      (self.lab, self.tier, self.programming) = (lab, tier, programming)
      (self.learner, self.language, self.course) = (learner, language, course)
      self.scaffold = scaffold
    }
  }

  package let folder: String
  package var record: Record

  /// Names of what the grader puts beside a submission.
  package static let ownNames = ["witness", fileName, Submission.task, "verdict.json"]
  package static let fileName = "lab.json"

  /// Finds the workspace that a folder lies in.
  /// - Throws: `lab.no-workspace`.
  package init(at path: String) throws {
    guard let resolved = realpath(path, nil) else {
      throw DeployError(.labNoWorkspace, "there is no such folder", at: .file(path: path))
    }
    defer { free(resolved) }
    var folder = String(cString: resolved)
    while access(folder + "/" + Self.fileName, R_OK) != 0 {
      guard let slash = folder.lastIndex(of: "/"), folder != "/" else {
        throw DeployError(
          .labNoWorkspace,
          "this folder belongs to no lab",
          at: .file(path: path),
          remedy: "go into a lab's folder, or make one: vitrine lab start L03"
        )
      }
      folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
    }
    let path = folder + "/" + Self.fileName
    guard let bytes = try? MappedFile.contents(of: path, limit: 1 << 16),
      let record = try? JSONDecoder().decode(Record.self, from: Data(bytes)),
      record.format == 1
    else {
      throw DeployError(
        .labNoWorkspace,
        "lab.json is damaged",
        at: .file(path: path),
        remedy: "start the lab in a new folder and copy your files there"
      )
    }
    self.folder = folder
    self.record = record
  }

  /// Makes one with the lab's text and starter.
  /// - Throws: `lab.no-workspace` where the folder holds files already.
  package init(
    creating folder: String,
    lab: Lab,
    course: Course,
    record: Record,
    language: ReportLanguage
  ) throws {
    let existing = Folder.exists(folder) ? try Folder.files(below: folder) : []
    guard existing.isEmpty else {
      throw DeployError(
        .labNoWorkspace,
        "the folder holds files already",
        at: .file(path: folder),
        remedy: "choose another with -o, or remove what is there"
      )
    }
    self.folder = folder
    self.record = record
    // Before anything is made: what is not given leaves no folder behind.
    _ = try StarterFiles(lab, record.programming).rendered(scaffold(lab), language)
    try Folder.create(folder)
    try writeStarter(lab, language)
    let heading = "# \(lab.id) · \(lab.names[language])\n\n\(lab.summary[language])\n\n"
    try AtomicFile.write(
      heading + lab.texts.markdown(language),
      to: folder + "/" + Submission.task
    )
    try AtomicFile.write(Readme.starter(lab, language), to: folder + "/" + Submission.readme)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(Array(try encoder.encode(record)), to: folder + "/" + Self.fileName)
  }

  /// Puts the starter back; files that differ from it keep their contents as `….old`.
  /// - Returns: their names.
  package func reset(_ lab: Lab, _ language: ReportLanguage) throws -> [String] {
    var kept: [String] = []
    for file in try starter(lab, language) {
      let path = folder + "/" + file.name
      guard access(path, F_OK) == 0 else { continue }
      let old = try MappedFile.contents(of: path)
      guard old != file.bytes else { continue }
      try AtomicFile.write(old, to: path + ".old")
      kept.append(file.name)
    }
    try writeStarter(lab, language)
    return kept
  }

  private func scaffold(_ lab: Lab) -> Int {
    record.scaffold ?? lab.tier(record.tier)?.scaffold ?? 2
  }

  private func writeStarter(_ lab: Lab, _ language: ReportLanguage) throws {
    for file in try starter(lab, language) {
      try AtomicFile.write(file.bytes, to: folder + "/" + file.name)
    }
  }

  private func starter(_ lab: Lab, _ language: ReportLanguage) throws -> [Submission.File] {
    let tier = lab.tier(record.tier) ?? lab.tiers[0]
    return try StarterFiles(lab, record.programming).rendered(
      for: tier,
      at: scaffold(lab),
      of: lab,
      language
    )
  }
}

extension Lab {
  /// The programming languages that there is a starter in.
  package var starterLanguages: [String] {
    ["python", "swift"].filter { Folder.exists("\(path)/starter/\($0)") }
  }

  /// The starter's files at a scaffold.
  /// - Throws: `course.not-found` for a language that there is none in.
  package func starter(
    _ programming: String,
    scaffold: Int,
    _ language: ReportLanguage
  ) throws -> [(name: String, bytes: [UInt8])] {
    try StarterFiles(self, programming).rendered(scaffold, language).map { ($0.name, $0.bytes) }
  }

  /// What a tier gets.
  /// - Throws: `course.not-found` for a language that there is none in.
  package func starter(
    _ programming: String,
    at tier: Tier,
    _ language: ReportLanguage
  ) throws -> [(name: String, bytes: [UInt8])] {
    try StarterFiles(self, programming).rendered(for: tier, of: self, language)
      .map { ($0.name, $0.bytes) }
  }
}

/// The programs that come with a lab, as files of one programming language.
struct StarterFiles {
  let programming: String
  let files: [(name: String, text: String)]
  private let lab: Lab

  /// - Throws: `course.not-found` for a language that the lab has no starter in.
  init(_ lab: Lab, _ programming: String) throws {
    self.lab = lab
    let folder = "\(lab.path)/starter/\(programming)"
    guard Folder.exists(folder) else {
      throw DeployError(
        .courseNotFound,
        "\(lab.id) has no starter in '\(programming)'",
        remedy: "use python, or write a program in any language by the protocol"
      )
    }
    self.programming = programming
    let own = try Self.read(folder)
    // What programs share comes with those that name it, such as `tensor_io` or `TensorIO.swift`.
    let shared = try Self.read("\(lab.path)/../../shared/\(programming)").filter { helper in
      let name = helper.name.prefix { $0 != "." }
      return own.contains { $0.text.contains(name) }
    }
    files = own + shared
  }

  private static func read(_ folder: String) throws -> [(name: String, text: String)] {
    guard Folder.exists(folder) else { return [] }
    return try Folder.files(below: folder).map { path in
      let text = String(decoding: try MappedFile.contents(of: path), as: UTF8.self)
      return (String(path.dropFirst(folder.count + 1)), text)
    }
  }

  /// What a tier gets, at its own scaffold or another; programs that only later tiers are asked for are
  /// left out.
  /// - Throws: `lab.not-given` above what the course holds.
  func rendered(
    for tier: Lab.Tier,
    at scaffold: Int? = nil,
    of lab: Lab,
    _ language: ReportLanguage
  ) throws -> [Submission.File] {
    let later = lab.laterSlots(at: tier)
    return try rendered(scaffold ?? tier.scaffold, language).filter {
      !later.contains(String($0.name.prefix { $0 != "." }))
    }
  }

  /// The files at a scaffold. Level 0 leaves the protocol's helper only.
  /// - Throws: `lab.not-given` above what the course holds.
  func rendered(_ scaffold: Int, _ language: ReportLanguage) throws -> [Submission.File] {
    guard scaffold <= lab.mostGiven else {
      throw DeployError(
        .labNotGiven,
        "scaffold \(scaffold) of \(lab.id) is the solution, which this course for learners does not hold",
        remedy: lab.mostGiven == 0
          ? "take scaffold 0, the specification alone"
          : "take scaffold 0 to \(lab.mostGiven), as the tiers do"
      )
    }
    return files.map { name, text in
      Submission.File(
        name: name,
        bytes: Array(FadedSource(text: text).rendered(scaffold: scaffold, language: language).utf8),
        isExecutable: name.hasSuffix(".sh")
      )
    }
  }
}
