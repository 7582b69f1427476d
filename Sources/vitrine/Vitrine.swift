import ArgumentParser
import Diagnostics
import Glibc
import Synchronization

/// The command line: one subcommand per stage.
@main
struct Vitrine: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vitrine",
    abstract: "Takes a YOLOv5 detector from checkpoint to verified detections, without Python.",
    discussion: """
      EXAMPLES
        vitrine deploy yolov5s.pt --images photos/      the whole chain, with a report
        vitrine inspect yolov5s.pt --layers             what is inside a checkpoint
        vitrine export yolov5s.pt -o yolov5s.onnx       checkpoint to ONNX
        vitrine build yolov5s.onnx                      a plan file with its passport
        vitrine calibrate yolov5s.pt --images photos/   what 8 bits have to hold
        vitrine quantize yolov5s.pt --calibration t     8-bit precision in the graph
        vitrine prove yolov5s.int8.onnx                 which precision really runs
        vitrine check yolov5s.onnx --against yolov5s.pt prove that both are equal
        vitrine detect yolov5s.onnx bus.jpg --json      boxes, classes, confidences
        vitrine detect yolov5s.onnx clip.mp4 -o out.mp4 the same on a video
        vitrine bench yolov5s.onnx                      latency, throughput, resources
        vitrine val yolov5s.onnx --data coco.json       how right it is, on labelled pictures
        vitrine report output/report.json --open        a page of what was found out
        vitrine doctor                                  what this machine can run
        vitrine lab list                                learn it: labs that are graded at once

      EXIT CODES
        0 done · 1 a check failed · 64 wrong usage · 69 a backend or library is missing · 70 an error

      Shell completions: vitrine --generate-completion-script bash (or zsh, fish).
      """,
    version: "0.1.0",
    subcommands: [
      Deploy.self, Inspect.self, Export.self, Build.self, Calibrate.self, Quantize.self,
      CastCommand.self, Sensitivity.self, Prove.self, Bisect.self, Check.self, Detect.self,
      Val.self, Compare.self, Bench.self, Runs.self, Profile.self, ReportCommand.self, Synth.self,
      DoctorCommand.self, LabCommand.self, Peer.self,
    ]
  )

  static func main() async {
    Interruption.install()
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      if Terminal.hasLostOutput.load(ordering: .relaxed) {
        Terminal.warn("error[output.unwritable]: standard output could not take everything")
        Terminal.warn("  try: free some space, or write the output elsewhere")
        Glibc.exit(70)
      }
    } catch let error as DeployError {
      Terminal.warn(error.description)
      Glibc.exit(error.exitCode)
    } catch {
      exit(withError: error)
    }
  }
}

extension DeployError {
  /// 69 for a missing backend or FFmpeg anywhere in the chain of causes, 64 for an option that was given a
  /// value which it cannot have, otherwise 70.
  fileprivate var exitCode: Int32 {
    let missing: Set<Diagnostic.ID> = ["backend.unavailable", "video.library-missing"]
    if chain.contains(where: { missing.contains($0.id) }) { return 69 }
    if case .option = diagnostics[0].location { return 64 }
    return 70
  }
}
