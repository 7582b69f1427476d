import Diagnostics
import Formats
import Tensors

/// A pickled module together with its place in the network, read with checks.
struct Module {
  /// The record as the checkpoint holds it.
  let record: ModuleRecord
  /// Where it is, as in the names of the weights: `model.24.m.1`.
  let path: String
  /// How many modules enclose it.
  let depth: Int

  init(_ record: ModuleRecord, path: String, depth: Int = 0) {
    self.record = record
    self.path = path
    self.depth = depth
  }

  /// The class without the packages that YOLOv5 and PyTorch keep it in: `Conv`,
  /// `Conv2d`. A class from anywhere else keeps its full name.
  var kind: String { Self.kind(of: record.className) }

  static func kind(of className: String) -> String {
    var name = Substring(className)
    if name.hasPrefix("yolov5.") { name = name.dropFirst("yolov5.".count) }
    let known = ["models.", "utils.activations.", "torch.nn."]
    guard known.contains(where: name.hasPrefix), let dot = name.lastIndex(of: ".") else {
      return className
    }
    return String(name[name.index(after: dot)...])
  }

  // MARK: Submodules

  /// The submodule of that name.
  /// - Throws: `model.incomplete-module` where there is none.
  func child(_ name: String) throws -> Module {
    guard let child = optionalChild(name) else {
      throw incomplete("submodule '\(name)'")
    }
    return child
  }

  /// The submodule of that name, if there is one.
  func optionalChild(_ name: String) -> Module? {
    record.child(name).map { Module($0, path: path + "." + name, depth: depth + 1) }
  }

  /// The submodules in order.
  var children: [Module] {
    record.children.map { Module($0.module, path: path + "." + $0.name, depth: depth + 1) }
  }

  // MARK: Tensors

  /// The parameter, buffer or plain tensor attribute of that name.
  func optionalTensor(_ name: String) -> Tensor? {
    if let tensor = record.parameters[name] ?? record.buffers[name] { return tensor }
    guard case .tensor(let tensor)? = record.attributes[name] else { return nil }
    return tensor
  }

  /// The parameter, buffer or plain tensor attribute of that name.
  /// - Throws: `model.incomplete-module`.
  func tensor(_ name: String) throws -> Tensor {
    guard let tensor = optionalTensor(name) else { throw incomplete("tensor '\(name)'") }
    return tensor
  }

  /// A trained tensor as 32-bit floats, converted when it is read: no copy is made now.
  func weight(_ name: String) throws -> Tensor { try Self.single(tensor(name)) }

  /// As ``weight(_:)``, or nil where there is none.
  func optionalWeight(_ name: String) throws -> Tensor? {
    try optionalTensor(name).map(Self.single)
  }

  private static func single(_ tensor: Tensor) throws -> Tensor {
    guard tensor.scalarType != .float32 else { return tensor }
    return Tensor(deferred: tensor.shape, .float32) { try tensor.converted(to: .float32) }
  }

  // MARK: Errors

  /// The error for something that the class has and this module lacks.
  func incomplete(_ what: String) -> DeployError {
    DeployError(
      .modelIncompleteModule,
      "\(record.className) has no usable \(what)",
      at: .module(path),
      remedy: "export from the checkpoint as the training wrote it"
    )
  }

  /// The error for a setting that changes what the class means.
  func unsupported(_ what: String) -> DeployError {
    DeployError(
      .modelUnsupportedVariant,
      "\(record.className) with \(what) is not supported",
      at: .module(path),
      remedy: "use a network of unmodified YOLOv5 modules"
    )
  }
}
