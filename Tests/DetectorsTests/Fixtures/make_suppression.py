"""make_suppression.py: suppression.txt, random candidates and what torchvision keeps of them."""
import pathlib
import torch
import torchvision

torch.manual_seed(11)
lines = []
for count, classes, agnostic, threshold in [(40, 3, 0, 0.45), (200, 5, 0, 0.45), (200, 5, 1, 0.45),
                                            (700, 2, 0, 0.6), (300, 1, 0, 0.2)]:
    corner = torch.randint(0, 300, (count, 2)).float() + torch.rand(count, 2).mul(64).round() / 64
    boxes = torch.cat((corner, corner + torch.randint(20, 200, (count, 2))), 1)
    scores = torch.rand(count).mul(1000).floor().div(1000) + 0.0005  # some are equal
    labels = torch.randint(0, classes, (count,))
    order = scores.argsort(descending=True, stable=True)
    moved = boxes + (0 if agnostic else labels.float()[:, None] * 7680)
    kept = order[torchvision.ops.nms(moved[order], scores[order], threshold)]
    lines.append(f"case {count} {agnostic} {threshold}")
    for box, score, label in zip(boxes.tolist(), scores.tolist(), labels.tolist()):
        lines.append(" ".join(map(repr, box)) + f" {score!r} {label}")
    lines.append("kept " + " ".join(map(str, kept.tolist())))
pathlib.Path(__file__).with_name("suppression.txt").write_text("\n".join(lines) + "\n")
