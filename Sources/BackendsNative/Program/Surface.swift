import Graphs
import Tensors

/// Where a value lies while a program runs.
///
/// An NHWC surface is a buffer of its own or a view of another one: a Concat is a surface whose
/// operands are views of it, a Split's results are views of its operand. A planar surface is
/// row-major memory as the graph describes it.
struct Surface: Sendable, Hashable, Codable {
  /// Pixels of zeros around the picture, which padding reads.
  struct Border: Sendable, Hashable, Codable {
    var top = 0
    var left = 0
    var bottom = 0
    var right = 0

    /// Enough for both.
    mutating func formUnion(_ other: Border) {
      top = max(top, other.top)
      left = max(left, other.left)
      bottom = max(bottom, other.bottom)
      right = max(right, other.right)
    }
    var isEmpty: Bool { self == Border() }
  }

  /// The part of another surface that this one is.
  struct Part: Sendable, Hashable, Codable {
    var surface: Int
    /// NHWC: the first channel. Planar: the first element of each picture.
    var offset = 0
    var firstRow = 0
    var firstColumn = 0
    var rowStep = 1
    var columnStep = 1
  }

  /// Who owns the memory of a surface that is no part of another one.
  enum Home: Sendable, Hashable, Codable {
    case arena
    /// A graph input: the caller writes it.
    case input(Int)
    /// A graph output: the caller reads it.
    case output(Int)
    /// Nobody's: its rows are in a worker's scratch memory, one at a time.
    case scratch
  }

  /// The value's name in the graph.
  var name: String
  var element: Element
  /// NHWC: `[N, C, H, W]` as the graph says it. Planar: the graph's extents.
  var extents: [Int]
  var isPlanar: Bool
  var part: Part?
  var home = Home.arena
  /// For surfaces of their own.
  var border = Border()
  /// Whether the memory must not be shared in time: what lies between its elements is read and
  /// must stay zero.
  var isExclusive = false
  /// Bytes from the arena's start; for surfaces of their own in the arena.
  var offset = 0
  /// The first and last layer that touch it or a part of it.
  var lifetime = 0...0

  var pictures: Int { extents.first ?? 1 }
  var channels: Int { extents[1] }
  var height: Int { extents[2] }
  var width: Int { extents[3] }
  /// Whether the last group of four bytes of a pixel may hold an element that is not its own, which
  /// kernels multiply by zero: it must be a number.
  var endsInsideGroup: Bool { element == .bfloat16 && channels % 2 == 1 }

  /// Bytes from pixel to pixel of a surface of its own: whole groups of four bytes, so that a
  /// kernel's last group of a pixel does not meet the next pixel.
  var pixelByteCount: Int {
    channels <= 4 ? channels * element.byteCount : (channels * element.byteCount + 3) & ~3
  }
  /// Bytes from row to row of a surface of its own.
  var rowByteCount: Int { (width + border.left + border.right) * pixelByteCount }
  /// Bytes from picture to picture of a surface of its own.
  var pictureByteCount: Int {
    isPlanar
      ? extents.dropFirst().reduce(element.byteCount, *)
      : (height + border.top + border.bottom) * rowByteCount
  }
  /// The memory of one row alone, with what a last wide load may read past the end.
  var rowScratch: Int { width * pixelByteCount + 64 }
  /// The memory of a surface of its own, with what a last wide load may read past the end.
  var byteCount: Int { (pictures * pictureByteCount + 64 + 63) & ~63 }
}
