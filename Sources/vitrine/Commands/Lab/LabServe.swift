import ArgumentParser
import Diagnostics
import Files
import Glibc
import Labs
import Reports
import Servers

/// Where the commands of the web lab find their state.
struct LabDataOption: ParsableArguments {
  @Option(
    name: .customLong("data"),
    help: "The folder with log, users and submissions; the lab's own by default.",
    completion: .directory
  )
  var folder: String?

  var path: String { folder ?? LabOptions.stateFolder }
}

/// `vitrine lab serve`: the lab in a browser.
struct LabServe: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract:
      "Serves the lab as web pages: texts, checks, hints, why-questions, reports; for one or many.",
    discussion: """
      Without users everybody who reaches the page is the learner of the command line, so only this machine is listened to.
      With users (vitrine lab user add) people log in, and other addresses may be given. Connections are not encrypted: beyond
      one room, put a server with TLS before it.

      EXAMPLES
        vitrine lab serve
        vitrine lab serve --port 9000 --workers 4
        vitrine lab serve --host 0.0.0.0 --data /srv/lab

      EXIT CODES
        0 ended on request · 64 wrong usage · 70 an error
      """
  )

  @Option(name: .long, help: "The port; 0 for any free one.")
  var port = 8080

  @Option(name: .long, help: "The address to listen on.")
  var host = "127.0.0.1"

  @Option(name: .long, help: "Submissions graded at the same time.")
  var workers = 2

  @Flag(
    name: .customLong("allow-weak-isolation"),
    help: "Grade others' programs even where this machine refuses name spaces."
  )
  var allowsWeakIsolation = false

  @OptionGroup var data: LabDataOption
  @OptionGroup var options: LabOptions

  func validate() throws {
    guard (0...65535).contains(port) else { throw ValidationError("--port must be 0 to 65535") }
    guard (1...64).contains(workers) else { throw ValidationError("--workers must be 1 to 64") }
  }

  private struct Started: Encodable {
    var url: String
    var users: Int
    var resumed: Int
  }

  func run() async throws {
    var settings = LabSite.Settings(course: options.coursePath(), data: data.path)
    settings.tools = LabOptions.tools
    settings.cache = Cache.path
    settings.version = Vitrine.configuration.version
    settings.workers = workers
    let users = try UserStore(folder: data.path).names().count
    if users > 0, !allowsWeakIsolation { try requireStrongIsolation() }
    let site = try LabSite(settings)
    let resumed = try site.resume()
    let isJSON = options.common.json
    let language = options.language()
    let host = host
    try await site.serve(host: host, port: port) { port in
      let name = host.contains(":") ? "[\(host)]" : host
      let url = "http://\(name):\(port)/"
      if isJSON {
        _ = try? JSONOutput.print(Started(url: url, users: users, resumed: resumed))
        return
      }
      let isChinese = language == .chinese
      Terminal.print(
        isChinese ? "网页实验在 \(url)（Ctrl-C 结束）" : "The lab is at \(url) (Ctrl-C ends it)"
      )
      if users == 0 {
        Terminal.print(
          isChinese
            ? "  单人模式：这台机器上的任何人都能打开它。多人使用：vitrine lab user add 名字"
            : "  One learner, no log-in: whoever uses this machine can open it. For several: vitrine lab user add NAME"
        )
      }
      if resumed > 0 {
        Terminal.print(
          isChinese
            ? "  继续评分上次未完成的 \(resumed) 份" : "  takes up \(resumed) that were left unfinished"
        )
      }
    }
    UnfinishedFiles.deleteAll()
  }

  private func requireStrongIsolation() throws {
    guard try IsolationLevel.reached() != .strong else { return }
    throw DeployError(
      .labIsolationFailed,
      "this machine does not let programs be run in name spaces, so learners' programs could read each other's work",
      remedy: "allow user name spaces, or accept it with --allow-weak-isolation"
    )
  }
}

