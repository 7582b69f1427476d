/// Offsets for blocks of memory, of which those that are never alive together may share.
///
/// The largest block is placed first, each at the lowest offset where it meets none that lives at the
/// same time: first fit by decreasing size.
package enum FirstFit {
  /// The offset of each block, and the bytes that all need together.
  package static func offsets(
    sizes: [Int],
    areAlive: (_ left: Int, _ right: Int) -> Bool
  ) -> (offsets: [Int], byteCount: Int) {
    var offsets = [Int](repeating: 0, count: sizes.count)
    var placed: [Int] = []
    for index in sizes.indices.sorted(by: { (sizes[$0], $1) > (sizes[$1], $0) }) {
      let rivals = placed.filter { areAlive($0, index) }.sorted { offsets[$0] < offsets[$1] }
      var offset = 0
      for rival in rivals {
        if offset + sizes[index] <= offsets[rival] { break }
        offset = max(offset, offsets[rival] + sizes[rival])
      }
      offsets[index] = offset
      placed.append(index)
    }
    return (offsets, placed.map { offsets[$0] + sizes[$0] }.max() ?? 0)
  }
}
