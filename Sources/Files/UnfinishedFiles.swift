import Glibc
import Synchronization

/// The temporary names that exist now, so that an interrupted process can remove them: of memory
/// shared with other processes, of files where unnamed ones are not to be had (``AtomicFile``), and of folders that are
/// renamed when they are whole.
public enum UnfinishedFiles {
  private static let paths = Mutex<Set<String>>([])

  /// Remembers a name.
  public static func add(_ path: String) { paths.withLock { _ = $0.insert(path) } }
  /// Forgets a name that is gone.
  public static func remove(_ path: String) { paths.withLock { _ = $0.remove(path) } }

  /// Deletes every unfinished file and temporary folder; called once, by the thread that ends the
  /// process.
  public static func deleteAll() {
    paths.withLock { names in
      for name in names where unlink(name) != 0 { Folder.delete(name) }
      names.removeAll()
    }
    TemporaryFolder.deleteAll()
  }
}
