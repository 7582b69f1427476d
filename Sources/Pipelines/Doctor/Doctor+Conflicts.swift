extension Doctor {
  /// Marks components that work alone but not together.
  static func findConflicts(in report: inout EnvironmentReport) {
    let hasGPU = report.row("gpu")?.status == .ok
    let driver = cudaVersion(of: report.row("driver"))
    for index in report.rows.indices where report.rows[index].status == .ok {
      let row = report.rows[index]
      guard let problem = problem(of: row, hasGPU: hasGPU, driver: driver, report) else { continue }
      report.rows[index].status = .conflict
      report.rows[index].detail = problem.detail
      report.rows[index].remedy = problem.remedy
    }
  }

  private static func problem(
    of row: EnvironmentReport.Row,
    hasGPU: Bool,
    driver: [Int]?,
    _ report: EnvironmentReport
  ) -> (detail: String, remedy: String)? {
    switch row.component {
    case "tensorrt":
      if !hasGPU {
        return ("it is installed, but no GPU can be used", "run it on a machine with a GPU")
      }
      let needed = neededDriver(tensorRT: row.found ?? "")
      guard let driver, driver.lexicographicallyPrecedes(needed) else { return nil }
      return (
        "TensorRT \(row.found ?? "") needs a driver for CUDA \(text(needed)), this one is for "
          + "CUDA \(text(driver))",
        "update the driver, or install an older TensorRT"
      )
    case "cuda":
      let runtime = numbers(row.found ?? "")
      guard let driver, let major = runtime.first, let newest = driver.first, major > newest else {
        return nil
      }
      return (
        "the runtime is CUDA \(text(runtime)), the driver is for CUDA \(text(driver))",
        "update the driver, or install an older CUDA runtime"
      )
    case "tensorrt-rtx":
      guard hasGPU, let gpu = report.row("gpu")?.found else { return nil }
      // Source: TensorRT for RTX support matrix: Turing, Ampere, Ada and Blackwell of the RTX line.
      let supported = ["(7.5)", "(8.6)", "(8.9)", "(12.0)"]
      guard !supported.contains(where: gpu.contains) else { return nil }
      return ("it makes no plans for \(gpu)", "use TensorRT on this GPU")
    default: return nil
    }
  }

  /// Source: NVIDIA's TensorRT support matrix: 11 stands on CUDA 13, 10 on 12, 8 on 11.
  private static func neededDriver(tensorRT version: String) -> [Int] {
    switch numbers(version).first ?? 0 {
    case 11...: [13, 0]
    case 10: [12, 0]
    default: [11, 0]
    }
  }

  private static func cudaVersion(of row: EnvironmentReport.Row?) -> [Int]? {
    guard let found = row?.found, found.hasPrefix("CUDA ") else { return nil }
    return numbers(String(found.dropFirst(5).prefix { $0 != "," }))
  }

  private static func numbers(_ version: String) -> [Int] {
    version.split(separator: ".").compactMap { Int($0) }
  }

  private static func text(_ version: [Int]) -> String {
    version.map(String.init).joined(separator: ".")
  }
}
