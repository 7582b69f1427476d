import CTensorRT
import Synchronization

/// What one builder or one execution context reports as errors. The library's log is shared by all of
/// them; this one tells whose an error is. It must outlive the object that it was given to.
// The C structure is written once, before the library gets it; the rest is behind a lock.
final class TensorRTRecorder: @unchecked Sendable {
  // Its bytes are written before anyone else knows of it and freed after it has left the list.
  private struct Entry: @unchecked Sendable {
    let code: Int32
    let text: String
    /// A copy that the library may read until the record is cleared.
    let bytes: UnsafeMutablePointer<CChar>
  }
  private static let limit = 64
  private let entries = Mutex<[Entry]>([])
  let recorder: UnsafeMutablePointer<VTTrtRecorder>

  init(_ table: UnsafePointer<VTTrtTable>) {
    recorder = .allocate(capacity: 1)
    recorder.initialize(to: VTTrtRecorder())
    vtTrtMakeRecorder(table, recorder)
    recorder.pointee.user = Unmanaged.passUnretained(self).toOpaque()
    recorder.pointee.report = { user, code, text in
      TensorRTRecorder.of(user)?.add(code, text.map { String(cString: $0) } ?? "")
    }
    recorder.pointee.count = { Int32(TensorRTRecorder.of($0)?.count ?? 0) }
    recorder.pointee.code = { user, index in TensorRTRecorder.of(user)?.entry(index)?.code ?? 0 }
    recorder.pointee.text = { user, index in
      TensorRTRecorder.of(user)?.entry(index).map { UnsafePointer($0.bytes) }
    }
    recorder.pointee.clear = { TensorRTRecorder.of($0)?.clear() }
  }

  deinit {
    clear()
    recorder.deallocate()
  }

  private static func of(_ user: UnsafeMutableRawPointer?) -> TensorRTRecorder? {
    user.map { Unmanaged<TensorRTRecorder>.fromOpaque($0).takeUnretainedValue() }
  }

  private var count: Int { entries.withLock { $0.count } }

  private func entry(_ index: Int32) -> Entry? {
    entries.withLock { $0.indices.contains(Int(index)) ? $0[Int(index)] : nil }
  }

  private func add(_ code: Int32, _ text: String) {
    let characters = text.utf8CString
    let bytes = UnsafeMutablePointer<CChar>.allocate(capacity: characters.count)
    for (index, character) in characters.enumerated() { bytes[index] = character }
    let isKept = entries.withLock { entries in
      guard entries.count < Self.limit else { return false }
      entries.append(Entry(code: code, text: text, bytes: bytes))
      return true
    }
    if !isKept { bytes.deallocate() }
  }

  /// Forgets everything, before the next attempt.
  func clear() {
    let old = entries.withLock { entries in
      let old = entries
      entries = []
      return old
    }
    for entry in old { entry.bytes.deallocate() }
  }

  /// The errors in the library's own words, each once; nil where it reported none.
  var words: String? {
    var seen: Set<String> = []
    let texts = entries.withLock { $0.map(\.text) }.map(TensorRTLog.essence)
      .filter { !$0.isEmpty && seen.insert($0).inserted }
    return texts.isEmpty ? nil : texts.prefix(6).joined(separator: "; ")
  }
}
