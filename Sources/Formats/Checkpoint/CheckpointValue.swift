public import Tensors

/// A value that a checkpoint holds, as data: nothing in it was ever called.
public indirect enum CheckpointValue: Sendable {
  case none
  case bool(Bool)
  case int(Int)
  case float(Double)
  case string(String)
  case bytes([UInt8])
  case list([CheckpointValue])
  case tuple([CheckpointValue])
  /// A set or frozen set, in file order.
  case set([CheckpointValue])
  /// Keys and values in file order.
  case dictionary([(key: CheckpointValue, value: CheckpointValue)])
  case tensor(Tensor)
  /// A module of a network (any object with `_modules`, `_parameters` and `_buffers`).
  case module(ModuleRecord)
  /// An object of a class that has no meaning here, kept by name.
  case object(OpaqueObject)
}
