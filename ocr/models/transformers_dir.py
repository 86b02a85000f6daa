"""PP-OCRv6 weights as a folder that PaddleOCR's `transformers` engine reads, for GPUs.

The linear units of the ONNX graph (convolutions with what was folded into them, matrices, norms) are paired
with the modules of the transformers class by shape, in the order in which both run; then both must give the
same numbers on random input, or nothing is written.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ocr.errors import DocumentError
from ocr.models.catalog import Weights, weights_named
from ocr.models.onnxgraph import Array, Node, OnnxGraph, read_graph
from ocr.models.paddledir import characters_of, write_inference_yml
from ocr.models.store import default_folder, file_of

TOLERANCE = 1e-3
_MODULES: dict[type[nn.Module], str] = {
    nn.Conv1d: "conv",
    nn.Conv2d: "conv",
    nn.ConvTranspose2d: "transposed",
    nn.Linear: "linear",
    nn.LayerNorm: "norm",
    nn.BatchNorm1d: "batch",
    nn.BatchNorm2d: "batch",
}


@dataclass(frozen=True, slots=True)
class Converted:
    """What a conversion wrote, and how far it is from onnxruntime: the largest difference, the share of equal
    answers (most likely character; text or not, for a detector)."""

    folder: Path
    difference: float
    equal: float


@dataclass(frozen=True, slots=True)
class _Unit:
    kind: str
    values: tuple[Array, ...]


def convert(name: str, folder: Path | None = None) -> Converted:
    """Writes `<folder>/<name>-transformers`. Raises DocumentError model-missing, model-unknown,
    model-unequal, engine-missing (transformers does not know the network)."""
    root = folder or default_folder()
    source, weights = file_of(name, root), weights_named(name)
    model = loaded(name, read_graph(source))
    difference, equal = _compared(model, source, weights)
    if difference > TOLERANCE or equal < 0.9999:
        raise _unequal(name, f"difference {difference:.1e}, equal answers {100 * equal:.2f} %")
    target = root / f"{name}-transformers"
    _write(model, weights, source, target)
    return Converted(target, difference, equal)


def loaded(name: str, graph: OnnxGraph) -> nn.Module:
    """The transformers network of that name with the graph's weights, on the processor, not compared with
    anything. Raises like `convert`."""
    weights = weights_named(name)
    model = _model(weights)
    _port(model, graph, torch.from_numpy(_sample(weights)), weights)
    return model


def _model(weights: Weights) -> nn.Module:
    import transformers

    made: Any
    if weights.name == "PP-OCRv6_small_rec":
        config = transformers.PPOCRV6SmallRecConfig(head_out_channels=18710)
        made = transformers.PPOCRV6SmallRecForTextRecognition(config)
    elif weights.name == "PP-OCRv6_small_det":
        made = transformers.PPOCRV6SmallDetForObjectDetection(transformers.PPOCRV6SmallDetConfig(**_DETECTOR))
    else:
        raise DocumentError(
            "model-not-convertible",
            f"{weights.name} has no class in transformers.",
            "Only PP-OCRv6_small_det and PP-OCRv6_small_rec are converted; the engine batched needs no conversion.",
            kind="flow",
            details={"name": weights.name, "known": "PP-OCRv6_small_det, PP-OCRv6_small_rec"},
        )
    ready: nn.Module = made.eval()
    return ready


def _blocks(*rows: tuple[int, int, int, bool]) -> list[list[Any]]:
    return [[3, before, after, stride, squeeze] for before, after, stride, squeeze in rows]


_DETECTOR: dict[str, Any] = {
    "neck_out_channels": 96,
    "layer_list_out_channels": [48, 96, 192, 384],
    "dilated_kernel_size": 7,
    "backbone_config": {
        "model_type": "pp_lcnet_v4",
        "out_features": ["stage1", "stage2", "stage3", "stage4"],
        "stem_channels": [3, 24, 48],
        "block_configs": [
            _blocks((48, 48, 1, True), (48, 48, 1, False)),
            _blocks((48, 96, 2, False), (96, 96, 1, True), (96, 96, 1, False)),
            _blocks((96, 192, 2, False), *((192, 192, 1, at % 2 == 0) for at in range(4))),
            _blocks((192, 384, 2, False), (384, 384, 1, True), (384, 384, 1, False)),
        ],
    },
}


def _sample(weights: Weights) -> Array:
    shape = (1, 3, 64, 96) if weights.role == "detection" else (1, 3, 48, 160)
    made: Array = np.random.default_rng(4).standard_normal(shape).astype(np.float32)
    return made


def _answer(model: nn.Module, sample: Tensor) -> Tensor:
    with torch.inference_mode():
        made: Tensor = model(pixel_values=sample).last_hidden_state
    return made


def _compared(model: nn.Module, source: Path, weights: Weights) -> tuple[float, float]:
    import onnxruntime as ort

    session = ort.InferenceSession(source)
    sample = _sample(weights)
    wanted = session.run(None, {session.get_inputs()[0].name: sample})[0]
    made = _answer(model, torch.from_numpy(sample)).numpy().reshape(wanted.shape)
    alike = (
        (made > 0.2) == (wanted > 0.2)
        if weights.role == "detection"
        else made.argmax(-1) == wanted.argmax(-1)
    )
    return float(np.abs(made - wanted).max()), float(np.mean(alike))


def _port(model: nn.Module, graph: OnnxGraph, sample: Tensor, weights: Weights) -> None:
    """Fills the modules of `model` from the graph's units."""
    left = list(_units(graph))
    modules = _in_graph_order(_called(model, sample))
    while modules:
        module = modules.pop(0)
        at = next((i for i, unit in enumerate(left) if _fits(unit, module)), None)
        if at is None:
            raise _unequal(weights.name, f"nothing in the graph fits {type(module).__name__}")
        unit = left.pop(at)
        folded = _followed_by_norm(module, modules) and not (left and left[0].kind == "batch")
        _fill(module, unit, modules.pop(0) if folded else None)
    if left:
        raise _unequal(weights.name, f"{len(left)} units of the graph have no module")


