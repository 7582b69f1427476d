import Glibc

extension Doctor {
  /// PyTorch, asked in a process of its own.
  static func torchRow(_ python: String, _ seconds: Int) -> EnvironmentReport.Row {
    var row = EnvironmentReport.Row(
      "pytorch",
      .missing,
      purpose: "a third opinion on numbers; never needed"
    )
    let program = """
      import importlib.util, sys
      if importlib.util.find_spec("torch") is None: sys.exit(3)
      import torch
      print("torch", torch.__version__)
      """
    let answer = ChildProcess.run(python, ["-c", program], seconds: seconds)
    if let line = answer.output.split(separator: "\n").first(where: { $0.hasPrefix("torch ") }) {
      row.status = .ok
      row.found = String(line.dropFirst(6))
    } else {
      row.status = answer.exitCode == 3 || answer.exitCode == 127 ? .missing : .unsupported
      row.detail = answer.problem
      row.remedy =
        "run Scripts/setup --peers, or install PyTorch for '\(python)', if a third opinion is wanted"
    }
    return row
  }
}
