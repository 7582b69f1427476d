// Other programs, called from yours. You need not change this file.

import Foundation

/// What a program has printed on its two streams, and its exit code: 0 where all went well.
struct Finished {
  var output: String
  var errors: String
  var status: Int

  /// Why it did not end well: the first line on its error stream.
  var reason: String { String(errors.split(separator: "\n").first ?? "it does not run") }

  /// Its output, read as JSON into a type of yours.
  func json<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try JSONDecoder().decode(type, from: Data(output.utf8))
  }

  /// The same, where it ended well.
  /// - Throws: what it has said on its error stream, where it did not.
  func checked() throws -> Finished {
    guard status == 0 else { throw FileProblem(text: errors) }
    return self
  }
}

/// Runs a program to its end. `command` is its name and its arguments.
func run(_ command: [String]) throws -> Finished {
  // A pipe holds only some thousand bytes until they are read: two would have to be read at the same
  // time. So one of the streams goes to a file, whose name no other program has.
  let log = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  try Data().write(to: log)
  defer { try? FileManager.default.removeItem(at: log) }
  let output = Pipe()
  let process = Process()
  // `env` looks for the program in the folders of PATH.
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = command
  process.standardOutput = output
  process.standardError = try FileHandle(forWritingTo: log)
  try process.run()
  let printed = output.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return Finished(
    output: String(decoding: printed, as: UTF8.self),
    errors: String(decoding: try Data(contentsOf: log), as: UTF8.self),
    status: Int(process.terminationStatus)
  )
}
