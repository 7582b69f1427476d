import Tensors

/// What is done with a global that a pickle asks for. Nothing is ever imported or called.
///
/// 1. Names that mean plain data are understood (``meanings``).
/// 2. Names that a checkpoint can only need in order to run code when Python loads it are
///    refused: everything in the modules of ``refusedModules``, the functions of
///    ``refusedNames``, everything in `builtins` but plain types, and dotted names that reach
///    for such a module or for a double-underscore attribute. No data is lost by this: no
///    checkpoint needs them, and a file that has one should be opened with nothing at all.
/// 3. `getattr` is refused unless it names a method `forward` or `forward_fuse` of a network's
///    class or module: that is how protocol 2 writes the attribute `detect` of a segmentation
///    head and the changed `forward` of fused modules. It is kept as a record.
/// 4. Everything else is the name of a class, kept as that; its objects may be made by the opcodes
///    that run no function of the file's choosing. Calling it is refused, unless it is one of the
///    few names of ``callableNames``: the constructor of an innocent class may evaluate what it
///    is given, as that of a YOLOv5 network does.
enum GlobalRule {
  /// The meaning of a global, and why it is refused where it is.
  static func judge(_ module: String, _ name: String) -> (PickleGlobal.Meaning, reason: String?) {
    let module = renamed[module] ?? module
    let full = module + "." + name
    if let meaning = meanings[full] { return (meaning, nil) }
    if let reason = refusal(module, name, full) { return (.refused, reason) }
    return (shape(module, name), nil)
  }

  private static func refusal(_ module: String, _ name: String, _ full: String) -> String? {
    if let listed = listedModule(of: module) {
      return "nothing of the module '\(listed)' is data"
    }
    if refusedNames.contains(full) || refusedPrefixes.contains(where: full.hasPrefix) {
      return "it runs code or opens files when called"
    }
    if module == "builtins" && !plainBuiltins.contains(name) { return "it is not a plain type" }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    let bad = parts.first {
      $0.isEmpty || $0.hasPrefix("__") && parts.count > 1
        || refusedModules.contains(String($0.drop { $0 == "_" }))
    }
    if let bad { return "it reaches through an attribute to '\(bad)'" }
    return nil
  }

  /// The module itself, or the one above it, of which nothing is data.
  private static func listedModule(of module: String) -> String? {
    var path = module[...]
    while true {
      if refusedModules.contains(String(path)) { return String(path) }
      guard let dot = path.lastIndex(of: ".") else { return nil }
      path = path[..<dot]
    }
  }

  /// Whether a call of an opaque global makes plain data and nothing else.
  static func isCallable(_ full: String) -> Bool {
    let old = "__builtin__."
    return callableNames.contains(
      full.hasPrefix(old) ? "builtins." + full.dropFirst(old.count) : full
    )
  }

  private static let callableNames: Set<String> = [
    "pathlib.PosixPath", "pathlib.WindowsPath", "pathlib.PurePosixPath", "pathlib.PureWindowsPath",
    "pathlib.Path", "pathlib.PurePath", "pathlib._local.PosixPath", "pathlib._local.WindowsPath",
    "collections.deque", "datetime.datetime", "datetime.date", "datetime.time",
    "datetime.timedelta", "datetime.timezone", "argparse.Namespace", "types.SimpleNamespace",
    "decimal.Decimal", "fractions.Fraction", "uuid.UUID", "builtins.object", "builtins.complex",
    "builtins.slice", "builtins.range", "builtins.xrange",
    "torchvision.transforms.functional.InterpolationMode",
  ]

  /// Whether a class is one that a YOLOv5 network, or what is saved with it, consists of. Only such
  /// files are given to PyTorch, which imports and makes what a pickle names.
  static func isNetworkClass(_ full: String) -> Bool {
    if isCallable(full) || full == "builtins.getattr" { return true }
    if networkClasses.contains(full) { return true }
    let plain = full.hasPrefix("yolov5.") ? full.dropFirst("yolov5.".count) : full[...]
    for module in networkModules where plain.hasPrefix(module) {
      let name = plain.dropFirst(module.count)
      return name.first?.isUppercase == true && !name.contains(".")
    }
    guard plain.hasPrefix("torch.nn.modules.") else { return false }
    let parts = plain.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 5 && parts[4].first?.isUppercase == true
  }

