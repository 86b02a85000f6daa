"""An ONNX graph on torch: the operations that the PP-OCR networks use, weights on the chosen device.

With `half` the network runs in 16 bits and its answer comes back in 32. Shape arithmetic stays on the host.
The weights are parameters, so the same object is what our own recogniser is trained as (ocr/hangul).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
import torch.nn.functional as functional
from numpy.typing import NDArray
from torch import Tensor, nn

from ocr.models.onnxgraph import Node, OnnxGraph, read_graph

Inputs: TypeAlias = Sequence[Any]
Attributes: TypeAlias = dict[str, Any]

_HOST_INPUTS = {"Reshape": 1, "Slice": 1, "Unsqueeze": 1, "Squeeze": 1, "Resize": 1, "ReduceMean": 1, "Pad": 1}
"""From which input on an operation wants numbers on the host: shapes, axes, scales."""


class TorchGraph(nn.Module):
    """Runs like the other graphs: an array in, an array out. Raises ValueError for an operation that none of
    our networks has."""

    def __init__(self, source: Path | bytes, device: str = "cpu", half: bool = False) -> None:
        super().__init__()
        graph = read_graph(source)
        unknown = sorted(_operations(graph.nodes) - set(_OPERATIONS) - set(_PLAIN) - {"If"})
        if unknown:
            raise ValueError(f"operations that have no torch form here: {', '.join(unknown)}")
        self.device, self.kind = torch.device(device), torch.float16 if half else torch.float32
        self._nodes, self._input, self._output = graph.nodes, graph.inputs[0], graph.outputs[0]
        self._last = _last_uses(graph.nodes)
        self._host: dict[str, Tensor] = {}
        self.weights = nn.ParameterDict()
        self._names: dict[str, str] = {}
        for name, values in graph.constants.items():
            self._keep(name, torch.from_numpy(np.array(values)), _on_host(name, graph.nodes))

    def _keep(self, name: str, values: Tensor, host: bool) -> None:
        if host or not values.is_floating_point():
            self._host[name] = values
            return
        key = f"w{len(self._names)}"
        self._names[name] = key
        self.weights[key] = nn.Parameter(values.to(self.device, self.kind), requires_grad=False)

    def weight(self, name: str) -> nn.Parameter:
        """The parameter of a constant of the file."""
        found: nn.Parameter = self.weights[self._names[name]]
        return found

    def replace(self, name: str, values: Tensor) -> None:
        """Another tensor in the place of a constant, of any shape that fits the graph."""
        self.weights[self._names[name]] = nn.Parameter(values.to(self.device, self.kind))

    def forward(self, tensor: Tensor) -> Tensor:
        known: dict[str, Any] = {name: self.weights[key] for name, key in self._names.items()}
        known |= self._host
        known[self._input] = tensor.to(self.device, self.kind)
        self._run(self._nodes, known, self._last)
        answer: Tensor = known[self._output]
        return answer.float()

    def _run(self, nodes: Sequence[Node], known: dict[str, Any], last: dict[int, list[str]]) -> None:
        """Adds what `nodes` make to `known`; drops what is no longer used."""
        for at, node in enumerate(nodes):
            known.update(zip(node.outputs, self._made(node, known), strict=False))
            for name in last.get(at, ()):
                known.pop(name, None)

    def _made(self, node: Node, known: dict[str, Any]) -> Sequence[Any]:
        if node.op == "If":
            return self._branch(node.attributes["then_branch" if known[node.inputs[0]] else "else_branch"], known)
        given = [known[name] if name else None for name in node.inputs]
        plain = _PLAIN.get(node.op)
        made = plain(given) if plain else _OPERATIONS[node.op](given, dict(node.attributes))
        return made if isinstance(made, (tuple, list)) else (made,)

    def _branch(self, graph: OnnxGraph, known: dict[str, Any]) -> list[Any]:
        constants = {name: torch.from_numpy(np.array(values)) for name, values in graph.constants.items()}
        inside = known | constants
        self._run(graph.nodes, inside, {})
        return [inside[name] for name in graph.outputs]

    def __call__(self, tensor: Any) -> Any:
        """A torch tensor is answered by one (with gradients); an array by an array."""
        if isinstance(tensor, Tensor):
            return super().__call__(tensor)
        with torch.inference_mode():
            made: NDArray[np.float32] = super().__call__(torch.from_numpy(tensor)).cpu().numpy()
        return made


def _last_uses(nodes: Sequence[Node]) -> dict[int, list[str]]:
    last = {name: at for at, node in enumerate(nodes) for name in _used(node)}
    made: dict[int, list[str]] = {}
    kept = {node.outputs[0] for node in nodes[-1:]}
    for name, at in last.items():
        if name not in kept:
            made.setdefault(at, []).append(name)
    return made


def _used(node: Node) -> list[str]:
    return [*node.inputs, *(name for graph in _branches(node) for inner in graph.nodes for name in _used(inner))]


def _operations(nodes: Sequence[Node]) -> set[str]:
    inner = (_operations(graph.nodes) for node in nodes for graph in _branches(node))
    return {node.op for node in nodes}.union(*inner)


def _branches(node: Node) -> list[OnnxGraph]:
    return [value for value in node.attributes.values() if isinstance(value, OnnxGraph)]


def _on_host(name: str, nodes: Sequence[Node]) -> bool:
    return any(name in node.inputs[_HOST_INPUTS.get(node.op, 99) :] for node in nodes)


def _numbers(values: Any) -> list[int]:
    return [int(value) for value in values.reshape(-1).tolist()]


def _padded(x: Tensor, a: Attributes, kernel: Sequence[int], fill: float = 0.0) -> tuple[Tensor, list[int]]:
    """The input padded as ONNX says, and what torch may still pad by itself (the same on both sides)."""
    pads = list(a.get("pads") or [0] * 4)
    if str(a.get("auto_pad", "NOTSET")).startswith("SAME"):
        pads = _same_pads(x, a, kernel)
    if pads[:2] == pads[2:] and fill == 0.0:
        return x, pads[:2]
    return functional.pad(x, (pads[1], pads[3], pads[0], pads[2]), value=fill), [0, 0]


def _same_pads(x: Tensor, a: Attributes, kernel: Sequence[int]) -> list[int]:
    """https://onnx.ai/onnx/operators/onnx__Conv.html: output size is input size over stride, rounded up."""
    strides, dilations = a.get("strides") or [1, 1], a.get("dilations") or [1, 1]
    pads = [0] * 4
    for axis in range(2):
        size = x.shape[2 + axis]
        reach = (kernel[axis] - 1) * dilations[axis] + 1
        total = max((-(-size // strides[axis]) - 1) * strides[axis] + reach - size, 0)
        low = total // 2 if a["auto_pad"] == "SAME_UPPER" else total - total // 2
        pads[axis], pads[axis + 2] = low, total - low
    return pads


def _conv(v: Inputs, a: Attributes) -> Tensor:
    x, pads = _padded(v[0], a, v[1].shape[2:])
    bias = v[2] if len(v) > 2 else None
    strides, dilations = a.get("strides") or [1, 1], a.get("dilations") or [1, 1]
    return functional.conv2d(x, v[1], bias, strides, pads, dilations, a.get("group", 1))


def _conv_transpose(v: Inputs, a: Attributes) -> Tensor:
    pads = a.get("pads") or [0] * 4
    return functional.conv_transpose2d(
        v[0],
        v[1],
        v[2] if len(v) > 2 else None,
        a.get("strides") or [1, 1],
        pads[:2],
        a.get("output_padding") or [0, 0],
        a.get("group", 1),
        a.get("dilations") or [1, 1],
    )


def _max_pool(v: Inputs, a: Attributes) -> Tensor:
    x, pads = _padded(v[0], a, a["kernel_shape"], float("-inf"))
    return functional.max_pool2d(x, a["kernel_shape"], a.get("strides") or [1, 1], pads, 1, bool(a.get("ceil_mode", 0)))


def _average_pool(v: Inputs, a: Attributes) -> Tensor:
    x, pads = _padded(v[0], a, a["kernel_shape"])
    counted = bool(a.get("count_include_pad", 0))
    return functional.avg_pool2d(
        x, a["kernel_shape"], a.get("strides") or [1, 1], pads, bool(a.get("ceil_mode", 0)), counted
    )


def _batch_norm(v: Inputs, a: Attributes) -> Tensor:
    return functional.batch_norm(v[0], v[3], v[4], v[1], v[2], False, 0.0, a.get("epsilon", 1e-5))


def _clip(v: Inputs, a: Attributes) -> Tensor:
    low = v[1] if len(v) > 1 and v[1] is not None else a.get("min")
    high = v[2] if len(v) > 2 and v[2] is not None else a.get("max")
    made: Tensor = v[0].clamp(*(None if bound is None else float(bound) for bound in (low, high)))
    return made


def _softmax(v: Inputs, a: Attributes) -> Tensor:
    """In 32 bits, also in a network of 16: nearly 19,000 classes. `MatMul` brings it back to 16."""
    made: Tensor = v[0].float().softmax(a.get("axis", -1))
    return made


def _slice(v: Inputs) -> Tensor:
    starts, ends = _numbers(v[1]), _numbers(v[2])
    axes = _numbers(v[3]) if len(v) > 3 and v[3] is not None else list(range(len(starts)))
    steps = _numbers(v[4]) if len(v) > 4 and v[4] is not None else [1] * len(starts)
    made: Tensor = v[0]
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        places = range(*slice(start, end, step).indices(made.shape[axis]))
        if step == 1:
            made = made.narrow(axis, places.start, len(places))
        else:
            made = made.index_select(axis, torch.tensor(places, dtype=torch.int64, device=made.device))
    return made


def _gather(v: Inputs, a: Attributes) -> Tensor:
    """A lone index takes its axis away."""
    axis, index = a.get("axis", 0), v[1].to(v[0].device)
    made: Tensor = v[0].index_select(axis, index.reshape(-1)) if index.dim() else v[0].select(axis, int(index))
    return made


def _pad(v: Inputs, a: Attributes) -> Tensor:
    """https://onnx.ai/onnx/operators/onnx__Pad.html: all beginnings, then all ends; torch wants pairs, last axis
    first."""
    if a.get("mode", "constant") != "constant":
        raise ValueError(f"padding by {a['mode']} has no torch form here")
    sizes = _numbers(v[1])
    axes = len(sizes) // 2
    pairs = [size for axis in reversed(range(axes)) for size in (sizes[axis], sizes[axes + axis])]
    return functional.pad(v[0], pairs, value=float(v[2]) if len(v) > 2 and v[2] is not None else 0.0)


def _constant(v: Inputs, a: Attributes) -> Tensor:
    value = np.asarray(a["value"]).reshape(-1)[:1] if "value" in a else np.zeros(1, np.float32)
    return torch.from_numpy(np.array(value)).expand(_numbers(v[0])).clone()


def _layer_norm(v: Inputs, a: Attributes) -> Tensor:
    shape = v[0].shape[a.get("axis", -1) :]
    return functional.layer_norm(v[0], shape, v[1], v[2] if len(v) > 2 else None, a.get("epsilon", 1e-5))


def _axes(v: Inputs, a: Attributes) -> tuple[int, ...]:
    return tuple(_numbers(v[1]) if len(v) > 1 and v[1] is not None else a["axes"])


def _unsqueeze(v: Inputs, a: Attributes) -> Tensor:
    made: Tensor = v[0]
    for axis in sorted(_axes(v, a)):
        made = made.unsqueeze(axis)
    return made


def _reshape(v: Inputs) -> Tensor:
    shape = [v[0].shape[i] if size == 0 else size for i, size in enumerate(_numbers(v[1]))]
    made: Tensor = v[0].reshape(shape)
    return made


def _resize(v: Inputs, a: Attributes) -> Tensor:
    x = v[0]
    given = len(v) > 3 and v[3] is not None and v[3].numel() > 0
    size = _numbers(v[3])[2:] if given else [int(d * f) for d, f in zip(x.shape[2:], v[2].tolist()[2:], strict=True)]
    if a["mode"] == "nearest":
        return functional.interpolate(x, size, mode="nearest")
    corners = a.get("coordinate_transformation_mode") == "align_corners"
    return functional.interpolate(x, size, mode="bilinear", align_corners=corners)


def _cast(v: Inputs, a: Attributes) -> Tensor:
    kinds = {1: v[0].dtype if v[0].is_floating_point() else torch.float32, 6: torch.int32, 7: torch.int64}
    made: Tensor = v[0].to(kinds[a["to"]])
    return made


_OPERATIONS: dict[str, Callable[[Inputs, Attributes], Any]] = {
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "MaxPool": _max_pool,
    "AveragePool": _average_pool,
    "BatchNormalization": _batch_norm,
    "Clip": _clip,
    "Softmax": _softmax,
    "Unsqueeze": _unsqueeze,
    "Resize": _resize,
    "Cast": _cast,
    "Gather": _gather,
    "Pad": _pad,
    "ConstantOfShape": _constant,
    "LayerNormalization": _layer_norm,
    "HardSigmoid": lambda v, a: (v[0] * a.get("alpha", 0.2) + a.get("beta", 0.5)).clamp(0, 1),
    "ReduceMean": lambda v, a: v[0].mean(_axes(v, a), keepdim=bool(a.get("keepdims", 1))),
    "Squeeze": lambda v, a: v[0].squeeze(_axes(v, a)),
    "Transpose": lambda v, a: v[0].permute(a["perm"]),
    "Concat": lambda v, a: torch.cat([t.to(v[0].device) for t in v], a["axis"]),
}

_PLAIN: dict[str, Callable[[Inputs], Any]] = {
    "Slice": _slice,
    "Reshape": _reshape,
    "Add": lambda v: v[0] + v[1],
    "Sub": lambda v: v[0] - v[1],
    "Mul": lambda v: v[0] * v[1],
    "Div": lambda v: v[0] / v[1] if v[0].is_floating_point() else v[0] // v[1],
    "Pow": lambda v: v[0] ** v[1],
    "MatMul": lambda v: v[0].to(v[1].dtype) @ v[1],
    "Equal": lambda v: v[0] == v[1],
    "Identity": lambda v: v[0],
    "Relu": lambda v: functional.relu(v[0]),
    "Sigmoid": lambda v: torch.sigmoid(v[0]),
    "Erf": lambda v: torch.erf(v[0]),
    "Sqrt": lambda v: torch.sqrt(v[0]),
    "GlobalAveragePool": lambda v: v[0].mean((2, 3), keepdim=True),
    "Shape": lambda v: torch.tensor(v[0].shape, dtype=torch.int64),
}
