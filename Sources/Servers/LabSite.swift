import CWebAssets
import Connections
public import Diagnostics
import Files
import Labs
import Pipelines
import Reports

/// The lab as a web site: who may see what, and which page answers which request.
public final class LabSite: Sendable {
  /// How the site is set up.
  public struct Settings: Sendable {
    /// The course's folder.
    public var course: String
    /// The folder with the log, the secret, the users and the submissions.
    public var data: String
    /// The folder of the programs that learners may call.
    public var tools: String?
    /// The folder where `Scripts/setup` keeps plotly.js; nil shows tables without charts.
    public var cache: String?
    /// Of the grader, for verdicts.
    public var version = "0.1.0"
    /// Submissions that are graded at the same time.
    public var workers = 2

    /// The defaults for a course and a data folder.
    public init(course: String, data: String) {
      self.course = course
      self.data = data
    }
  }

  let settings: Settings
  /// plotly.js, which draws charts; nil where it was not set up.
  let chartLibrary: String?
  let course: Course
  let desk: GradingDesk
  let users: UserStore
  /// Whether people log in; without users everybody who reaches the site is the same learner.
  let hasUsers: Bool
  let sessions = SessionStore()
  let nameLimit = RateLimit(most: 5)
  let peerLimit = RateLimit(most: 30)
  let toolLimit = RateLimit(most: 30)
  let experimentPace = RateLimit(most: experimentsPerHour, window: .seconds(3600))
  let looks: LookDesk
  let passwordQueue = WorkQueue(width: 1, limit: 16)

  /// Reads the course and the state, and takes up what was left unfinished.
  /// - Throws: `course.…`, `lab.…`, `file.…`.
  public init(_ settings: Settings) throws {
    self.settings = settings
    course = try Course(path: settings.course)
    chartLibrary = ReportPages(cache: settings.cache).chartLibrary()
    users = UserStore(folder: settings.data)
    hasUsers = try !users.users().isEmpty
    looks = LookDesk(state: settings.data, tools: settings.tools, hidden: [course.path])
    desk = try GradingDesk(
      course: course,
      state: try LabState(folder: settings.data),
      workers: settings.workers,
      tools: settings.tools,
      version: settings.version,
      measuredBy: hasUsers ? "server" : "self"
    )
  }

  /// Begins to grade what an earlier process left unfinished.
  /// - Returns: how many submissions.
  /// - Throws: `lab.tampered`, `file.…`.
  public func resume() throws -> Int { try desk.resume() + resumeExperiments() }

  /// Listens until it is told to end.
  /// - Throws: `server.address`; `lab.users-needed` where strangers could come in and nobody logs in.
  public func serve(
    host: String,
    port: Int,
    onStart: @escaping @Sendable (_ port: Int) -> Void
  ) async throws {
    guard hasUsers || Self.isLoopback(host) else {
      throw DeployError(
        .labUsersNeeded,
        "on \(host) others can come in, and nobody would have to log in",
        remedy: "add users first: vitrine lab user add NAME --teacher"
      )
    }
    var web = WebHost(host: host, port: port)
    web.limits.bodyBytes = { self.bodyLimit($0) }
    try await web.run(onStart: onStart) { await self.answer($0) }
    desk.queue.stop()
    looks.queue.stop()
  }

  /// How much a request may send: files to look at are larger than programs, but only of whom the site knows.
  func bodyLimit(_ head: WebRequest) -> Int {
    guard head.path == ["tools"], head.method == "POST", visitor(head).learner != nil else {
      return WebHost.Limits.smallBody
    }
    return LookDesk.byteLimit + (1 << 16)
  }

  static func isLoopback(_ host: String) -> Bool {
    ["localhost", "127.0.0.1", "::1", "[::1]"].contains(host)
  }

  /// Answers one request; never throws.
  func answer(_ request: WebRequest) async -> WebReply {
    let visitor = visitor(request)
    var reply: WebReply
    do {
      reply = try await route(request, visitor)
    } catch let refusal as Refusal {
      reply = failurePage(visitor, refusal.status, refusal.text)
    } catch let error as DeployError {
      let status =
        [
          .labInvalidSubmission: 422, .labBusy: 429, .labInvalidUser: 422, .labInvalidReview: 422,
          .labInvalidSetting: 422,
          .labNothingToReview: 422,
        ][error.id] ?? 500
      let text = error.diagnostics.first.map { [$0.message, $0.remedy ?? ""] } ?? []
      reply = failurePage(visitor, status, text.joined(separator: ". "))
    } catch {
      reply = failurePage(visitor, 500, "\(error)")
    }
    return finished(reply, visitor, request)
  }

  private func finished(_ reply: WebReply, _ visitor: Visitor, _ request: WebRequest) -> WebReply {
    var reply = reply
    for (name, value) in Self.security
    where !reply.headers.contains(where: { $0.name.lowercased() == name.lowercased() }) {
      reply.headers.append((name, value))
    }
    if visitor.isNew, !reply.headers.contains(where: { $0.value.hasPrefix("vitrine_session=") }) {
      reply.headers.append(("Set-Cookie", Self.cookie("vitrine_session", visitor.token)))
    }
    return reply
  }

  /// A cookie that scripts cannot read and other sites cannot make the browser send.
  static func cookie(_ name: String, _ value: String, seconds: Int? = nil) -> String {
    let age = seconds.map { "; Max-Age=\($0)" } ?? ""
    return "\(name)=\(value); Path=/; HttpOnly; SameSite=Strict\(age)"
  }

  static let policy =
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    + "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

  static let security: [(String, String)] = [
    ("Content-Security-Policy", policy),
    ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"), ("Cache-Control", "no-store"),
  ]
}

/// A request that is not granted.
struct Refusal: Error {
  var status: Int
  var text: String
}

extension Diagnostic.ID {
  /// An address that others reach, without users.
  public static let labUsersNeeded: Self = "lab.users-needed"
}
