"""Writes GPT-2 of the benchmark's measures as ONNX, in the layout that transformers.js loads:
python export-onnx.py FOLDER [--width 256] [--context 256]

The weights are random. Attention is ONNX Runtime's own fused operator, with past keys and values as inputs and
outputs named as in Hugging Face's exports; layer norm and GELU are single operators as well.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

parser = argparse.ArgumentParser()
parser.add_argument("folder", type=Path)
parser.add_argument("--width", type=int, default=256)
parser.add_argument("--context", type=int, default=256)
args = parser.parse_args()
V, L, C, T = 512, 4, args.width, args.context
H = C // 64
random = np.random.default_rng(1)
weights, nodes = {}, []


def weight(name, *shape, deviation=0.02):
    value = random.standard_normal(shape) * deviation if deviation else np.zeros(shape)
    weights[name] = (value if deviation is not None else value + 1).astype(np.float32)
    return name


def node(kind, inputs, outputs, **attributes):
    nodes.append(helper.make_node(kind, inputs, outputs, **attributes))
    return outputs[0]


def linear(x, name, inputs, outputs):
    weight(f"{name}.w", inputs, outputs)
    product = node("MatMul", [x, f"{name}.w"], [f"{name}.product"])
    return node("Add", [product, weight(f"{name}.b", outputs, deviation=0)], [f"{name}.y"])


def norm(x, name):
    weights[f"{name}.w"] = np.ones(C, np.float32)
    weight(f"{name}.b", C, deviation=0)
    return node("LayerNormalization", [x, f"{name}.w", f"{name}.b"], [f"{name}.y"], axis=-1, epsilon=1e-5)


x = node(
    "Add",
    [
        node("Gather", [weight("wte", V, C), "input_ids"], ["tokens"]),
        node("Gather", [weight("wpe", T, C), "position_ids"], ["positions"]),
    ],
    ["x"],
)
sides = []
for i in range(L):
    qkv = linear(norm(x, f"{i}.ln_1"), f"{i}.qkv", C, 3 * C)
    q, k, v = (f"{i}.{part}" for part in "qkv")
    node("Split", [qkv], [q, k, v], axis=-1, num_outputs=3)
    past = [f"past_key_values.{i}.{part}" for part in ("key", "value")]
    present = [f"present.{i}.{part}" for part in ("key", "value")]
    sides.append((past, present))
    mixed = node(
        "MultiHeadAttention",
        [q, k, v, "", "", "", *past],
        [f"{i}.mixed", *present],
        domain="com.microsoft",
        num_heads=H,
        unidirectional=1,
    )
    x = node("Add", [x, linear(mixed, f"{i}.proj", C, C)], [f"{i}.x"])
    inner = node(
        "Gelu", [linear(norm(x, f"{i}.ln_2"), f"{i}.fc", C, 4 * C)], [f"{i}.gelu"], approximate="tanh"
    )
    x = node("Add", [x, linear(inner, f"{i}.out", 4 * C, C)], [f"{i}.x2"])
weights["head"] = np.ascontiguousarray(weights["wte"].T)
node("MatMul", [norm(x, "ln_f"), "head"], ["logits"])


def info(name, *shape, kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


kv = ["batch_size", H, "past_sequence_length", C // H]
graph = helper.make_graph(
    nodes,
    "gpt2",
    [
        info("input_ids", "batch_size", "sequence_length", kind=TensorProto.INT64),
        info("position_ids", "batch_size", "sequence_length", kind=TensorProto.INT64),
        *(info(name, *kv) for past, _ in sides for name in past),
    ],
    [
        info("logits", "batch_size", "sequence_length", V),
        *(info(name, "batch_size", H, "total_sequence_length", C // H) for _, present in sides for name in present),
    ],
    [numpy_helper.from_array(value, name) for name, value in weights.items()],
)
model = helper.make_model(
    graph, opset_imports=[helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)], ir_version=9
)
(args.folder / "onnx").mkdir(parents=True, exist_ok=True)
onnx.save(model, args.folder / "onnx" / "model.onnx")
config = {
    "model_type": "gpt2",
    "architectures": ["GPT2LMHeadModel"],
    "vocab_size": V,
    "n_positions": T,
    "n_embd": C,
    "n_layer": L,
    "n_head": H,
    # An id that never comes, so that nothing ends early.
    "bos_token_id": -1,
    "eos_token_id": -1,
}
(args.folder / "config.json").write_text(json.dumps(config, indent=2))
(args.folder / "generation_config.json").write_text("{}")