  private static let networkModules = [
    "models.common.", "models.yolo.", "models.experimental.", "torchvision.transforms.transforms.",
  ]
  private static let networkClasses: Set<String> = [
    "utils.augmentations.ToTensor", "utils.augmentations.CenterCrop",
    "utils.augmentations.LetterBox", "torch.nn.parameter.Buffer",
  ]

  /// Whether `getattr` of a class (or one of its objects) and a name is no more than a network's
  /// own method.
  static func isMethod(_ owner: String, _ name: String) -> Bool {
    (name == "forward" || name == "forward_fuse")
      && (owner.hasPrefix("models.") || owner.hasPrefix("yolov5.models."))
  }

  /// Families of names that mean data.
  private static func shape(_ module: String, _ name: String) -> PickleGlobal.Meaning {
    if module == "torch" || module == "torch.cuda" || module == "torch.storage",
      name.hasSuffix("Storage")
    {
      return .unsupportedStorage
    }
    if module == "torch._utils", name.hasPrefix("_rebuild_") { return .unsupportedTensor }
    return .opaque
  }

  /// Python 2's names of modules that Python 3 calls otherwise.
  private static let renamed = ["__builtin__": "builtins", "copy_reg": "copyreg"]

  private static let plainBuiltins: Set<String> = [
    "object", "complex", "slice", "range", "Ellipsis", "NotImplemented", "type", "Exception",
    "ValueError", "TypeError", "KeyError", "RuntimeError", "NoneType", "xrange", "memoryview",
  ]

  static let meanings: [String: PickleGlobal.Meaning] = {
    var table: [String: PickleGlobal.Meaning] = [
      "collections.OrderedDict": .dictionary,
      "collections.defaultdict": .defaultDictionary,
      "collections.Counter": .dictionary,
      "builtins.dict": .dictionary,
      "builtins.list": .list,
      "builtins.tuple": .tuple,
      "builtins.set": .set,
      "builtins.frozenset": .set,
      "builtins.int": .identity,
      "builtins.long": .identity,
      "builtins.float": .identity,
      "builtins.bool": .identity,
      "builtins.str": .identity,
      "builtins.unicode": .identity,
      "builtins.bytes": .identity,
      "builtins.bytearray": .identity,
      "builtins.getattr": .method,
      "_codecs.encode": .encode,
      "copyreg._reconstructor": .reconstructor,
      "copyreg.__newobj__": .newObject,
      "torch._utils._rebuild_tensor": .tensor,
      "torch._utils._rebuild_tensor_v2": .tensor,
      "torch._utils._rebuild_tensor_v3": .tensorWithType,
      "torch._utils._rebuild_parameter": .parameter,
      "torch._utils._rebuild_parameter_with_state": .parameter,
      "torch._utils._rebuild_qtensor": .unsupportedTensor,
      "torch._tensor._rebuild_from_type_v2": .tensorSubclass,
      "torch.nn.parameter.Parameter": .parameter,
      "torch.Size": .tuple,
      "torch.device": .named,
      "numpy.ndarray": .named,
      "numpy.dtype": .named,
    ]
    for module in ["numpy.core.multiarray", "numpy._core.multiarray"] {
      table[module + "._reconstruct"] = .numpyReconstruct
      table[module + ".scalar"] = .named
    }
    table["numpy.core.numeric._frombuffer"] = .named
    table["numpy._core.numeric._frombuffer"] = .named
    for (name, type) in storageTypes {
      table["torch.\(name)Storage"] = .storage(type)
      table["torch.cuda.\(name)Storage"] = .storage(type)
    }
    table["torch.UntypedStorage"] = .storage(nil)
    table["torch.storage.UntypedStorage"] = .storage(nil)
    for (name, type) in elementTypes { table["torch." + name] = .elementType(type) }
    return table
  }()

