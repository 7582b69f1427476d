package import Diagnostics
import Files
import Glibc

/// A copy of a course for learners: the same texts and checks, without solutions, mutants and alternates.
///
/// Programs are redacted to the scaffolds that the lab's tiers give; the level that holds the whole solution
/// is not there. The sample network that some tasks need comes along, so that the folder can lie
/// anywhere. The same course gives the same bytes.
package struct CourseBundle {
  /// What was written.
  package struct Summary: Sendable, Codable {
    package var folder: String
    package var labs: Int
    package var files: Int
    package var bytes: Int
  }

  let course: Course

  package init(_ course: Course) { self.course = course }

  /// Writes it: whole, or not at all.
  /// - Throws: `course.for-learners`, `course.bundle-exists`, `course.…`, `file.…`.
  package func write(to folder: String) throws -> Summary {
    guard !course.isForLearners else { throw Self.lacksSolutions("bundled") }
    guard access(folder, F_OK) != 0 else {
      throw DeployError(
        .courseBundleExists,
        "is there already",
        at: .file(path: folder),
        remedy: "give a new name with -o, or move it away"
      )
    }
    return try AtomicFolder.write(to: folder) { temporary in
      var summary = Summary(folder: folder, labs: course.labs.count, files: 0, bytes: 0)
      for (name, bytes) in try contents() {
        let place = "\(temporary)/\(name)"
        if let slash = place.lastIndex(of: "/") { try Folder.create(String(place[..<slash])) }
        try AtomicFile.write(bytes, to: place)
        summary.files += 1
        summary.bytes += bytes.count
      }
      // What learners cannot read is no course.
      _ = try Course(path: temporary)
      return summary
    }
  }

  /// What a course for learners lacks.
  package static func lacksSolutions(_ what: String) -> DeployError {
    DeployError(
      .courseForLearners,
      "this course was made for learners and holds no solutions, so it cannot be \(what)",
      remedy: "give the author's course with --course"
    )
  }

  /// The files by name, in order.
  func contents() throws -> [(name: String, bytes: [UInt8])] {
    var files: [(name: String, bytes: [UInt8])] = []
    func copy(_ name: String, _ change: ((String) throws -> String)? = nil) throws {
      let bytes = try MappedFile.contents(of: "\(course.path)/\(name)", limit: 64 << 20)
      guard let change else { return files.append((name, bytes)) }
      files.append((name, Array(try change(String(decoding: bytes, as: UTF8.self)).utf8)))
    }
    try copy("course.yaml") { $0.hasSuffix("\n") ? $0 + Self.mark : $0 + "\n" + Self.mark }
    for name in ["concepts.yaml", "glossary.yaml", "why.yaml"] { try copy(name) }
    for folder in ["messages", "rubrics"] {
      for name in try names(below: folder) { try copy(name) }
    }
    let most = course.labs.flatMap(\.tiers).map(\.scaffold).max() ?? 0
    for name in try names(below: "shared") {
      try copy(name) { FadedSource(text: $0).redacted(above: most) }
    }
    for lab in course.labs {
      let folder = "labs/\(lab.folderName)"
      try copy("\(folder)/lab.yaml") { try Self.withoutAlternates($0, lab) }
      for name in ["checks.yaml", "hints.yaml", "text/en.md", "text/zh-Hans.md"] {
        try copy("\(folder)/\(name)")
      }
      let given = lab.tiers.map(\.scaffold).max() ?? 0
      for name in try names(below: "\(folder)/starter") {
        try copy(name) { FadedSource(text: $0).redacted(above: given) }
      }
    }
    let sample = try MappedFile.contents(of: course.samplePath, limit: 64 << 20)
    files.append(("samples/shapes-yolov5n.pt", sample))
    return files
  }

  private static let mark = "audience: learners\n"

  private func names(below folder: String) throws -> [String] {
    let root = "\(course.path)/\(folder)"
    guard Folder.exists(root) else { return [] }
    return try Folder.files(below: root).map { String($0.dropFirst(course.path.count + 1)) }
      .sorted()
      .filter { !$0.contains("/__pycache__/") && !$0.contains("/.") }
  }

  /// The recipe of a lab with no alternates named in it.
  private static func withoutAlternates(_ text: String, _ lab: Lab) throws -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.hasPrefix("alternates:") ? "alternates: []" : String(line)
    }
    // A list that goes over several lines would leave names behind, or be read as something else.
    guard lab.alternates.allSatisfy({ name in !lines.contains { $0.hasPrefix("  - \(name)") } })
    else {
      throw DeployError.course(
        .courseInvalidValue,
        "'alternates' must stand on one line",
        in: "labs/\(lab.folderName)/lab.yaml",
        line: 1
      )
    }
    return lines.joined(separator: "\n")
  }
}

extension Diagnostic.ID {
  /// A scaffold that a course for learners does not hold.
  package static let labNotGiven: Self = "lab.not-given"
  /// What needs solutions was asked of a course without them.
  package static let courseForLearners: Self = "course.for-learners"
  /// A bundle would replace something.
  package static let courseBundleExists: Self = "course.bundle-exists"
}
