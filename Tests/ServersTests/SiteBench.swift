import Connections
import Files
import Foundation
import Labs
import Reports
import TestSupport
import Testing

@testable import Servers

/// A site with users in a folder of its own, asked without a network.
final class SiteBench: Sendable {
  let folder: TemporaryFolder
  let site: LabSite
  static let passwords = ["anna": "annas password", "ben": "bens password", "wu": "wus password"]

  /// Hashed once: that is slow on purpose.
  private static let users = Result {
    let folder = try TemporaryFolder()
    let store = UserStore(folder: folder.path)
    for (name, password) in passwords {
      try store.set(name, password: password, isTeacher: name == "wu")
    }
    return try MappedFile.contents(of: folder.path + "/users.json")
  }

  init(users: Bool = true, workers: Int = 2) throws {
    folder = try TemporaryFolder()
    if users { try AtomicFile.write(try Self.users.get(), to: folder.path + "/users.json") }
    var settings = LabSite.Settings(course: SharedData.checkout + "/Course", data: folder.path)
    settings.workers = workers
    // The executable lies beside the test bundle.
    settings.tools = CommandLine.arguments[0].lastIndex(of: "/")
      .map { String(CommandLine.arguments[0][..<$0]) }
    site = try LabSite(settings)
  }

  /// A browser: its cookie, and what its forms carry.
  struct Browser {
    let site: LabSite
    var token = Token.random()
    var peer = "10.0.0.1"

    func get(_ path: String, method: String = "GET") async -> WebReply {
      await site.answer(request(path, method: method))
    }

    func request(_ path: String, method: String = "GET") -> WebRequest {
      let target = WebRequest.target(path) ?? (["nothing"], [:])
      return WebRequest(
        method: method,
        path: target.path,
        query: target.query,
        headers: ["host": "127.0.0.1:8080", "cookie": "vitrine_session=\(token)"],
        peer: peer
      )
    }

    func post(_ path: String, _ values: [String: String], token form: String? = nil) async
      -> WebReply
    {
      var request = request(path, method: "POST")
      var values = values
      values["token"] = form ?? site.sessions.formToken(token)
      request.headers["content-type"] = "application/x-www-form-urlencoded"
      request.body = Array(
        values.map { "\($0.key)=\(Self.encoded($0.value))" }.joined(separator: "&").utf8
      )
      return await site.answer(request)
    }

    static func encoded(_ text: String) -> String {
      text.utf8.map { "%" + Token.hex([$0]) }.joined()
    }

    /// A form with files, as a browser sends it.
    func send(_ files: [(name: String, bytes: [UInt8])], to path: String) async -> WebReply {
      var request = request(path, method: "POST")
      request.headers["content-type"] = "multipart/form-data; boundary=XX"
      let token = site.sessions.formToken(token)
      var body = Array(
        "--XX\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n\(token)\r\n".utf8
      )
      for file in files {
        body += Array(
          "--XX\r\nContent-Disposition: form-data; name=\"document\"; filename=\"\(file.name)\"\r\n\r\n"
            .utf8
        )
        body += file.bytes + [0x0D, 0x0A]
      }
      request.body = body + Array("--XX--\r\n".utf8)
      return await site.answer(request)
    }

    func upload(
      _ files: [(name: String, text: String)],
      lab: String = "L10",
      mode: String = "check"
    ) async -> WebReply {
      var request = request("/labs/\(lab)/submissions", method: "POST")
      request.headers["content-type"] = "multipart/form-data; boundary=XX"
      request.headers["accept"] = "application/json"
      var body = ""
      for (name, value) in [
        "token": site.sessions.formToken(token), "mode": mode, "tier": "basic",
      ] {
        body += "--XX\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
      }
      for file in files {
        body +=
          "--XX\r\nContent-Disposition: form-data; name=\"files\"; filename=\"\(file.name)\"\r\n\r\n\(file.text)\r\n"
      }
      request.body = Array((body + "--XX--\r\n").utf8)
      return await site.answer(request)
    }
  }

  /// Somebody who has logged in.
  func browser(_ name: String) -> Browser {
    let user = (try? site.users.users())?.first { $0.name == name }
    return Browser(site: site, token: user.map(site.sessions.begin) ?? "")
  }

  /// Somebody who has not.
  func stranger() -> Browser { Browser(site: site) }

  /// Waits until nothing runs or waits.
  func settle() async throws {
    for _ in 0..<600 {
      let counts = site.desk.queue.counts
      if counts.waiting == 0, counts.running == 0 { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    Issue.record("the queue does not become empty")
  }

  /// The files of a lab's starter at a scaffold: 3 is the solution.
  func program(_ lab: String, scaffold: Int) throws -> [(name: String, text: String)] {
    let lab = try #require(site.course.lab(lab))
    return try lab.starter("python", scaffold: scaffold, .english).map {
      ($0.name, String(decoding: $0.bytes, as: UTF8.self))
    }
  }
}

extension WebReply {
  var text: String { String(decoding: body, as: UTF8.self) }
  func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
  var ticket: String? {
    let json = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: String]
    return json?["submission"]
  }
}
