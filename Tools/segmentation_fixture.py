#!/usr/bin/env python3
"""Makes the fixture with which `val` on a segmentation model is seen end to end.

    Tools/segmentation_fixture.py --vitrine .build/debug/vitrine

The model has random weights, so its own detections are what can be right: labels are some of them, moved by a
few pixels, some under the other class, some as crowds. `val` writes its detections as COCO results, and
pycocotools says what the twelve figures are, for boxes and for masks. Needs pycocotools and NumPy.
"""
import argparse, contextlib, io, json, pathlib, subprocess, tempfile
import numpy
from pycocotools import mask as coding
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

ROOT = pathlib.Path(__file__).resolve().parent.parent
MODEL = ROOT / "Tests/ModelsTests/Fixtures/tiny-seg.pt"
IMAGES = ROOT / "Samples/images"
OUTPUT = ROOT / "Tests/CommandLineTests/Fixtures"
NETWORK = ["--backend", "reference", "--imgsz", "64"]
# Which detections of each picture become labels, by rank, and how far they are moved.
RANKS = [0, 2, 5, 9, 14, 20, 33, 60, 120]
MOVES = [(0, 0), (2, 1), (0, 4), (-6, 3), (1, -1), (10, 8), (3, 3), (0, 0), (-1, 0)]


def pixels(mask):
    """Runs of a mask, column by column, as an array of rows."""
    flat = numpy.zeros(mask["width"] * mask["height"], numpy.uint8)
    start = 0
    for index, count in enumerate(mask["counts"]):
        flat[start:start + count] = index % 2
        start += count
    return flat.reshape(mask["width"], mask["height"]).T


def moved(array, dx, dy):
    result = numpy.zeros_like(array)
    height, width = array.shape
    result[max(0, dy):height + min(0, dy), max(0, dx):width + min(0, dx)] = \
        array[max(0, -dy):height - max(0, dy), max(0, -dx):width - max(0, dx)]
    return result


def labels(found):
    images, annotations = [], []
    for number, picture in enumerate(found["pictures"], 1):
        path = pathlib.Path(picture["path"])
        images.append({"id": number, "file_name": path.name, "width": picture["width"], "height": picture["height"]})
        large = [d for d in picture["detections"] if sum(d["mask"]["counts"][1::2]) > 60]
        for place, (rank, move) in enumerate(zip(RANKS, MOVES)):
            if rank >= len(large):
                continue
            array = moved(pixels(large[rank]["mask"]), *move)
            if not array.any():
                continue
            runs = coding.encode(numpy.asfortranarray(array))
            annotations.append({
                "id": len(annotations) + 1, "image_id": number,
                "category_id": 1 + (large[rank]["classIndex"] + (place == 4)) % 2,
                "bbox": [float(v) for v in coding.toBbox(runs)], "area": int(coding.area(runs)),
                "iscrowd": int(place == 7),
                "segmentation": {"size": [int(v) for v in runs["size"]], "counts": runs["counts"].decode()}})
    categories = [{"id": index + 1, "name": name} for index, name in enumerate(found["classNames"])]
    return {"images": images, "annotations": annotations, "categories": categories}


def figures(truth, results, kind):
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(truth))
        judge = COCOeval(coco, coco.loadRes(str(results)), kind)
        judge.params.imgIds = sorted(coco.getImgIds())
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return [float(value) for value in judge.stats]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vitrine", default=str(ROOT / ".build/debug/vitrine"))
    program = parser.parse_args().vitrine
    found = json.loads(subprocess.check_output(
        [program, "detect", str(MODEL), str(IMAGES), *NETWORK, "--conf", "0.001", "--square", "--json"]))
    OUTPUT.mkdir(exist_ok=True)
    truth = OUTPUT / "segmentation-labels.json"
    truth.write_text(json.dumps(labels(found), separators=(",", ":")) + "\n")
    with tempfile.TemporaryDirectory() as folder:
        results = pathlib.Path(folder, "results.json")
        record = json.loads(subprocess.check_output(
            [program, "val", str(MODEL), "--data", str(truth), "--images", str(IMAGES), *NETWORK, "--bootstrap", "0",
             "--no-history", "--save-json", str(results), "--json"]))
        expected = {kind: figures(truth, results, name) for kind, name in (("boxes", "bbox"), ("masks", "segm"))}
    (OUTPUT / "segmentation-figures.json").write_text(json.dumps(expected, indent=1) + "\n")
    for kind, values in expected.items():
        ours = [figure["value"] for figure in record[kind]["coco"]]
        worst = max(abs(a - b) for a, b in zip(ours, values))
        print(f"{kind}: AP {values[0]:.4f}, AP50 {values[1]:.4f}; worst difference to val {worst:.1e}")


if __name__ == "__main__":
    main()
