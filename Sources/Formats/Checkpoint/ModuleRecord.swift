public import Tensors

/// An object of a checkpoint that is not interpreted: its class, never called, and its data.
public final class OpaqueObject: Sendable {
  /// The class as pickled, such as `pathlib.WindowsPath`.
  public let className: String
  /// What the constructor would have been given.
  public let arguments: [CheckpointValue]
  /// What the object's state would have been set to.
  public let state: CheckpointValue
  /// Creates a record.
  public init(className: String, arguments: [CheckpointValue], state: CheckpointValue) {
    self.className = className
    self.arguments = arguments
    self.state = state
  }
}

/// One module of a pickled network: its class, tensors, plain attributes and submodules.
public final class ModuleRecord: Sendable {
  /// The class as pickled, such as `models.common.Conv`.
  public let className: String
  /// Plain attributes, such as `stride` or `kernel_size`.
  public let attributes: [String: CheckpointValue]
  /// Trained tensors by name, such as `weight`.
  public let parameters: [String: Tensor]
  /// Other tensors by name, such as `running_mean`.
  public let buffers: [String: Tensor]
  /// Submodules in order.
  public let children: [(name: String, module: ModuleRecord)]
  /// Creates a record.
  public init(
    className: String,
    attributes: [String: CheckpointValue],
    parameters: [String: Tensor],
    buffers: [String: Tensor],
    children: [(name: String, module: ModuleRecord)]
  ) {
    self.className = className
    self.attributes = attributes
    self.parameters = parameters
    self.buffers = buffers
    self.children = children
  }

  /// The submodule of that name.
  public func child(_ name: String) -> ModuleRecord? {
    children.first { $0.name == name }?.module
  }
}
