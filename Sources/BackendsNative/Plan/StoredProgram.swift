import Backends
import Diagnostics
import Graphs
import Tensors

/// A program as a plan file holds it: everything but constant bytes, which lie beside it.
struct StoredProgram: Sendable, Codable {
  /// A tensor that reference layers read.
  struct StoredTensor: Sendable, Codable {
    var number: Int
    var type: ScalarType
    var extents: [Int]
    var constant: Int
  }
  /// An operator that reference layers run.
  struct StoredOperator: Sendable, Codable {
    var name: String
    var attributes: [String: StoredAttribute]
    var outputCount: Int
  }
  struct StoredOutput: Sendable, Codable {
    var name: String
    var type: TensorType
    var source: Layer.Source
  }

  var surfaces: [Surface]
  var layers: [Layer]
  var operators: [StoredOperator]
  var tensors: [StoredTensor]
  var tensorInputs: [Int: Int]
  var outputs: [StoredOutput]
  var arenaByteCount: Int
  var summedByteCount: Int

  /// - Parameter constant: gives a tensor's bytes a number.
  init(_ program: Program, constant: (Tensor) throws -> Int) throws {
    surfaces = program.surfaces
    layers = program.layers
    tensorInputs = program.tensorInputs
    arenaByteCount = program.arenaByteCount
    summedByteCount = program.summedByteCount
    var counts = [Int](repeating: 1, count: program.operators.count)
    for layer in program.layers {
      if case .reference(let work) = layer.work { counts[work.node] = work.results.count }
    }
    operators = try zip(program.operators, counts).map { op, count in
      StoredOperator(
        name: type(of: op).name,
        // In order, as constants are numbered in it.
        attributes: Dictionary(
          uniqueKeysWithValues: try op.attributes.sorted { $0.key < $1.key }
            .map { ($0.key, try StoredAttribute($0.value, constant)) }
        ),
        outputCount: count
      )
    }
    tensors = try program.tensors.sorted { $0.key < $1.key }.map { number, tensor in
      StoredTensor(
        number: number,
        type: tensor.scalarType,
        extents: tensor.shape.dimensions,
        constant: try constant(tensor)
      )
    }
    outputs = program.outputs.map {
      StoredOutput(name: $0.binding.name, type: $0.binding.type, source: $0.source)
    }
  }

  /// The program again.
  /// - Throws: `plan.damaged`, and what operators throw for attributes that make no sense.
  func program(inputs: [Binding], pool: ConstantPool) throws -> Program {
    func tensor(_ type: ScalarType, _ extents: [Int], _ constant: Int) throws -> Tensor {
      guard (0..<pool.count).contains(constant), extents.allSatisfy({ $0 >= 0 }),
        Shape.checkedCount(extents + [type.byteCount]) == pool.bytes(constant).count
      else { throw DeployError.damagedPlan("a constant has not the size of its shape") }
      let bytes = pool.bytes(constant)
      return try Tensor(borrowing: bytes, of: pool, shape: Shape(extents), scalarType: type)
    }
    var numbered: [Int: Tensor] = [:]
    for stored in tensors {
      numbered[stored.number] = try tensor(stored.type, stored.extents, stored.constant)
    }
    return Program(
      surfaces: surfaces,
      layers: layers,
      operators: try operators.map { stored in
        let attributes = try stored.attributes.mapValues { try $0.attribute(tensor) }
        guard let type = Self.catalog[stored.name] else {
          throw DeployError.damagedPlan("no operator is called '\(stored.name)'")
        }
        return try type.init(
          attributes: Attributes(attributes),
          outputCount: stored.outputCount
        )
      },
      tensors: numbered,
      inputs: inputs,
      tensorInputs: tensorInputs,
      outputs: outputs.map {
        Program.Output(binding: Binding(name: $0.name, type: $0.type), source: $0.source)
      },
      arenaByteCount: arenaByteCount,
      summedByteCount: summedByteCount
    )
  }

  /// What plans may hold: the operators of files, and those that passes make.
  private static let catalog: [String: any Operator.Type] = {
    var all: [String: any Operator.Type] = [
      FusedConvolution.name: FusedConvolution.self, DetectDecode.name: DetectDecode.self,
    ]
    for name in OperatorCatalog.standard.names { all[name] = OperatorCatalog.standard[name] }
    return all
  }()
}

/// An operator's attribute as a plan file holds it.
enum StoredAttribute: Sendable, Codable {
  case int(Int64)
  case ints([Int64])
  case float(Float)
  case floats([Float])
  case string(String)
  case strings([String])
  case tensor(type: ScalarType, extents: [Int], constant: Int)

  init(_ attribute: Attribute, _ constant: (Tensor) throws -> Int) throws {
    switch attribute {
    case .int(let value): self = .int(value)
    case .ints(let values): self = .ints(values)
    case .float(let value): self = .float(value)
    case .floats(let values): self = .floats(values)
    case .string(let value): self = .string(value)
    case .strings(let values): self = .strings(values)
    case .tensor(let tensor):
      self = .tensor(
        type: tensor.scalarType,
        extents: tensor.shape.dimensions,
        constant: try constant(tensor)
      )
    }
  }

  func attribute(_ tensor: (ScalarType, [Int], Int) throws -> Tensor) throws -> Attribute {
    switch self {
    case .int(let value): .int(value)
    case .ints(let values): .ints(values)
    case .float(let value): .float(value)
    case .floats(let values): .floats(values)
    case .string(let value): .string(value)
    case .strings(let values): .strings(values)
    case .tensor(let type, let extents, let constant):
      .tensor(try tensor(type, extents, constant))
    }
  }
}

extension DeployError {
  static func damagedPlan(_ what: String) -> DeployError {
    DeployError(
      .planDamaged,
      "the plan cannot be run: \(what)",
      remedy: "build it again with `vitrine build`"
    )
  }
}
