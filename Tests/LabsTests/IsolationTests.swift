import Diagnostics
import Files
import Glibc
import Testing

@testable import Labs

/// What hostile programs try; each must be refused or harmless.
@Suite(.serialized) struct IsolationTests {
  private func run(
    _ script: String,
    strong: Bool = true,
    hidden: [String] = [],
    _ change: (inout RunLimits) -> Void = { _ in }
  ) throws -> (outcome: RunOutcome, folder: WorkFolder) {
    let folder = try WorkFolder()
    var limits = RunLimits()
    limits.wallSeconds = 5
    change(&limits)
    chmod(folder.path, 0o777)
    let program = LearnerProgram(
      command: ["sh", "-c", script],
      folder: folder.path,
      limits: limits,
      hidden: hidden,
      startsStrong: strong
    )
    return (try program.run(), folder)
  }

  /// Both levels where there are both.
  static let levels = hasStrongIsolation ? [true, false] : [false]

  @Test(arguments: levels) func runsAProgram(_ strong: Bool) throws {
    let (outcome, folder) = try run(
      "echo hello; echo oh >&2; echo 1 > answer; exit 3",
      strong: strong
    )
    #expect(outcome.ending == .exited(3))
    #expect(outcome.output == "hello\n")
    #expect(outcome.errors == "oh\n")
    #expect(outcome.isolation == (strong ? .strong : .basic))
    #expect(access(folder.path + "/answer", R_OK) == 0)
  }

  /// What `lab serve` asks before it lets a class in, and what decides which tests here run: a
  /// machine without name spaces answers `basic`, none throws.
  @Test func theLevelOfThisMachineIsKnown() throws {
    #expect(try [.strong, .basic].contains(IsolationLevel.reached()))
  }

  @Test(arguments: levels) func endsWhatTakesTooLong(_ strong: Bool) throws {
    let (outcome, _) = try run("sleep 60", strong: strong) { $0.wallSeconds = 0.3 }
    #expect(outcome.ending == .timeLimit)
    #expect(outcome.seconds < 3)
  }

  @Test(arguments: levels) func endsEndlessOutput(_ strong: Bool) throws {
    let (outcome, _) = try run("yes", strong: strong)
    #expect(outcome.ending == .outputLimit)
    #expect(outcome.output.utf8.count <= 4000)
  }

  @Test(arguments: levels) func endsHugeFiles(_ strong: Bool) throws {
    let (outcome, folder) = try run("exec cat /dev/zero > big", strong: strong) {
      $0.folderBytes = 8 << 20
    }
    #expect(outcome.ending == .folderLimit)
    var status = stat()
    #expect(stat(folder.path + "/big", &status) == 0)
    #expect(status.st_size <= 8 << 20)
  }

  @Test(arguments: levels) func endsAFloodOfFiles(_ strong: Bool) throws {
    let script = "i=0; while true; do : > f$i; i=$((i+1)); done"
    let (outcome, _) = try run(script, strong: strong) { $0.wallSeconds = 60 }
    #expect(outcome.ending == .folderLimit)
  }

  /// What a program leaves running must be gone when the run is over.
  @Test(arguments: levels) func leavesNoProcess(_ strong: Bool) throws {
    let mark = "83\(Int.random(in: 1_000_000...9_999_999))"
    let script =
      "sleep \(mark) & setsid sleep \(mark) & (setsid sh -c 'sleep \(mark) & sleep \(mark)' &) ; exit 0"
    let (outcome, _) = try run(script, strong: strong)
    #expect(outcome.ending == .exited(0))
    #expect(Self.processes(with: mark) == 0)
  }

  @Test(.enabled(if: hasStrongIsolation)) func survivesAForkBomb() throws {
    let mark = "84\(Int.random(in: 1_000_000...9_999_999))"
    let script = "b() { sleep \(mark) & b & b & }; b; sleep 1; exit 0"
    let (outcome, _) = try run(script) { $0.wallSeconds = 4 }
    #expect(outcome.seconds < 6)
    #expect(Self.processes(with: mark) == 0)
  }

  @Test(.enabled(if: hasStrongIsolation)) func writesNowhereElse() throws {
    let other = try WorkFolder()
    chmod(other.path, 0o777)
    let (outcome, folder) = try run(
      "echo x > \(other.path)/x; echo x > /etc/vitrine-x; echo x > /var/tmp/vitrine-x; echo ok > mine"
    )
    #expect(outcome.ending == .exited(0))
    #expect(access(other.path + "/x", F_OK) != 0)
    #expect(access("/etc/vitrine-x", F_OK) != 0)
    #expect(access("/var/tmp/vitrine-x", F_OK) != 0)
    #expect(access(folder.path + "/mine", F_OK) == 0)
  }