def _called(model: nn.Module, sample: Tensor) -> list[tuple[str, nn.Module]]:
    """Modules with weights, in the order in which they run."""
    order: list[tuple[str, nn.Module]] = []
    handles = [
        module.register_forward_hook(lambda m, *_, name=name: order.append((name, m)))
        for name, module in model.named_modules()
        if type(module) in _MODULES
    ]
    _answer(model, sample)
    for handle in handles:
        handle.remove()
    return order


def _in_graph_order(called: list[tuple[str, nn.Module]]) -> list[nn.Module]:
    """The detector's neck runs its levels from the smallest map in the graph, from the largest in the
    class."""
    for part in ("insert_conv.", "input_conv."):
        places = [i for i, (name, _) in enumerate(called) if part in name]
        levels = itertools.groupby((called[i] for i in places), partial(_level, part))
        turned = [item for _, level in reversed([(k, list(v)) for k, v in levels]) for item in level]
        for place, item in zip(places, turned, strict=True):
            called[place] = item
    return [module for _, module in called]


def _level(part: str, item: tuple[str, nn.Module]) -> str:
    return item[0].split(part)[1][0]


def _followed_by_norm(module: nn.Module, modules: Sequence[nn.Module]) -> bool:
    return _MODULES[type(module)] != "batch" and bool(modules) and _MODULES[type(modules[0])] == "batch"


def _fits(unit: _Unit, module: Any) -> bool:
    if unit.kind != _MODULES[type(module)]:
        return False
    weight, wanted = unit.values[0], module.weight
    if isinstance(module, nn.Conv1d):
        return bool(weight.shape[0] == wanted.shape[0] and weight.size == wanted.numel())
    return bool(weight.shape == tuple(wanted.shape))


def _fill(module: Any, unit: _Unit, norm: Any) -> None:
    """A bias folded into the graph goes to the module's own bias, else into the norm that follows it."""
    with torch.no_grad():
        if unit.kind == "batch":
            names = ("weight", "bias", "running_mean", "running_var")
            for name, values in zip(names, unit.values, strict=True):
                getattr(module, name).copy_(torch.from_numpy(np.array(values)))
            return
        weight, bias = unit.values
        module.weight.copy_(torch.from_numpy(np.array(weight)).reshape(module.weight.shape))
        if module.bias is not None:
            module.bias.copy_(torch.from_numpy(np.array(bias)))
        if norm is not None:
            norm.weight.fill_(1)
            norm.bias.copy_(torch.from_numpy(np.array(bias if module.bias is None else 0 * bias)))
            norm.running_mean.zero_()
            norm.running_var.fill_(1 - norm.eps)


def _units(graph: OnnxGraph) -> Iterator[_Unit]:
    reader = _Units(graph)
    for node in graph.nodes:
        unit = reader.unit(node)
        if unit is not None:
            yield unit


