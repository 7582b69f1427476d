// picture-benchmark PICTURE OUTPUT.npy RUNS [rect|square]
//
// Times the stages around the network on one picture, one thread, and writes the median of each
// in milliseconds of processor time as one line of JSON. OUTPUT.npy is the network's output
// [1, anchors, 5 + classes].
import Detectors
import Files
import Graphs
import Images
import Tensors

@main
enum Main {
  static func main() throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    guard arguments.count >= 3, let runs = Int(arguments[2]), runs > 0 else {
      throw Failure(description: "usage: picture-benchmark PICTURE OUTPUT.npy RUNS [rect|square]")
    }
    let shape = arguments.count > 3 ? arguments[3] : "rect"
    var letterbox = Letterbox()
    letterbox.fit = shape == "square" ? .square : .minimumRectangle
    var stages = try Stages(picture: arguments[0], output: arguments[1], letterbox: letterbox)
    for _ in 0..<3 { try stages.run() }
    stages.forget()
    for _ in 0..<runs { try stages.run() }
    print(stages.json)
  }
}

/// The stages with their memory, which is used again for each run.
struct Stages {
  private let file: MappedFile
  private let output: TensorBuffer
  private let written: TensorBuffer
  private let decoder: HeadDecoder
  private let letterbox: Letterbox
  private let input: TensorBuffer
  private let turbo = try? TurboJPEG()
  private let reader = ImageReader()
  private let workspace = LetterboxWorkspace()
  private let suppression = NonMaxSuppression()
  private var image: Image
  private var count = 0
  private var library = Stopwatch()
  private var decode = Stopwatch()
  private var scaling = Stopwatch()
  private var head = Stopwatch()
  private var selection = Stopwatch()

  init(picture: String, output path: String, letterbox: Letterbox) throws {
    file = try MappedFile(path: picture)
    image = try reader.read(picture)
    output = try NumPyOutput.read(path)
    written = TensorBuffer(shape: output.shape, scalarType: .float32)
    let classCount = output.shape[2] - 5
    let contract = ModelContract(
      task: .detect,
      family: "benchmark",
      classNames: (0..<classCount).map(String.init),
      levels: [],
      inputSize: [640, 640]
    )
    decoder = try HeadDecoder(contract: contract)
    self.letterbox = letterbox
    let geometry = try letterbox.geometry(sourceWidth: image.width, sourceHeight: image.height)
    input = TensorBuffer(
      shape: [1, 3, geometry.inputHeight, geometry.inputWidth],
      scalarType: .float32
    )
  }

  mutating func run() throws {
    let (bytes, sides) = (file.bytes, (input.shape[3], input.shape[2]))
    // Both orders, so that neither always finds the cache warm.
    if count % 2 == 0 { try library.time { try turbo?.decode(bytes) } }
    try decode.time { try reader.decode(bytes, into: &image) }
    if count % 2 == 1 { try library.time { try turbo?.decode(bytes) } }
    count += 1
    _ = try scaling.time { try letterbox.write(image, to: input, using: workspace) }
    // The original's code also gets a fresh copy each time, as if the network had just written it.
    written.bytes.copyMemory(from: UnsafeRawBufferPointer(output.bytes))
    let candidates = try head.time {
      try decoder.candidates(
        in: [written],
        inputWidth: sides.0,
        inputHeight: sides.1,
        suppression: suppression
      )
    }
    _ = selection.time { suppression.select(from: candidates) }
  }

  mutating func forget() {
    (library, decode, scaling) = (Stopwatch(), Stopwatch(), Stopwatch())
    (head, selection) = (Stopwatch(), Stopwatch())
  }

  var json: String {
    let medians = [
      ("turbojpeg", library.median), ("decode", decode.median), ("letterbox", scaling.median),
      ("head", head.median), ("suppression", selection.median),
    ]
    return "{" + medians.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + "}"
  }
}
