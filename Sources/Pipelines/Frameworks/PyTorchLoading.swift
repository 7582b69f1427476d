/// How Python loads a checkpoint with the classes of the original code.
///
/// Needed are torch, numpy and that code (`yolov5`); what it imports beside and a network never
/// calls is stood in for.
enum PyTorchLoading {
  /// Defines `load(path)`: the network in single precision, in evaluation mode, ready for any size.
  static let program = """
    import importlib, importlib.abc, importlib.machinery, pathlib, sys, types
    import torch

    class Anything(type):
        def __getattr__(cls, name):
            if name == "__version__": return "0.0.0"
            if name.startswith("__"): raise AttributeError(name)
            return Anything(name, (Thing,), {})
        def __call__(cls, *arguments, **options):
            if len(arguments) == 1 and callable(arguments[0]) and not options: return arguments[0]
            return type.__call__(cls)
        def __iter__(cls): return iter(())

    class Thing:
        def __getattr__(self, name):
            if name.startswith("__"): raise AttributeError(name)
            return Anything(name, (Thing,), {})
        def __call__(self, *arguments, **options):
            return arguments[0] if len(arguments) == 1 and callable(arguments[0]) else self
        def __iter__(self): return iter(())

    class Absent(types.ModuleType):
        __path__ = []
        def __getattr__(self, name):
            if name == "__version__": return "0.0.0"
            if name.startswith("__"): raise AttributeError(name)
            return Anything(name, (Thing,), {})

    class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
        names = set("cv2 fire git huggingface_hub IPython matplotlib pandas PIL psutil pycocotools "
                    "requests scipy seaborn thop torchvision tqdm ultralytics yaml".split())
        def find_spec(self, name, path=None, target=None):
            if name.split(".")[0] in self.names:
                return importlib.machinery.ModuleSpec(name, self, is_package=True)
        def create_module(self, spec): return Absent(spec.name)
        def exec_module(self, module): pass

    def load(path):
        sys.meta_path.append(StandIns())
        pathlib.WindowsPath = pathlib.PosixPath
        import yolov5
        for name in ("models", "models.common", "models.yolo", "models.experimental", "utils"):
            try: sys.modules[name] = importlib.import_module("yolov5." + name)
            except ImportError: pass
        saved = torch.load(path, map_location="cpu", weights_only=False)
        model = (saved.get("ema") or saved["model"]).float().eval()
        head = model.model[-1]
        if hasattr(head, "anchor_grid") and not isinstance(head.anchor_grid, list):
            del head.anchor_grid
            head.anchor_grid = [torch.zeros(1)] * head.nl
        if hasattr(head, "nl"): head.grid = [torch.zeros(1)] * head.nl
        for module in model.modules():
            if isinstance(module, torch.nn.Upsample): module.recompute_scale_factor = None
        return model
    """
}