class _Units:
    """Linear units of a graph: what stands directly behind a convolution is folded into it."""

    def __init__(self, graph: OnnxGraph) -> None:
        self._constants = graph.constants
        self._alias = {n.outputs[0]: n.inputs[0] for n in graph.nodes if n.op == "Identity"}
        self._users: dict[str, list[Node]] = {}
        for node in graph.nodes:
            if node.op != "Identity":
                for name in node.inputs:
                    self._users.setdefault(self._real(name), []).append(node)
        self._folded: set[str] = set()

    def unit(self, node: Node) -> _Unit | None:
        if node.op in ("Conv", "ConvTranspose"):
            return self._convolution(node)
        if node.op == "MatMul" and (weight := self._constant(node.inputs[1])) is not None:
            bias = self._added(node)
            return _Unit("linear", (weight.T, bias if bias is not None else np.zeros(weight.shape[1])))
        if node.op == "Sqrt":
            return self._norm(node)
        if node.op == "BatchNormalization" and node.outputs[0] not in self._folded:
            return _Unit("batch", tuple(self._need(name) for name in node.inputs[1:5]))
        return None

    def _convolution(self, node: Node) -> _Unit:
        transposed = node.op == "ConvTranspose"
        weight = self._need(node.inputs[1])
        size = weight.shape[1] if transposed else weight.shape[0]
        bias = np.array(self._need(node.inputs[2])) if len(node.inputs) > 2 else None
        following: Node | None = node
        if bias is None:
            bias, following = self._bias_behind(node, size)
        after = self._next(following)
        if after is not None and after.op == "BatchNormalization":
            weight, bias = self._fold(after, weight, bias, transposed)
        return _Unit("transposed" if transposed else "conv", (weight, bias))

    def _bias_behind(self, node: Node, size: int) -> tuple[Array, Node]:
        after = self._next(node)
        added = self._added(node)
        if after is not None and added is not None and added.size == size and added.ndim != 2:
            return added.reshape(-1), after
        return np.zeros(size, np.float32), node

    def _fold(self, norm: Node, weight: Array, bias: Array, transposed: bool) -> tuple[Array, Array]:
        scale, shift, mean, variance = (self._need(name) for name in norm.inputs[1:5])
        factor = scale / np.sqrt(variance + norm.attributes.get("epsilon", 1e-5))
        self._folded.add(norm.outputs[0])
        shape = (1, -1, 1, 1) if transposed else (-1, 1, 1, 1)
        return weight * factor.reshape(shape), shift - mean * factor + bias * factor

    def _norm(self, node: Node) -> _Unit | None:
        """The tail of a layer norm: Sqrt, Div, Mul by the weight, Add the bias."""
        divided = self._next(node)
        scaled = self._next(divided)
        shifted = self._next(scaled)
        if scaled is None or shifted is None:
            return None
        weight, bias = (self._only(found) for found in (scaled, shifted))
        return None if weight is None or bias is None else _Unit("norm", (weight, bias))

    def _added(self, node: Node) -> Array | None:
        after = self._next(node)
        return self._only(after) if after is not None and after.op == "Add" else None

    def _only(self, node: Node) -> Array | None:
        found = [c for name in node.inputs if (c := self._constant(name)) is not None]
        return found[0] if len(found) == 1 else None

    def _next(self, node: Node | None) -> Node | None:
        users = self._users.get(node.outputs[0], []) if node else []
        return users[0] if len(users) == 1 else None

    def _real(self, name: str) -> str:
        while name in self._alias:
            name = self._alias[name]
        return name

    def _constant(self, name: str) -> Array | None:
        return self._constants.get(self._real(name))

    def _need(self, name: str) -> Array:
        found = self._constant(name)
        if found is None:
            raise ValueError(f"the graph's weight {name} is no constant")
        return found


def _write(model: nn.Module, weights: Weights, source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(target)  # type: ignore[operator]
    described = write_inference_yml(weights, source, target)
    processor = _detector_processor() if weights.role == "detection" else _reader_processor(source)
    described.with_name("preprocessor_config.json").write_text(
        json.dumps(processor, ensure_ascii=False), "utf-8"
    )


def _detector_processor() -> dict[str, Any]:
    """Mean and deviation in RGB order: the class turns its input to BGR afterwards."""
    return {
        "image_processor_type": "PPOCRV5ServerDetImageProcessor",
        "image_mean": [0.406, 0.456, 0.485],
        "image_std": [0.225, 0.224, 0.229],
    }


def _reader_processor(source: Path) -> dict[str, Any]:
    return {
        "image_processor_type": "PPOCRV6SmallRecImageProcessor",
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
        "character_list": ["blank", *characters_of(source), " "],
    }


def _unequal(name: str, reason: str) -> DocumentError:
    return DocumentError(
        "model-unequal",
        f"{name} on torch does not answer like the original: {reason}.",
        "Use the engine on the processor; report the versions of transformers and torch (rpa doctor).",
        kind="engine",
        details={"name": name, "reason": reason},
    )
