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
/// 4. Everything else is the name of a class, kept as that.
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
    let root = module.split(separator: ".").first.map(String.init) ?? module
    if refusedModules.contains(root) || refusedModules.contains(module) {
      return "nothing of the module '\(refusedModules.contains(module) ? module : root)' is data"
    }
    if refusedNames.contains(full) || refusedPrefixes.contains(where: full.hasPrefix) {
      return "it runs code or opens files when called"
    }
    if module == "builtins" && !plainBuiltins.contains(name) { return "it is not a plain type" }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    if parts.count > 1 || name.isEmpty {
      let bad = parts.first { $0.isEmpty || $0.hasPrefix("__") || refusedModules.contains("\($0)") }
      if let bad { return "it reaches through an attribute to '\(bad)'" }
    }
    return nil
  }

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
    "operator.itemgetter", "operator.call", "functools.reduce", "functools.partialmethod",
    "types.FunctionType", "types.CodeType", "types.LambdaType", "types.ModuleType",
    "copyreg.add_extension", "copyreg.dispatch_table", "codecs.open", "numpy.load",
    "numpy.save", "numpy.savez", "numpy.fromfile", "numpy.loadtxt", "numpy.genfromtxt",
    "numpy.memmap", "pandas.read_pickle", "pandas.eval", "logging.config.listen",
    "getpass.getuser", "platform.popen",
  ]

  /// Families of functions.
  private static let refusedPrefixes = ["_operator.", "pandas.io.", "logging.config."]
}
