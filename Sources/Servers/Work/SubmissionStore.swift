import Diagnostics
import Files
import Glibc
import Labs

/// The files of submissions and what came out: `web/submissions/TICKET/` with `files/` and `verdict.json`.
struct SubmissionStore: Sendable {
  /// A file as it was sent.
  struct Upload: Sendable {
    var name: String
    var bytes: [UInt8]
  }
  static let fileLimit = 40
  let folder: String

  /// - Throws: `file.…`.
  init(data: String) throws {
    folder = data + "/web/submissions"
    try Folder.create(folder)
    _ = chmod(data + "/web", 0o700)
  }

  func path(_ ticket: String) -> String { "\(folder)/\(ticket)" }
  func files(_ ticket: String) -> String { path(ticket) + "/files" }
  func verdictPath(_ ticket: String) -> String { path(ticket) + "/verdict.json" }

  /// The verdict; nil where there is none yet.
  func verdict(_ ticket: String) -> Verdict? { try? Verdict(path: verdictPath(ticket)) }

  /// Whether a text can be a ticket: then, and only then, it may become part of a path.
  static func isTicket(_ text: String) -> Bool {
    text.utf8.count == 32
      && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  /// Keeps files on the disk, all or none.
  /// - Throws: `lab.invalid-submission`, `file.…`.
  func keep(_ uploads: [Upload], as ticket: String) throws {
    let files = try uploads.map { Upload(name: try Self.name($0.name), bytes: $0.bytes) }
    guard !files.isEmpty else {
      throw DeployError(
        .labInvalidSubmission,
        "no file was sent",
        remedy: "choose your program's file, and the helper files that it needs"
      )
    }
    guard files.count <= Self.fileLimit, Set(files.map(\.name)).count == files.count else {
      throw DeployError(
        .labInvalidSubmission,
        "more than \(Self.fileLimit) files, or two of one name, were sent",
        remedy: "send each file of your solution once"
      )
    }
    let temporary = "\(folder)/.\(ticket).part"
    try Folder.create(temporary + "/files")
    do {
      for file in files {
        let path = "\(temporary)/files/\(file.name)"
        try AtomicFile.write(file.bytes, to: path)
        try Self.settle(path)
      }
      try Self.settle(temporary + "/files")
      try Self.settle(temporary)
      guard rename(temporary, path(ticket)) == 0 else {
        throw DeployError(.fileUnwritable, "cannot be written", at: .file(path: path(ticket)))
      }
      try Self.settle(folder)
    } catch {
      Folder.delete(temporary)
      throw error
    }
  }

  /// Removes what was never promised to anybody: files whose ticket is not in the log.
  func removeAll(except tickets: Set<String>) {
    guard let stream = opendir(folder) else { return }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
      )
    }
    for name in names
    where name.hasSuffix(".part") || Self.isTicket(name) && !tickets.contains(name) {
      Folder.delete("\(folder)/\(name)")
    }
  }

  /// The last part of what a browser says; letters, digits and `._-` only.
  static func name(_ stated: String) throws -> String {
    let name = stated.split(whereSeparator: { "/\\".contains($0) }).last.map(String.init) ?? ""
    let isPlain =
      (1...80).contains(name.utf8.count) && !name.hasPrefix(".")
      && name.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
          || [0x2E, 0x2D, 0x5F].contains(byte)
      }
    guard isPlain, !Workspace.ownNames.contains(name) else {
      throw DeployError(
        .labInvalidSubmission,
        "a file is named '\(String(stated.prefix(60)))'",
        remedy:
          "use up to 80 letters, digits, dots, dashes and underscores; not a name that the grader uses"
      )
    }
    return name
  }

  /// Waits until the disk has it.
  private static func settle(_ path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    defer { if descriptor >= 0 { close(descriptor) } }
    guard descriptor >= 0, fsync(descriptor) == 0 else {
      throw DeployError(.fileUnwritable, "cannot be kept", at: .file(path: path))
    }
  }
}