/// `vitrine lab user`: who may log in.
struct LabUser: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "user",
    abstract: "Adds, lists and removes the people who log in to the web lab.",
    discussion: """
      EXAMPLES
        vitrine lab user add anna
        vitrine lab user add --teacher wu < password.txt
        vitrine lab user list
      """,
    subcommands: [Add.self, List.self, Remove.self]
  )

  /// `vitrine lab user add`.
  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "add",
      abstract:
        "Adds a person, or gives a new password; it is read from the terminal or standard input.",
      discussion: """
        Never on the command line, where others could see it. Passwords are kept as scrypt hashes.

        EXAMPLES
          vitrine lab user add anna
          vitrine lab user add --teacher wu < password.txt
        """
    )

    @Argument(help: "The name: letters, digits, dots, dashes, underscores.")
    var name: String

    @Flag(name: .long, help: "Sees everybody's work, and may override levels.")
    var teacher = false

    @OptionGroup var data: LabDataOption
    @OptionGroup var common: OutputOptions

    func run() throws {
      let password = try Password.read()
      try UserStore(folder: data.path).set(name, password: password, isTeacher: teacher)
      if common.json { return try JSONOutput.print(["user": name]) }
      Terminal.print("\(Style.green("✓")) \(name)\(teacher ? " (teacher)" : "")")
    }
  }

  /// `vitrine lab user list`.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list",
      abstract: "Lists who may log in.",
      discussion: """
        EXAMPLES
          vitrine lab user list
        """
    )

    @OptionGroup var data: LabDataOption
    @OptionGroup var common: OutputOptions

    private struct Item: Encodable {
      var name: String
      var teacher: Bool
    }

    func run() throws {
      let users = try UserStore(folder: data.path).names()
      if common.json {
        return try JSONOutput.print(users.map { Item(name: $0.name, teacher: $0.isTeacher) })
      }
      for user in users { Terminal.print(user.name + (user.isTeacher ? "  teacher" : "")) }
    }
  }

  /// `vitrine lab user remove`.
  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "remove",
      abstract: "Takes a person's access away; what they did stays in the log.",
      discussion: """
        EXAMPLES
          vitrine lab user remove anna
        """
    )

    @Argument(help: "The name.")
    var name: String

    @OptionGroup var data: LabDataOption
    @OptionGroup var common: OutputOptions

    func run() throws {
      try UserStore(folder: data.path).remove(name)
      if common.json { return try JSONOutput.print(["removed": name]) }
      Terminal.print("\(Style.green("✓")) \(name)")
    }
  }
}

/// A password from the terminal, not shown and typed twice, or the first line of standard input.
private enum Password {
  static func read() throws -> String {
    guard isatty(0) == 1 else { return readLine() ?? "" }
    let first = prompt("Password: ")
    guard first == prompt("Once more: ") else { throw ValidationError("the two differ") }
    return first
  }

  private static func prompt(_ text: String) -> String {
    Terminal.write(text, to: 2)
    var settings = termios()
    tcgetattr(0, &settings)
    let before = settings
    settings.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(0, TCSAFLUSH, &settings)
    defer {
      var restored = before
      tcsetattr(0, TCSAFLUSH, &restored)
      Terminal.write("\n", to: 2)
    }
    return readLine() ?? ""
  }
}

/// `vitrine lab rebuild`: the tables, from the log.
struct LabRebuild: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rebuild",
    abstract: "Checks the log's chain and makes the tables of the teacher's view anew from it.",
    discussion: """
      They are made by themselves where they are missing, damaged or behind; this is for whoever wants to be sure.

      EXAMPLES
        vitrine lab rebuild
      """
  )

  @OptionGroup var data: LabDataOption
  @OptionGroup var common: OutputOptions

  func run() throws {
    let events = try EventLog(path: data.path + "/events.jsonl").events()
    try Folder.create(data.path)
    let store = try CohortStore.rebuilt(from: events, in: data.path)
    let count = try store.eventCount()
    if common.json { return try JSONOutput.print(["events": count]) }
    Terminal.print("\(Style.green("✓")) \(count) events → \(store.path)")
  }
}
