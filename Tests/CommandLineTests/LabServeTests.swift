import Foundation
import TestSupport
import Testing

/// `vitrine lab serve` as a process: under load, killed, attacked, and used in a browser.
@Suite(.serialized) struct LabServeTests {
  let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  /// Runs one scenario of Tools/attack_lab.py.
  private func scenario(_ name: String) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "python3", SharedData.checkout + "/Tools/attack_lab.py", name, "--vitrine",
      VitrineProcess.executable,
    ]
    try finish(process)
  }

  private func finish(_ process: Process) throws {
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(text)")
  }

  /// 50 submissions of ten learners at once, and the server is killed while it grades them: the
  /// next process grades the rest, each once, none is lost.
  @Test func nothingIsLostWhenItIsKilled() throws { try scenario("load") }

  /// Bodies that are too large or too slow, bombs of headers, wrong methods, paths that lead out, 1000
  /// connections; and it ends on request.
  @Test func attacksAreRefused() throws { try scenario("attacks") }

  /// Fixed sessions, stale codes of forms, names that lead out, smuggled lines, others' work, seeds.
  @Test func trespassersGetNowhere() throws { try scenario("trespass") }

  /// Tools/check_lab.py: a learner, a second one with the keyboard only, and a teacher in headless
  /// Chromium, in two languages and on a phone.
  @Test(
    .enabled(
      if: ["/usr/bin/chromium", "/usr/bin/chromium-browser"].contains {
        FileManager.default.isExecutableFile(atPath: $0)
      },
      "needs Chromium"
    )
  )
  func aClassUsesItInABrowser() throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "python3", SharedData.checkout + "/Tools/check_lab.py", "--vitrine",
      VitrineProcess.executable,
    ]
    try finish(process)
  }

  private func lab(_ arguments: [String]) throws -> VitrineProcess {
    try VitrineProcess.run(
      ["lab"] + arguments,
      in: folder.path,
      environment: [
        "VITRINE_DATA": folder.file("data"), "VITRINE_COURSE": SharedData.checkout + "/Course",
      ]
    )
  }

  @Test func strangersNeedUsers() throws {
    let open = try lab(["serve", "--host", "0.0.0.0", "--port", "0"])
    #expect(open.status == 70 && open.errors.contains("lab.users-needed"))
    #expect(try lab(["serve", "--port", "70000"]).status == 64)
    // Standard input is empty: no password.
    let user = try lab(["user", "add", "anna"])
    #expect(user.status == 70 && user.errors.contains("lab.invalid-user"))
    #expect(try lab(["user", "remove", "nobody"]).status == 70)
    #expect(try lab(["user", "list", "--json"]).output.contains("["))
  }

  @Test func reportsSayWhereEvidenceIsMissing() throws {
    let report = try lab(["report", "-o", folder.file("r.html"), "--language", "en"])
    #expect(report.status == 0 && report.output.contains("not enough evidence"), "\(report.errors)")
    let page = try String(contentsOfFile: folder.file("r.html"), encoding: .utf8)
    #expect(page.contains("Content-Security-Policy") && !page.contains("<script"))
    let json = try lab(["report", "--json"])
    let document =
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    #expect((document?["criteria"] as? [Any])?.count == 9)
    #expect(try lab(["rebuild"]).status == 0)
  }
}
