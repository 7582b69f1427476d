import Diagnostics
import Files
import Glibc
import Images

/// Runs one case again and leaves everything about it in the learner's folder.
package struct Replay {
  /// Where it was put.
  package let folder: String
  package let verdict: Verdict
  /// Files with what the program read, what it wrote, and what is right.
  package let files: [String]
}

extension Grader {
  /// Replays a case (`parity/3`) of a seed into `witness/parity-3` of a workspace.
  /// - Throws: `lab.invalid-submission` where there is no such case.
  package func replay(_ id: String, seed: VariantSeed, in folder: String) throws -> Replay {
    let check = lab.checks(at: tier).first { id.hasPrefix($0.id + "/") }
    guard let slot = lab.slots.first(where: { $0.name == check?.slot }),
      let task = TaskCatalog(course: course.path).task(slot.task)
    else { throw noCase(id) }
    let name = id.split(separator: "/").joined(separator: "-")
    let target = "\(folder)/witness/\(name)"
    let submission = try Submission(folder: folder)
    var verdict = try grade(submission, seed, mode: .check, attempt: 0, only: id)
    guard verdict.checks.contains(where: { $0.cases > 0 }) else {
      throw noCase(id)
    }
    verdict.checks.removeAll { $0.cases == 0 }
    if Folder.exists(target) { Folder.delete(target) }
    try keep(task, id, submission, seed, target)
    return Replay(folder: target, verdict: verdict, files: try Folder.files(below: target))
  }

  private func noCase(_ id: String) -> DeployError {
    DeployError(
      .labInvalidSubmission,
      "there is no case '\(id)'",
      remedy: "name one that a check has printed, such as \(lab.checks.first?.id ?? "")/1"
    )
  }

  /// Solves the case once more and keeps the files.
  private func keep<Task: CaseTask>(
    _ task: Task,
    _ id: String,
    _ submission: Submission,
    _ seed: VariantSeed,
    _ target: String
  ) throws {
    let grader = caseGrader(task, submission, seed, isQuick: false, only: id)
    let checks = lab.checks(at: tier).filter { id.hasPrefix($0.id + "/") }
    guard let item = try grader.items(checks).first,
      let slot = lab.slots.first(where: { $0.name == item.check.slot }),
      let command = try submission.command(of: slot.name, among: lab.slots.map(\.name))
    else { return }
    let bench = Workbench(
      folder: try TemporaryFolder(),
      limits: slot.limits,
      hidden: grader.hidden,
      tools: tools
    )
    try submission.write(to: bench.path + "/program")
    let (input, output) = (bench.input(1), bench.output(1))
    try Folder.create(input)
    try Folder.create(output)
    try task.furnish(bench.path)
    try task.write(item.problem, to: input)
    let problems = [Workbench.name(1): item.problem]
    let conversation = try task.conversation(about: problems, in: bench.path)
    bench.handOver()
    let (words, failure) = try bench.prepare(command)
    try conversation?.start()
    defer { conversation?.stop() }
    if failure == nil { _ = try bench.run(words) }
    conversation?.stop()
    for (source, name) in [(input, "in"), (output, "out")] {
      var tally = FolderTally(byteLimit: slot.limits.folderBytes, entryLimit: 100)
      tally.add(source)
      guard tally.foreign == nil, !tally.isOver else { continue }
      try Folder.create("\(target)/\(name)")
      for path in try Folder.files(below: source) {
        let relative = path.dropFirst(source.count + 1).split(separator: "/").joined(separator: "-")
        try AtomicFile.write(
          try MappedFile.contents(of: path),
          to: "\(target)/\(name)/\(relative)"
        )
      }
    }
    let expected = try task.reference(item.problem)
    try Folder.create("\(target)/expected")
    try task.write(answer: expected, of: item.problem, to: "\(target)/expected")
    if let answer = try? task.read(output, of: item.problem),
      let picture = task.picture(answer, expected, item.problem)
    {
      // Small pictures are hard to look at.
      try picture.enlarged(4).write(to: "\(target)/difference.png")
    }
  }
}