  private static let storageTypes: [(String, ScalarType)] = [
    ("Double", .float64), ("Float", .float32), ("Half", .float16), ("BFloat16", .bfloat16),
    ("Long", .int64), ("Int", .int32), ("Short", .int16), ("Char", .int8), ("Byte", .uint8),
    ("Bool", .bool),
  ]

  private static let elementTypes: [(String, ScalarType)] = [
    ("float64", .float64), ("double", .float64), ("float32", .float32), ("float", .float32),
    ("float16", .float16), ("half", .float16), ("bfloat16", .bfloat16), ("int64", .int64),
    ("long", .int64), ("int32", .int32), ("int", .int32), ("int16", .int16), ("short", .int16),
    ("int8", .int8), ("uint8", .uint8), ("bool", .bool),
  ]

  /// Modules of which nothing is data.
  static let refusedModules: Set<String> = [
    "os", "posix", "nt", "posixpath", "ntpath", "subprocess", "_posixsubprocess", "sys", "runpy",
    "importlib", "imp", "_imp", "zipimport", "pkgutil", "shutil", "socket", "_socket",
    "socketserver", "ssl", "pickle", "_pickle", "cPickle", "pickletools", "dill", "cloudpickle",
    "joblib", "marshal", "shelve", "dbm", "ctypes", "_ctypes", "cffi", "code", "codeop", "pty",
    "commands", "popen2", "multiprocessing", "_multiprocessing", "threading", "_thread",
    "concurrent", "asyncio", "signal", "webbrowser", "antigravity", "urllib", "urllib2", "http",
    "httplib", "ftplib", "smtplib", "poplib", "imaplib", "telnetlib", "xmlrpc", "requests",
    "aiohttp", "httpx", "paramiko", "tempfile", "fileinput", "io", "_io", "mmap", "inspect",
    "linecache", "pdb", "bdb", "timeit", "cProfile", "profile", "trace", "doctest", "pydoc",
    "unittest", "pytest", "pip", "ensurepip", "setuptools", "distutils", "site", "venv",
    "sysconfig", "gc", "atexit", "sched", "faulthandler", "resource", "sqlite3", "tarfile",
    "zipfile", "ast", "dis", "opcode", "compileall", "py_compile",
    "IPython", "idlelib", "tkinter", "turtle", "torch.serialization", "torch.hub",
    "functools", "torch.utils.bottleneck", "yaml",
    "torch.package", "torch.jit", "torch.ops", "torch._ops", "torch._dynamo", "torch._inductor",
    "torch.fx.graph_module", "torch.utils.cpp_extension", "torch.utils.model_zoo",
    "torch.utils._config_module", "torch.utils.collect_env", "torch.multiprocessing",
    "torch.distributed.rpc", "torch.distributed.run", "torch.distributed.launcher",
    "numpy.testing", "numpy.f2py", "numpy.distutils", "numpy.ctypeslib", "numpy.lib.npyio",
  ]

  /// Single functions.
  private static let refusedNames: Set<String> = [
    "torch.load", "torch.save", "torch.compile", "torch.storage._load_from_bytes",
    "torch._utils._import_dotted_name", "operator.attrgetter", "operator.methodcaller",
    "operator.itemgetter", "operator.call",
    "types.FunctionType", "types.CodeType", "types.LambdaType", "types.ModuleType",
    "copyreg.add_extension", "copyreg.dispatch_table", "codecs.open", "numpy.load",
    "numpy.save", "numpy.savez", "numpy.fromfile", "numpy.loadtxt", "numpy.genfromtxt",
    "numpy.memmap", "pandas.read_pickle", "pandas.eval", "logging.config.listen",
    "getpass.getuser", "platform.popen",
  ]

  /// Families of functions.
  private static let refusedPrefixes = ["_operator.", "pandas.io.", "logging.config."]
}
