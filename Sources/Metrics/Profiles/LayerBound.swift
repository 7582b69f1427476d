/// What keeps a layer from being faster.
///
/// With `t` the measured time, `tc` = operations / peak arithmetic of the layer's precision and
/// `tm` = bytes / bandwidth (of the caches where the bytes fit in them, else of main memory):
///
/// * ``overhead`` where max(tc, tm) < ``overheadShare`` · t: neither arithmetic nor traffic
///   explains the time; starting, synchronising, reordering data or slow code does.
/// * ``compute`` where tc ≥ tm: more arithmetic per byte than the ridge point.
/// * ``memory`` otherwise.
///
/// Source: Williams, Waterman and Patterson, "Roofline", Communications of the ACM 52 (2009).
public enum LayerBound: String, Sendable, Hashable, Codable, CaseIterable {
  case compute
  case memory
  case overhead

  /// Below this share of the attainable speed, the roof is not what limits a layer.
  public static let overheadShare = 0.1
}