  @Test(.enabled(if: hasStrongIsolation)) func cannotReadHiddenFolders() throws {
    let secret = try WorkFolder()
    chmod(secret.path, 0o755)
    try secret.write("seed", "secret")
    // /tmp is empty for the program anyway: a folder elsewhere must be hidden, too.
    let elsewhere = "/var/tmp/vitrine-hidden-\(getpid())"
    try Folder.create(elsewhere)
    defer { Folder.delete(elsewhere) }
    try AtomicFile.write("seed", to: elsewhere + "/secret")
    let script =
      "cat \(secret.path)/secret \(elsewhere)/secret; umount \(elsewhere); cat \(elsewhere)/secret; true"
    let (outcome, _) = try run(script, hidden: [elsewhere])
    #expect(!outcome.output.contains("seed"))
    let (open, _) = try run("cat \(elsewhere)/secret", hidden: [])
    #expect(open.output == "seed")
  }

  @Test(.enabled(if: hasStrongIsolation)) func hasNoNetworkAndSeesNoProcess() throws {
    let (outcome, _) = try run(
      "ls /sys/class/net 2>/dev/null; cat /proc/net/dev; ls /proc | grep -c '^[0-9]'"
    )
    // Only the loop of the machine itself, and only the program's own processes.
    let devices = outcome.output.split(separator: "\n").filter { $0.contains(":") }
    #expect(devices.allSatisfy { $0.contains("lo:") })
    let count = outcome.output.split(separator: "\n").last.flatMap { Int($0) }
    #expect((count ?? 99) <= 4)
  }

  /// A program may talk to itself, which Foundation's Process does, and to nobody else.
  @Test(.enabled(if: hasStrongIsolation)) func reachesItselfOnly() throws {
    let script = """
      import socket
      server = socket.create_server(("127.0.0.1", 0))
      socket.create_connection(server.getsockname(), 2).close()
      print("itself")
      try:
        socket.create_connection(("192.0.2.1", 80), 2)
        print("BAD")
      except OSError as error:
        print(error.errno)
      """
    let (outcome, _) = try run("python3 -c '\(script)'")
    // 101: the network is unreachable.
    #expect(outcome.output == "itself\n101\n", "\(outcome.errors)")
  }

  @Test(.enabled(if: hasStrongIsolation)) func hasNoRights() throws {
    let (outcome, _) = try run(
      "id -u; unshare -U true || echo refused; cat /proc/self/status | grep CapEff"
    )
    #expect(outcome.output.hasPrefix("1000\n") || geteuid() != 0)
    #expect(outcome.output.contains("refused"))
  }

  /// Whatever rights are left, there is no device that holds anything.
  @Test(.enabled(if: hasStrongIsolation)) func seesNoDevices() throws {
    let (outcome, _) = try run(
      "ls /dev; for d in /sys/class/block/*; do [ -e /dev/${d##*/} ] && echo BAD; done; "
        + "echo x > /dev/null && echo fine; head -c 4 /dev/zero | wc -c; echo y > /dev/shm/y && echo shared"
    )
    let lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(Set(lines.prefix(7)) == ["fd", "full", "null", "random", "shm", "urandom", "zero"])
    #expect(Array(lines.dropFirst(7)) == ["fine", "4", "shared"], "\(outcome.errors)")
  }

  @Test(arguments: levels) func limitsMemory(_ strong: Bool) throws {
    let (outcome, _) = try run(
      "python3 -c 'x = bytearray(400 << 20)' || exit 9",
      strong: strong
    ) { $0.memoryBytes = 200 << 20 }
    #expect(outcome.ending == .exited(9))
  }

  @Test func saysWhatCannotBeStarted() throws {
    let folder = try WorkFolder()
    let program = LearnerProgram(command: ["./absent"], folder: folder.path, limits: RunLimits())
    #expect(errorID { _ = try program.run() } == .labIsolationFailed)
  }

  /// How many processes of this machine have a word in their command line.
  private static func processes(with word: String) -> Int {
    guard let stream = opendir("/proc") else { return -1 }
    defer { closedir(stream) }
    var count = 0
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
        name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard Int(name) != nil, let file = fopen("/proc/\(name)/cmdline", "r") else { continue }
      defer { fclose(file) }
      var bytes = [UInt8](repeating: 0, count: 4096)
      let length = fread(&bytes, 1, bytes.count, file)
      if String(decoding: bytes[..<length], as: UTF8.self).contains(word) { count += 1 }
    }
    return count
  }
}
