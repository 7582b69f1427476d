/// Where a plan keeps its values while it runs: one block of memory, in which values that are never
/// in use at the same time lie in the same place.
public struct PlanMemory: Sendable, Hashable, Codable {
  /// One value, or several that are parts of one.
  public struct Surface: Sendable, Hashable, Codable {
    /// The value's name in the graph.
    public var name: String
    /// How its elements are stored: `f32`, `bf16`, `int8`.
    public var element: String
    /// Bytes from the start of the memory.
    public var offset: Int
    /// Its size in bytes, with the border that padding reads.
    public var byteCount: Int
    /// The number of the first layer that touches it.
    public var firstLayer: Int
    /// The number of the last layer that touches it.
    public var lastLayer: Int
    /// Whether its place is never another value's.
    public var isExclusive: Bool
    /// The values that lie in it, such as a Concat's operands, by name.
    public var parts: [String]

    /// Creates a place.
    public init(
      name: String,
      element: String,
      offset: Int,
      byteCount: Int,
      firstLayer: Int,
      lastLayer: Int,
      isExclusive: Bool,
      parts: [String]
    ) {
      self.name = name
      self.element = element
      self.offset = offset
      self.byteCount = byteCount
      self.firstLayer = firstLayer
      self.lastLayer = lastLayer
      self.isExclusive = isExclusive
      self.parts = parts
    }
  }

  /// The size of the memory in bytes.
  public var peakByteCount: Int
  /// What its values would take without sharing, in bytes.
  public var summedByteCount: Int
  /// The layers' names, in the order in which they run.
  public var layers: [String]
  /// The values, by offset.
  public var surfaces: [Surface]

  /// Creates a picture of a plan's memory.
  public init(
    peakByteCount: Int,
    summedByteCount: Int,
    layers: [String],
    surfaces: [Surface]
  ) {
    self.peakByteCount = peakByteCount
    self.summedByteCount = summedByteCount
    self.layers = layers
    self.surfaces = surfaces
  }

  /// The bytes of the values that are in use while each layer runs: no layout can need less than the
  /// largest of them.
  public var usedByteCounts: [Int] {
    // Where use changes: linear in layers and values, whatever a document says of them.
    var changes = [Int](repeating: 0, count: layers.count + 1)
    for surface in surfaces where changes.indices.contains(surface.firstLayer) {
      changes[surface.firstLayer] += surface.byteCount
      if changes.indices.contains(surface.lastLayer + 1) {
        changes[surface.lastLayer + 1] -= surface.byteCount
      }
    }
    var sum = 0
    return changes.dropLast().map { change in
      sum += change
      return sum
    }
  }
}
