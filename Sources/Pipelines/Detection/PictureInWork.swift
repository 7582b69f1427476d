import Diagnostics
import Images
import Metrics
import Synchronization
import Videos

/// One picture on its way from its file to what was found in it.
final class PictureInWork: @unchecked Sendable {
  // One stage at a time has it, and forgets it when it hands it on; queues order the accesses.

  /// Its place among the pictures, from 0.
  var number = 0
  /// Where it comes from.
  var path = ""
  /// Which frame of a video it is.
  var frame: VideoFrame?
  var image = Image(width: 0, height: 0)
  /// What was found, once it was looked for.
  var picture: DetectResult.Picture?
  /// Why there is nothing to be found.
  var refusal: Diagnostic?
  /// The last part of its work that was recorded.
  var mark: TimelineRecorder.Mark?

  /// Begins anew with the same memory.
  func reset(_ number: Int) {
    self.number = number
    path = ""
    (frame, picture, refusal, mark) = (nil, nil, nil, nil)
  }
}

/// Pictures that are done with: their memory is used again.
final class PicturePark: Sendable {
  /// Larger pictures are rare, and their memory is better given back.
  private static let mostBytes = 1 << 26
  private let idle = Mutex<[PictureInWork]>([])

  func take() -> PictureInWork { idle.withLock { $0.popLast() } ?? PictureInWork() }

  func give(_ item: PictureInWork) {
    guard item.image.pixels.count <= Self.mostBytes else { return }
    idle.withLock { $0.append(item) }
  }
}
