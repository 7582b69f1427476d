import Diagnostics
import Files
import Glibc

/// The files that a learner hands in, copied at one moment.
struct Submission {
  private static let fileLimit = 200
  private static let byteLimit = 32 << 20
  /// What the learner writes for others: see `Readme`.
  static let readme = "README.md"
  /// The lab's text, which the grader itself puts into a workspace.
  static let task = "TASK.md"

  /// One file, relative to the folder.
  struct File {
    let name: String
    let bytes: [UInt8]
    let isExecutable: Bool
  }
  let files: [File]

  init(files: [File]) { self.files = files }

  /// Reads a folder: regular files only, none hidden, none in `witness/`.
  /// - Throws: `lab.invalid-submission` for links, for too much, or for nothing.
  init(folder: String) throws {
    var files: [File] = []
    var byteCount = 0
    try Self.walk(folder, "", depth: 0) { name, mode in
      guard mode & S_IFMT == S_IFREG else {
        throw Self.refusal("'\(name)' is a link, pipe or device", "replace it by a plain file")
      }
      let bytes = try MappedFile.contents(of: folder + "/" + name, limit: Self.byteLimit)
      byteCount += bytes.count
      guard files.count < Self.fileLimit, byteCount <= Self.byteLimit else {
        throw Self.refusal(
          "the folder holds more than \(Self.fileLimit) files or \(Self.byteLimit >> 20) MiB",
          "move what is not part of your solution elsewhere"
        )
      }
      files.append(File(name: name, bytes: bytes, isExecutable: mode & 0o100 != 0))
    }
    guard !files.isEmpty else {
      throw Self.refusal("the folder is empty", "start with `vitrine lab start`")
    }
    self.files = files
  }

  /// The digest of each file.
  var digests: [String: String] {
    files.reduce(into: [:]) { digests, file in
      digests[file.name] = "sha256:" + file.bytes.withUnsafeBytes { SHA256.hex($0) }
    }
  }

  /// One digest of all names and contents.
  private var digest: String {
    let lines = digests.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
    return Array(lines.joined(separator: "\n").utf8).withUnsafeBytes { SHA256.hex($0) }
  }

  /// Writes every file below a folder.
  func write(to folder: String) throws {
    try Folder.create(folder)
    for file in files {
      if let slash = file.name.lastIndex(of: "/") {
        try Folder.create(folder + "/" + file.name[..<slash])
      }
      try AtomicFile.write(file.bytes, to: folder + "/" + file.name)
      chmod(folder + "/" + file.name, file.isExecutable ? 0o755 : 0o644)
    }
  }

  /// How the program of a slot is started, with its folder as `program/`; nil where there is none.
  /// - Parameter slots: the lab's slots: another slot's program is no part of this one's.
  /// - Throws: `lab.invalid-submission` where several files could be meant.
  func command(of slot: String, among slots: [String]) throws -> ProgramCommand? {
    let names = Set(files.map(\.name))
    let found = ["\(slot).py", "\(slot).swift", "\(slot).sh", slot].filter(names.contains)
    guard found.count <= 1 else {
      throw Self.refusal(
        "\(found.joined(separator: " and ")) could both be the program '\(slot)'",
        "keep one of them"
      )
    }
    switch found.first {
    case "\(slot).py": return .run(["python3", "program/\(slot).py"])
    case "\(slot).sh": return .run(["sh", "program/\(slot).sh"])
    case "\(slot).swift":
      let others = Set(slots.map { "\($0).swift" }).subtracting(["\(slot).swift"])
      let sources = files.map(\.name).filter {
        $0.hasSuffix(".swift") && !$0.contains("/") && !others.contains($0)
      }
      return .compile(sources.sorted(), digest: "\(slot) \(digest)")
    case slot: return .run(["program/\(slot)"])
    default: return nil
    }
  }

  private static func refusal(_ message: String, _ remedy: String) -> DeployError {
    DeployError(.labInvalidSubmission, message, remedy: remedy)
  }

  private static func walk(
    _ root: String,
    _ prefix: String,
    depth: Int,
    _ body: (_ name: String, _ mode: UInt32) throws -> Void
  ) throws {
    guard depth < 6, let stream = opendir(root + "/" + prefix) else { return }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream), names.count <= 4 * fileLimit {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
        name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix("."), name != "__pycache__" { names.append(name) }
    }
    for name in names.sorted() {
      let path = prefix.isEmpty ? name : prefix + "/" + name
      // What the grader itself leaves there.
      if prefix.isEmpty, Workspace.ownNames.contains(name) {
        continue
      }
      var status = stat()
      guard lstat(root + "/" + path, &status) == 0 else { continue }
      if status.st_mode & S_IFMT == S_IFDIR {
        try walk(root, path, depth: depth + 1, body)
      } else {
        try body(path, status.st_mode)
      }
    }
  }
}

/// How a learner's program is started.
enum ProgramCommand {
  case run([String])
  /// Sources, and the digest of everything that was handed in.
  case compile([String], digest: String)
}
