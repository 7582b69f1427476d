import Detectors
import FoundationEssentials
import Graphs
import Images
import Tensors
import TestSupport
import Testing

/// PyTorch's own results on real pictures.
@Suite("Real data", .enabled(if: SharedData.isAvailable))
struct RealDataTests {
  struct Reference: Decodable {
    struct Found: Decodable {
      let cls: Int
      let conf: Float
      let xyxy: [Float]
    }
    let detections: [Found]
  }

  static func reference(_ model: String, _ picture: String, _ mode: String) throws -> Reference {
    let data = try Data(contentsOf: URL(filePath: SharedData.path("reference/detections.json")))
    let all = try JSONDecoder().decode(
      [String: [String: [String: Reference]]].self,
      from: data
    )
    return try #require(all[model]?[picture]?[mode])
  }

  @Test("the letterboxed photograph equals OpenCV's, bit for bit")
  func letterbox() throws {
    let image = try ImageReader().read(SharedData.path("coco/bus.jpg"))
    let expected = try NumPyFile(SharedData.path("reference/bus_square640_input_rgb_u8.npy"))
    let buffer = TensorBuffer(shape: [1, 3, 640, 640], scalarType: .float32)
    try Letterbox().write(image, to: buffer, using: LetterboxWorkspace())
    let values = try buffer.tensor().scalars(of: Float.self)
    try #require(expected.bytes.count == values.count)
    let isPlanar = expected.shape.suffix(3).first == 3
    var differences = 0
    for plane in 0..<3 {
      for pixel in 0..<640 * 640 {
        let index = isPlanar ? plane * 640 * 640 + pixel : 3 * pixel + plane
        if values[plane * 640 * 640 + pixel] != Float(expected.bytes[index]) / 255 {
          differences += 1
        }
      }
    }
    #expect(differences == 0)
  }

  @Test("decoding and suppression give PyTorch's detections")
  func decodingAndSuppression() throws {
    let (model, classCount) = ("yolov5n_v7.0", 80)
    let raw = try NumPyFile(SharedData.path("reference/raw_bus_square640_\(model).npy"))
    let shape = Shape(raw.shape.count == 3 ? raw.shape : [1] + raw.shape)
    let buffer = TensorBuffer(shape: shape, scalarType: .float32)
    try buffer.copy(Tensor(raw.floats, shape: shape))
    let contract = ModelContract(
      task: .detect,
      family: "test",
      classNames: (0..<classCount).map(String.init),
      levels: [],
      inputSize: [640, 640]
    )
    let suppression = NonMaxSuppression()
    let candidates = try HeadDecoder(contract: contract).candidates(
      in: [buffer],
      inputWidth: 640,
      inputHeight: 640,
      suppression: suppression
    )
    let geometry = try Letterbox().geometry(sourceWidth: 810, sourceHeight: 1080)
    let found = suppression.select(from: candidates)
    let expected = try Self.reference(model + ".pt", "bus", "square640").detections
    try #require(found.count == expected.count)
    for (found, expected) in zip(found, expected) {
      let box = geometry.sourceBox(found.box)
      #expect(Int(found.classIndex) == expected.cls)
      #expect(abs(found.confidence - expected.conf) <= 1e-5)
      for (actual, expected) in zip([box.x1, box.y1, box.x2, box.y2], expected.xyxy) {
        #expect(abs(actual - expected) <= 0.0051)
      }
    }
  }
}
