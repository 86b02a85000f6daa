"""An ONNX graph ready to run, on onnxruntime, OpenVINO or torch."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import Any, ClassVar, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Backend: TypeAlias = Literal["onnxruntime", "openvino", "torch"]
Tensor: TypeAlias = NDArray[np.float32]


class Graph(Protocol):
    """One input, one output, both float32; every dimension may change from call to call."""

    def __call__(self, tensor: Tensor) -> Tensor: ...


def open_graph(
    source: Path | bytes,
    backend: Backend,
    threads: int | None = None,
    device: str = "cpu",
    *,
    shapes_recur: bool = True,
    lanes: int = 1,
) -> Graph:
    """The graph in an ONNX file, or in the bytes of one. `threads` None: as many as this process may use,
    at most 8 (more gains nothing here). `device` is torch's name for it; only torch runs elsewhere than on
    the processor, and there in 16 bits. `shapes_recur`: what is prepared for a shape is kept for its next
    time; pages have ever new shapes, and keeping theirs only fills the memory. `lanes`: so many threads may
    call it at once and share `threads`: small tensors gain more by that than by many threads for each."""
    count = threads or min(8, usable_cores())
    if backend == "torch":
        return _torch(source, count, device)
    if backend == "openvino":
        return _OpenVino(source, count, shapes_recur, lanes)
    return _OnnxRuntime(source, max(1, count // lanes))


def usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def give_back_memory() -> None:
    """Returns freed memory to the system, which glibc does not do by itself: OpenVINO takes new, larger buffers for a
    tensor larger than all before and leaves holes where the old ones were (about 100 MB after 40 pages of many sizes).
    Other C libraries have no such call, or no need of it."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


def _torch(source: Path | bytes, threads: int, device: str) -> Graph:
    import torch

    from ocr.reading.batched.torchgraph import TorchGraph

    if device == "cpu":
        torch.set_num_threads(threads)
    return TorchGraph(source, device, half=device != "cpu").eval()


class _OnnxRuntime:
    def __init__(self, source: Path | bytes, threads: int) -> None:
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Spinning threads burn a core while they wait; our gaps between calls are long.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # Every width is another shape: a memory pattern per shape only grows.
        options.enable_mem_pattern = False
        options.log_severity_level = 3
        self._session = ort.InferenceSession(source, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def __call__(self, tensor: Tensor) -> Tensor:
        made: Tensor = self._session.run(None, {self._input: tensor})[0]
        return made


class _OpenVino:
    """Runs in bfloat16 where the CPU has it: about twice as fast at the same error rate.

    The first call of all goes alone: OpenVINO's Python side sets itself up in it, and two threads doing so wait
    for each other for ever (seen in one start of seven).
    """

    _settled: ClassVar[bool] = False
    _settling: ClassVar[Lock] = Lock()

    def __init__(self, source: Path | bytes, threads: int, shapes_recur: bool, lanes: int) -> None:
        import openvino as ov

        core = ov.Core()
        native = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        config: dict[str, str | int] = {
            "INFERENCE_NUM_THREADS": threads,
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": "bf16" if native else "f32",
        }
        if not shapes_recur:
            config["CPU_RUNTIME_CACHE_CAPACITY"] = 0
        if lanes > 1:
            config["NUM_STREAMS"] = lanes
        model = core.compile_model(core.read_model(source), "CPU", config)
        self._lanes, self._largest = lanes, 0
        self._free: SimpleQueue[Any] = SimpleQueue()
        for _ in range(lanes):
            self._free.put(model.create_infer_request())

    def __call__(self, tensor: Tensor) -> Tensor:
        if _OpenVino._settled:
            return self._run(tensor)
        with _OpenVino._settling:
            made = self._run(tensor)
            _OpenVino._settled = True
        return made

    def _run(self, tensor: Tensor) -> Tensor:
        request = self._free.get()
        try:
            request.infer({0: tensor}, share_inputs=True)
            if tensor.size > self._largest:
                self._largest = tensor.size
                give_back_memory()
            made: Tensor = request.get_output_tensor(0).data
            return made if self._lanes == 1 else made.copy()  # the next call writes over it
        finally:
            self._free.put(request)
