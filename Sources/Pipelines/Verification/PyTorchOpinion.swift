import Backends
import Diagnostics
import Files
import Formats
import Glibc
import Metrics
import Reports
import Tensors

/// What PyTorch itself says of a checkpoint, asked in a process of its own.
///
/// PyTorch runs the pickle, so this is done only on request and only for a file that names nothing
/// but a network's classes (``Checkpoint/checkFitForPython()``). The original classes must be importable (`pip install yolov5`).
struct PyTorchOpinion {
  /// The checkpoint.
  let checkpoint: String
  /// The Python that has PyTorch.
  var python: String

  /// Compares the first output of PyTorch with that of the session.
  /// - Throws: `check.pytorch-failed` where PyTorch cannot be asked.
  func check(_ feed: Feed, _ session: any Session) throws -> Check {
    try CheckpointReader.read(path: checkpoint).checkFitForPython()
    guard let input = feed.tensors.values.first else {
      throw DeployError(.checkPyTorchFailed, "the network has no input")
    }
    let folder = try TemporaryFolder()
    try NPYFile.write(try input.converted(to: .float32), to: folder.path + "/input.npy")
    let arguments = [
      "-W", "ignore", "-c", Self.program, checkpoint, folder.path + "/input.npy",
      folder.path + "/output.npy",
    ]
    let answer = ChildProcess.run(python, arguments, seconds: 300)
    guard answer.problem == nil else {
      throw DeployError(
        .checkPyTorchFailed,
        "PyTorch could not be asked: \(answer.problem ?? "")",
        remedy: "run Scripts/setup --peers, or leave --pytorch out"
      )
    }
    let expected = try NPYFile.read(path: folder.path + "/output.npy")
    guard let name = session.outputNames.first else {
      throw DeployError(.checkPyTorchFailed, "the network has no output")
    }
    let actual = try session.output(name).tensor().converted(to: .float32)
    let comparison = try TensorComparison(
      actual,
      with: expected,
      tolerance: Tolerance(absolute: 0.1, relative: 1e-4)
    )
    return Check(
      name: "PyTorch's opinion on \(name)",
      passes: comparison.passes,
      figures: [.init(name, comparison.words, limit: "0.1 + 1e-4·|x|")],
      verdict: comparison.words
    )
  }

  /// Loads the checkpoint with the original classes under the names that they were pickled with.
  private static let program = """
    \(PyTorchLoading.program)
    import numpy
    path, source, target = sys.argv[1:4]
    model = load(path)
    with torch.no_grad(): result = model(torch.from_numpy(numpy.load(source)))
    while isinstance(result, (tuple, list)): result = result[0]
    numpy.save(target, result.numpy())
    """
}

extension Diagnostic.ID {
  /// PyTorch was asked for and could not answer.
  static let checkPyTorchFailed: Self = "check.pytorch-failed"
}
