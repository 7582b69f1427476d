import Diagnostics
import Files
import FoundationEssentials
import Glibc
import Labs
import Reports

/// Turns what learners upload into pages: `web/looks/LEARNER/TICKET/` holds what a look is of (`look.json`) and its
/// page or its problem. Files are read in a process of their own (``ToolRun``), never by the server.
final class LookDesk: Sendable {
  /// What a look was made of; kept as `look.json`.
  struct Look: Codable, Sendable {
    var ticket: String
    var time: String
    var names: [String]
    /// nil while it waits or runs, and where the server ended meanwhile.
    var problem: String?
    var hasPage = false
  }
  /// Of one look: files, and bytes of all of them together. Of one learner: looks that are kept.
  static let (fileLimit, byteLimit, keptLimit) = (4, 32 << 20, 8)
  static let endings = [".onnx", ".json", ".plan", ".engine"]

  /// Whether a file of a submission may be something to look at: most JSON of programs is not.
  static func canLookAt(_ path: String) -> Bool {
    let name = (path.split(separator: "/").last ?? "").lowercased()
    guard name.hasSuffix(".json") else { return endings.contains(where: name.hasSuffix) }
    return ["report", "trace", "layers", "times", "profile"].contains { name.contains($0) }
  }

  let queue = WorkQueue(width: 1, limit: 16)
  private let folder: String
  private let state: String
  private let tools: String?
  /// What the process that reads files must not see.
  private let hidden: [String]

  init(state: String, tools: String?, hidden: [String]) {
    (self.state, self.tools, self.hidden) = (state, tools, hidden)
    folder = state + "/web/looks"
  }

  private func folder(_ learner: String) -> String {
    "\(folder)/\(learner.split(separator: ":").last ?? "")"
  }

  private func place(_ ticket: String, _ learner: String) -> String {
    "\(folder(learner))/\(ticket)"
  }

  /// The looks of a learner, the newest first.
  func looks(of learner: String) -> [Look] {
    let own = folder(learner)
    guard Folder.exists(own), let files = try? Folder.files(below: own) else { return [] }
    return files.filter { $0.hasSuffix("/look.json") }.compactMap(Self.read)
      .sorted { ($0.time, $0.ticket) > ($1.time, $1.ticket) }
  }

  /// A look of a learner; another's is not there.
  func look(_ ticket: String, of learner: String) -> Look? {
    guard SubmissionStore.isTicket(ticket) else { return nil }
    return Self.read(place(ticket, learner) + "/look.json")
  }

  func page(_ ticket: String, of learner: String) -> [UInt8]? {
    guard look(ticket, of: learner)?.hasPage == true else { return nil }
    return try? MappedFile.contents(of: place(ticket, learner) + "/page.html", limit: 256 << 20)
  }

  private static func read(_ path: String) -> Look? {
    guard let bytes = try? MappedFile.contents(of: path, limit: 1 << 16) else { return nil }
    return try? JSONDecoder().decode(Look.self, from: Data(bytes))
  }

  private func keep(_ look: Look, _ learner: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let path = place(look.ticket, learner) + "/look.json"
    try AtomicFile.write(Array(try encoder.encode(look)), to: path)
  }

  func remove(_ ticket: String, of learner: String) {
    guard look(ticket, of: learner) != nil else { return }
    _ = queue.cancel(ticket)
    Folder.delete(place(ticket, learner))
  }

  /// Takes files to be looked at.
  /// - Returns: the ticket.
  /// - Throws: `lab.invalid-submission`, `lab.busy`, `file.…`.
  func take(_ files: [ToolRun.File], of learner: String, in language: ReportLanguage) throws
    -> String
  {
    guard let tools, queue.hasRoom else {
      throw DeployError(
        .labBusy,
        tools == nil ? "this server has no program to read files with" : "too much is waiting",
        remedy: tools == nil ? "start it with `vitrine lab serve`" : "wait a little"
      )
    }
    let waiting = looks(of: learner).count { queue.place($0.ticket) != nil }
    guard waiting < 2 else {
      throw DeployError(
        .labBusy,
        "\(waiting) of your files are being looked at",
        remedy: "wait for them"
      )
    }
    let named = try Self.checked(files)
    let ticket = Token.random(bytes: 16)
    try Folder.create(place(ticket, learner))
    _ = chmod(folder, 0o700)
    let look = Look(ticket: ticket, time: EventLog.now(), names: named.map(\.name))
    try keep(look, learner)
    for old in looks(of: learner).dropFirst(Self.keptLimit) { remove(old.ticket, of: learner) }
    queue.add(
      WorkQueue.Job(id: ticket, runsAlone: false) { [self] in
        var look = look
        do {
          let tool = tool(tools)
          let result = try await onThread {
            try tool.run(
              Self.arguments(named.map(\.name), language),
              on: named,
              output: "page.html",
              limit: 128 << 20
            )
          }
          switch result {
          case .file(let bytes):
            guard Folder.exists(place(ticket, learner)) else { return }
            try AtomicFile.write(bytes, to: place(ticket, learner) + "/page.html")
            look.hasPage = true
          case .problem(let text): look.problem = text
          }
        } catch {
          look.problem = (error as? DeployError)?.diagnostics.first?.message ?? "\(error)"
        }
        // Nobody waits for what was deleted meanwhile.
        guard Folder.exists(place(ticket, learner)) else { return }
        try? keep(look, learner)
      }
    )
    return ticket
  }

  private static func arguments(_ names: [String], _ language: ReportLanguage) -> [String] {
    ["report"] + names.map { "./" + $0 }
      + ["--run", "-o", "page.html", "--language", language.rawValue]
  }

  private func tool(_ tools: String) -> ToolRun {
    var tool = ToolRun(tools: tools, hidden: hidden + [state])
    tool.limits.wallSeconds = 90
    tool.limits.memoryBytes = 4 << 30
    tool.limits.folderBytes = 256 << 20
    tool.limits.processCount = 64
    return tool
  }

  /// Names as the command will see them: letters, digits and `._-`, with an ending that says what it is.
  private static func checked(_ files: [ToolRun.File]) throws -> [ToolRun.File] {
    let named = try files.map { file in
      ToolRun.File(name: try SubmissionStore.name(file.name), bytes: file.bytes)
    }
    func refuse(_ message: String, _ remedy: String) -> DeployError {
      DeployError(.labInvalidSubmission, message, remedy: remedy)
    }
    guard (1...fileLimit).contains(named.count), Set(named.map(\.name)).count == named.count else {
      throw refuse("\(named.count) files were sent", "send 1 to \(fileLimit), each by its own name")
    }
    for file in named {
      guard endings.contains(where: file.name.lowercased().hasSuffix), file.name != "page.html"
      else {
        throw refuse(
          "'\(file.name)' is of no known kind by its name",
          "send \(endings.joined(separator: ", "))"
        )
      }
    }
    guard named.reduce(0, { $0 + $1.bytes.count }) <= byteLimit else {
      throw refuse("the files are larger than \(byteLimit >> 20) MiB", "send smaller ones")
    }
    return named
  }
}
