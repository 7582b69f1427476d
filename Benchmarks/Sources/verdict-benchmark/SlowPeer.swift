import Foundation
import Pipelines

/// A build that takes part in `bench --against-program` and whose network takes longer by a factor.
enum SlowPeer {
  /// A script that starts this executable as such a build.
  static func program(_ factor: Double, in folder: String) throws -> String {
    let path = folder + "/slower-\(factor)-\(UUID().uuidString.prefix(4))"
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let script = "#!/bin/sh\nexec '\(own)' serve \(factor) \"$@\"\n"
    try script.write(toFile: path, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    return path
  }

  /// `serve FACTOR peer MODEL --option value …`, as `vitrine peer` takes it.
  static func serve(_ arguments: [String]) async throws {
    var values: [String: [String]] = [:]
    var option = ""
    for word in arguments.dropFirst(4) {
      if word.hasPrefix("--") { option = word } else { values[option, default: []].append(word) }
    }
    func number(_ name: String) -> Int { values[name]?.first.flatMap { Int($0) } ?? 0 }
    guard arguments.count > 3, let factor = Double(arguments[1]) else { return }
    var server = EngineServer(
      model: arguments[3],
      backend: BackendChoice(
        values["--backend"]?.first ?? "onnxruntime",
        threadCount: number("--threads"),
        cache: values["--cache"]?.first
      ),
      imageSize: values["--imgsz"]?.compactMap { Int($0) },
      sharedPath: values["--shared"]?.first ?? "",
      slotByteCount: number("--slot-bytes"),
      slotCount: number("--slots")
    )
    server.images = values["--images"] ?? []
    server.adaptPlan = { factor == 1 ? $0 : SlowPlan(base: $0, factor: factor) }
    try await server.run()
  }
}
