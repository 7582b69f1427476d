/// PyTorch in a process of its own, with the checkpoint's original classes: asked and timed as
/// `EngineServer` is.
///
/// PyTorch runs the pickle, so only a file that names nothing but a network's classes is given to
/// it (``Checkpoint/checkFitForPython()``).
enum PyTorchPeer {
  /// The arguments of Python.
  static func arguments(
    checkpoint: String,
    block: SharedBlock,
    inputShape: [Int],
    threadCount: Int
  ) -> [String] {
    [
      "-W", "ignore", "-c", program, checkpoint, block.path, "\(block.layout.slotByteCount)",
      "\(block.layout.slotCount)", inputShape.map(String.init).joined(separator: ","),
      "\(threadCount)",
    ]
  }

  static let program = """
    import json, mmap, os, sys, time, zlib

    channel = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    def answer(**fields): channel.write(json.dumps(fields) + "\\n")
    try:
        import numpy, torch
    except Exception as error:
        answer(absence="PyTorch cannot be imported: " + (str(error).splitlines() or [""])[0]); sys.exit()

    \(PyTorchLoading.program)
    path, shared, size, count, shape, threads = sys.argv[1:7]
    size, count, threads = int(size), int(count), int(threads)
    shape = [int(extent) for extent in shape.split(",")]
    torch.set_num_threads(threads)
    try: model = load(path)
    except ImportError as error:
        answer(absence="the original code cannot be imported: " + str(error)); sys.exit()
    if hasattr(model, "fuse"): model = model.fuse()

    with open(shared, "r+b") as file: memory = mmap.mmap(file.fileno(), 0)
    slots = [torch.from_numpy(numpy.frombuffer(memory, numpy.float32, size // 4, index * size).reshape(shape))
             for index in range(count)]
    room = numpy.frombuffer(memory, numpy.uint8, offset=size * count)
    x = torch.empty(shape)

    def run():
        with torch.inference_mode(): result = model(x)
        while isinstance(result, (tuple, list)): result = result[0]
        return result

    def peak():
        for line in open("/proc/self/status"):
            if line.startswith("VmHWM:"): return int(line.split()[1]) * 1024

    x.copy_(slots[0])
    run()
    weights = next(model.parameters())
    answer(version=torch.__version__, threadCount=torch.get_num_threads(),
           precision=str(weights.dtype).split(".")[-1])
    cursor, last = 0, 0.0
    for line in sys.stdin:
        words = line.split()
        if words[0] == "nothing": answer()
        elif words[0] == "check":
            x.copy_(slots[int(words[1]) % count])
            total = zlib.crc32(x.numpy().tobytes())
            result = run().contiguous().numpy()
            data = result.view(numpy.uint8).reshape(-1)
            room[:data.size] = data
            answer(inputSum=total, outputShape=list(result.shape), precision=str(result.dtype))
        elif words[0] == "leg":
            wanted, times, total = float(words[1]), [], 0.0
            if last < 100:
                x.copy_(slots[cursor % count]); cursor += 1
                run()
            processor, began = time.process_time(), time.perf_counter()
            while True:
                x.copy_(slots[cursor % count]); cursor += 1
                start = time.perf_counter()
                run()
                last = (time.perf_counter() - start) * 1000
                times.append(last); total += last
                if total >= wanted: break
            answer(milliseconds=times, processorSeconds=time.process_time() - processor,
                   wallSeconds=time.perf_counter() - began, peakMemory=peak())
        else: break
    """
}
