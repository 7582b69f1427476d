"""export_original.py MODEL.pt OUTPUT.onnx

Exports a checkpoint as the original project does: PyTorch's ONNX exporter on the fused model,
opset 17, one picture of 640 × 640, one thread. Needs PyPI `yolov5`, torch and onnx.
"""
import os, sys, warnings

os.environ.setdefault("YOLOV5_VERBOSE", "false")
warnings.filterwarnings("ignore")
import torch
import yolov5.models.common
import yolov5.models.experimental
import yolov5.models.yolo
import yolov5.utils

torch.set_num_threads(1)


def load(path):
    """The network, ready for export; checkpoints name their modules without the package."""
    sys.modules["models"], sys.modules["utils"] = yolov5.models, yolov5.utils
    for name in ("common", "experimental", "yolo"):
        sys.modules[f"models.{name}"] = getattr(yolov5.models, name)
    checkpoint = torch.load(path, map_location="cpu", weights_only=False)
    model = (checkpoint.get("ema") or checkpoint["model"]).float().fuse().eval()
    for module in model.modules():
        if isinstance(module, torch.nn.Upsample):
            module.recompute_scale_factor = None  # absent from files of older PyTorch
    head = model.model[-1]
    if not isinstance(getattr(head, "anchor_grid", None), list):
        del head.anchor_grid  # a buffer up to v6.0
    head.anchor_grid = [torch.zeros(1)] * head.nl
    head.grid = [torch.zeros(1)] * head.nl
    head.export, head.dynamic, head.inplace = True, False, False
    return model


def main(path, target):
    model, image = load(path), torch.zeros(1, 3, 640, 640)
    with torch.no_grad():
        for _ in range(2):
            model(image)
    names = {"input_names": ["images"], "output_names": ["output0"]}
    major, minor = (int(part) for part in torch.__version__.split(".")[:2])
    if (major, minor) >= (2, 5):
        names["dynamo"] = False
    torch.onnx.export(model, image, target, opset_version=17, do_constant_folding=True, **names)


main(*sys.argv[1:])
