import Diagnostics
import Foundation
import Histories
import Testing

@Suite struct RunStoreTests {
  /// A folder that is gone when this is.
  final class Scratch {
    let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  private func run(_ model: String, keys: [String]) -> StoredRun {
    StoredRun(
      date: "2026-01-02T03:04:05Z",
      command: "bench",
      name: "a 'name'; DROP TABLE runs",
      model: model,
      modelHash: "00ff",
      version: "1",
      machine: "box",
      report: #"{"schemaVersion": 2}"#,
      configurations: keys.map {
        StoredConfiguration(
          key: $0,
          label: "label \($0)",
          figures: ["P50": 1.5, "broken": .nan],
          samples: ["engine": [3, 1, 2], "control": []]
        )
      }
    )
  }

  @Test func whatIsStoredComesBack() throws {
    let scratch = Scratch()
    let store = try RunStore(folder: scratch.path + "/deep/data")
    let id = try store.add(run("a.pt", keys: ["k1", "k2"]))
    let read = try RunStore(folder: scratch.path + "/deep/data").run(id)
    var expected = run("a.pt", keys: ["k1", "k2"])
    expected.id = id
    for index in expected.configurations.indices {
      expected.configurations[index].figures["broken"] = nil
      expected.configurations[index].samples["control"] = nil
    }
    #expect(read == expected)
  }

  @Test func runsAreListedFoundAndDeleted() throws {
    let scratch = Scratch()
    let store = try RunStore(folder: scratch.path)
    let ids = try ["a.pt", "b.pt", "c.pt"].map { try store.add(run($0, keys: [$0, "all"])) }
    #expect(try store.runs().map(\.model) == ["c.pt", "b.pt", "a.pt"])
    #expect(try store.runs(limit: 1).map(\.id) == [ids[2]])
    #expect(try store.runs()[0].report == "")
    #expect(try store.runs(measuring: "b.pt").map(\.id) == [ids[1]])
    #expect(try store.runs(measuring: "all").count == 3)
    #expect(try store.runs(measuring: "b.pt")[0].configurations.map(\.key) == ["b.pt"])
    #expect(throws: DeployError.self) { try store.delete([ids[0], 99]) }
    #expect(try store.runs().count == 3)
    try store.delete([ids[0], ids[1]])
    #expect(try store.runs().map(\.id) == [ids[2]])
    #expect(try store.runs(measuring: "b.pt").isEmpty)
    // Numbers are never used again.
    #expect(try store.add(run("d.pt", keys: [])) == ids[2] + 1)
    try store.delete([ids[2] + 1])
    #expect(try store.add(run("e.pt", keys: [])) == ids[2] + 2)
  }

  @Test func strangeFilesAreRefused() throws {
    let scratch = Scratch()
    try FileManager.default.createDirectory(atPath: scratch.path, withIntermediateDirectories: true)
    let file = scratch.path + "/runs.sqlite"
    try Data("this is no database, but it is long enough to be looked at".utf8)
      .write(to: URL(filePath: file))
    expect("history.unreadable") { _ = try RunStore(folder: scratch.path) }
    #expect(throws: DeployError.self) { try RunStore(folder: file) }
  }

  @Test func everyTruncationIsAnErrorOrAnEmptyHistory() throws {
    let scratch = Scratch()
    let store = try RunStore(folder: scratch.path)
    _ = try store.add(run("a.pt", keys: ["k"]))
    let whole = try Data(contentsOf: URL(filePath: store.path))
    for length in stride(from: 0, to: whole.count, by: 997) {
      let other = Scratch()
      try FileManager.default.createDirectory(
        atPath: other.path,
        withIntermediateDirectories: true
      )
      try whole.prefix(length).write(to: URL(filePath: other.path + "/runs.sqlite"))
      do {
        let runs = try RunStore(folder: other.path).runs()
        #expect(length == 0 ? runs.isEmpty : runs.count <= 1)
      } catch {
        #expect((error as? DeployError)?.id == "history.unreadable", "\(length): \(error)")
      }
    }
  }

  @Test func unknownRunsAreNamed() throws {
    let scratch = Scratch()
    let store = try RunStore(folder: scratch.path)
    expect("history.unknown-run") { _ = try store.run(7) }
  }

  private func expect(_ id: Diagnostic.ID, _ body: () throws -> Void) {
    do {
      try body()
      Issue.record("nothing was thrown")
    } catch {
      #expect((error as? DeployError)?.id == id, "\(error)")
    }
  }
}
