import Glibc
import Synchronization

/// The temporary names that exist now, so that an interrupted process can remove them.
///
/// Only file systems without unnamed files need it (see ``AtomicFile``).
public enum UnfinishedFiles {
  private static let paths = Mutex<Set<String>>([])

  static func add(_ path: String) { paths.withLock { _ = $0.insert(path) } }
  static func remove(_ path: String) { paths.withLock { _ = $0.remove(path) } }

  /// Deletes every unfinished file and temporary folder; called once, by the thread that ends the process.
  public static func deleteAll() {
    paths.withLock { names in
      for name in names { unlink(name) }
      names.removeAll()
    }
    TemporaryFolder.deleteAll()
  }
}
