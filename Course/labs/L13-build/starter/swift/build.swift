// Lab 13: a plan from an ONNX file, by a recipe that can be repeated, with a manifest.
// Helpers: TensorIO.swift, Commands.swift, Digest.swift

import Foundation

struct Task: Decodable {
  var threads: Int
  var precision: String
  var workspace: String?
  // Where the workspace is to be chosen:
  var memoryBytes: Int?
  var workspaces: [String]?
}

/// What is written; where building fails, only the error.
struct Manifest: Encodable {
  struct Options: Encodable {
    var threads: Int
    var precision: String
    var workspace: String
  }
  var model: String?
  var plan: String?
  var version: String?
  var needs: String?
  var options: Options?
  var error: String?
}

/// What `vitrine inspect` says of a plan: the part of its JSON document that is needed here.
struct Description: Decodable {
  struct Fact: Decodable {
    var name: String
    var value: String
  }
  struct Memory: Decodable {
    var peakByteCount: Int
  }
  var facts: [Fact]
  var memory: Memory
}

/// The SHA-256 of a file.
func digest(_ folder: String, _ name: String) throws -> String { sha256(try readBytes(folder, name)) }

/// Runs `vitrine build`; gives how it ended.
func runBuild(_ model: String, _ task: Task, _ workspace: String, _ output: String) throws -> Finished {
  var command = ["vitrine", "build", model, "--quiet", "--json", "-o", "\(output)/model.plan"]
  //@fade 3 en: threads, precision and workspace of the task (see vitrine build --help) | zh-Hans: 任务给出的线程数、精度和工作区（见 vitrine build --help）
  //@instead command += []
  command += ["--threads", "\(task.threads)", "--precision", task.precision]
  command += ["--workspace", workspace]
  //@end
  //@fade 2 en: keep the times that choices were made by, as cache.json in output | zh-Hans: 把做选择所依据的计时保存为 output 里的 cache.json
  command += ["--timing-cache", "\(output)/cache.json"]
  //@end
  return try run(command)
}

/// What `vitrine inspect` says of the plan in a folder.
func describe(_ output: String) throws -> Description {
  try run(["vitrine", "inspect", "\(output)/model.plan", "--json"]).checked().json(Description.self)
}

/// Builds and says what was built; where that fails, which error it was.
func manifest(_ folder: String, _ task: Task, _ workspace: String, _ output: String) throws -> Manifest {
  let done = try runBuild("\(folder)/model.onnx", task, workspace, output)
  var manifest = Manifest()
  guard done.status == 0 else {
    //@fade 3 en: its identifier stands on standard error: error[onnx.…] | zh-Hans: 错误标识写在标准错误里：error[onnx.…]
    if let problem = done.errors.firstMatch(of: #/error\[([^\]]+)\]/#) {
      manifest.error = String(problem.1)
    }
    //@end
    return manifest
  }
  let facts = try describe(output).facts
  manifest.model = try digest(folder, "model.onnx")
  //@fade 2 en: the digest of the plan | zh-Hans: 计划文件的摘要
  manifest.plan = try digest(output, "model.plan")
  //@end
  let version = try run(["vitrine", "--version"]).checked().output
  manifest.version = version.trimmingCharacters(in: .whitespacesAndNewlines)
  manifest.needs = facts.first { $0.name == "needs" }?.value
  manifest.options = Manifest.Options(
    threads: task.threads, precision: task.precision, workspace: workspace
  )
  return manifest
}

/// `64K` or `1M` in bytes.
func byteCount(_ text: String) -> Int {
  (Int(text.dropLast()) ?? 0) << (text.hasSuffix("M") ? 20 : 10)
}

/// The manifest of the plan with the largest workspace that fits into the task's memory.
func manifestThatFits(_ folder: String, _ task: Task, _ memory: Int, _ output: String) throws -> Manifest {
  var chosen = Manifest()
  let workspaces = task.workspaces ?? []
  //@fade 3 en: the largest workspace that fits beside the plan's values | zh-Hans: 与计划的数值放在一起仍放得下的最大工作区
  //@instead chosen = try manifest(folder, task, workspaces[0], output)
  for workspace in workspaces.reversed() {
    chosen = try manifest(folder, task, workspace, output)
    let values = try describe(output).memory.peakByteCount
    if byteCount(workspace) + values <= memory { break }
  }
  //@end
  return chosen
}

@main struct Program {
  static func main() throws {
    for (folder, output) in try cases() {
      let task = try readJSON(Task.self, folder, "task.json")
      let manifest =
        if let memory = task.memoryBytes {
          try manifestThatFits(folder, task, memory, output)
        } else {
          try manifest(folder, task, task.workspace ?? "1M", output)
        }
      try writeJSON(output, "manifest.json", manifest)
    }
  }
}
