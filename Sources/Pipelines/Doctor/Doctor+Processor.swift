import Glibc

extension Doctor {
  /// The processor, its threads and the memory.
  static func processorRows() -> [EnvironmentReport.Row] {
    let fields = cpuFields(text("/proc/cpuinfo") ?? "")
    return [processorRow(fields), threadsRow(fields), memoryRow(text("/proc/meminfo") ?? "")]
  }

  /// The key-value pairs of each processor of `/proc/cpuinfo`.
  static func cpuFields(_ text: String) -> [[String: String]] {
    text.split(separator: "\n\n").map { block in
      var fields: [String: String] = [:]
      for line in block.split(separator: "\n") {
        let parts = line.split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else { continue }
        fields[trimmed(parts[0])] = trimmed(parts[1])
      }
      return fields
    }
  }

  static func processorRow(_ processors: [[String: String]]) -> EnvironmentReport.Row {
    let first = processors.first ?? [:]
    let flags = Set(
      (first["flags"] ?? first["Features"] ?? "").split(separator: " ").map(String.init)
    )
    let known = [
      ("avx2", "AVX2"), ("avx512f", "AVX-512"), ("avx512_vnni", "AVX-512 VNNI"),
      ("avx512_bf16", "AVX-512 BF16"), ("avx512_vbmi", "AVX-512 VBMI"), ("amx_tile", "AMX"),
      ("amx_bf16", "AMX BF16"), ("amx_int8", "AMX int8"), ("asimd", "NEON"),
      ("asimddp", "dot product"), ("bf16", "BF16"), ("i8mm", "I8MM"),
    ]
    let features = known.filter { flags.contains($0.0) }.map(\.1)
    let isUsable = flags.contains("avx2") || flags.contains("asimd")
    var row = EnvironmentReport.Row(
      "processor",
      isUsable ? .ok : .unsupported,
      purpose: "vector units decide how fast a network runs and which precisions pay"
    )
    let model = first["model name"] ?? first["CPU part"].map { "ARM part \($0)" } ?? "unknown"
    row.found = ([model] + features).joined(separator: ", ")
    row.needed = "AVX2 or NEON"
    if !isUsable { row.remedy = "use a processor with AVX2 (2013 or newer) or a 64-bit ARM" }
    return row
  }

  private static func threadsRow(_ processors: [[String: String]]) -> EnvironmentReport.Row {
    var row = EnvironmentReport.Row("threads", .ok, purpose: "engines share work between threads")
    let cores = Set(
      processors.compactMap { fields in
        fields["core id"].map { "\(fields["physical id"] ?? "0").\($0)" }
      }
    )
    let usable = allowedCount(text("/proc/self/status") ?? "") ?? processors.count
    var parts = ["\(usable) usable"]
    if !cores.isEmpty { parts.append("\(cores.count) cores in the machine") }
    if let quota = text("/sys/fs/cgroup/cpu.max")?.split(whereSeparator: \.isWhitespace),
      quota.count == 2, let share = Double(quota[0]), let period = Double(quota[1]), period > 0
    {
      parts.append("limited to \((share / period * 10).rounded() / 10) by the container")
    }
    row.found = parts.joined(separator: ", ")
    return row
  }

  /// The processors that this process may run on: `Cpus_allowed_list: 0-3,8`.
  static func allowedCount(_ status: String) -> Int? {
    let key = "Cpus_allowed_list:"
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(key) }) else {
      return nil
    }
    return line.dropFirst(key.count).split(separator: ",").reduce(0) { count, range in
      let ends = range.split(separator: "-").compactMap { Int(trimmed($0)) }
      guard let first = ends.first, let last = ends.last, last >= first else { return count }
      return count + last - first + 1
    }
  }

  private static func memoryRow(_ text: String) -> EnvironmentReport.Row {
    var row = EnvironmentReport.Row("memory", .ok, purpose: "large pictures and batches need it")
    var mebibytes: [String: Int] = [:]
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count >= 2, let kibibytes = Int(words[1]) else { continue }
      mebibytes[String(words[0].dropLast())] = kibibytes / 1024
    }
    let total = mebibytes["MemTotal"] ?? 0
    row.found = "\(total) MiB, \(mebibytes["MemAvailable"] ?? 0) MiB available"
    row.needed = "512 MiB"
    if total < 512 {
      row.status = .unsupported
      row.remedy = "use a machine with more memory"
    }
    return row
  }

  private static func trimmed(_ text: Substring) -> String {
    String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }

  /// The start (at most a mebibyte) of a file that has no size, as those of `/proc`.
  static func text(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count < 1 << 20 {
      let count = read(descriptor, &chunk, chunk.count)
      guard count > 0 else { break }
      bytes += chunk[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
