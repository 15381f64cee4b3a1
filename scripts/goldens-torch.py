"""Makes the reference tensors that the operations, the model and the optimizer are tested against.

Needs torch, transformers and safetensors. Run from the project's root:

    python scripts/goldens-torch.py

Writes test/golden/ops/ops.safetensors, test/golden/model/*.safetensors, test/golden/train/curve.safetensors and
test/golden/checkpoint/saved-by-transformers/ (a folder as save_pretrained leaves it). All float32, on the CPU. The
versions that made them stand in each file's metadata.
"""

import json
import math
import pathlib

import safetensors
import safetensors.torch
import torch
import transformers
from torch.nn import functional as F
from transformers.activations import NewGELUActivation

from rotary_reference import rotary, turn_attention, turns_of

GOLDEN = pathlib.Path("test/golden")
VERSIONS = {
    "torch": torch.__version__,
    "transformers": transformers.__version__,
    "safetensors": safetensors.__version__,
}


def save(path, tensors, metadata=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    flat = {name: tensor.detach().contiguous().clone() for name, tensor in tensors.items()}
    safetensors.torch.save_file(flat, path, {**VERSIONS, **(metadata or {})})


def run(case, function, inputs, constants=None, attributes=None, generator=None):
    """One case: inputs, constants, output, and for a random dy the gradient of every input."""
    constants = constants or {}
    leaves = {name: tensor.clone().requires_grad_() for name, tensor in inputs.items()}
    output = function(**leaves, **constants)
    dy = torch.randn(output.shape, generator=generator) if output.dim() else torch.ones(())
    output.backward(dy)
    tensors = {f"{case}/in/{name}": tensor for name, tensor in inputs.items()}
    tensors |= {f"{case}/const/{name}": tensor for name, tensor in constants.items()}
    tensors |= {f"{case}/out": output, f"{case}/dy": dy}
    tensors |= {f"{case}/grad/{name}": leaf.grad for name, leaf in leaves.items()}
    return tensors, {case: json.dumps(attributes or {})}


def attention(heads, causal, prefixes=None):
    def function(qkv):
        batch, time, width3 = qkv.shape
        q, k, v = (
            part.view(batch, time, heads, -1).transpose(1, 2) for part in qkv.split(width3 // 3, dim=2)
        )
        mask = None
        if prefixes is not None:
            place = torch.arange(time)
            prefix = torch.tensor(prefixes).view(batch, 1, 1, 1)
            mask = (place <= place.view(time, 1)) | (place < prefix)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal)
        return y.transpose(1, 2).reshape(batch, time, width3 // 3)

    return function


def lookahead_attention(heads):
    """The recurrent definition (Song et al. 2025, arXiv 2509.07301), word for word: each key is renewed position by position."""

    def function(qkv, look):
        batch, time, width3 = qkv.shape
        depth = width3 // 3 // heads
        scale = 1 / math.sqrt(depth)
        sequences = []
        for b in range(batch):
            outputs = []
            for h in range(heads):
                q, k, v, look_q, look_k, look_v = (
                    x[b, :, part * heads * depth + h * depth :][:, :depth]
                    for x in (qkv, look)
                    for part in range(3)
                )
                lookahead = []
                rows = []
                for t in range(time):
                    gates = [torch.sigmoid(look_q[s] @ look_k[t] * scale) for s in range(t)]
                    lookahead = [u + gate * look_v[t] for u, gate in zip(lookahead, gates)]
                    lookahead.append(torch.zeros(depth))
                    scores = [
                        q[t] @ k[s] * scale - F.silu(q[t] @ lookahead[s] * scale) for s in range(t + 1)
                    ]
                    rows.append(torch.softmax(torch.stack(scores), 0) @ v[: t + 1])
                outputs.append(torch.stack(rows))
            sequences.append(torch.cat(outputs, 1))
        return torch.stack(sequences)

    return function


def cross_attention(heads, lengths):
    def function(q, kv):
        batch, time, width = q.shape
        source = kv.shape[1]
        k, v = kv.split(width, dim=2)
        q, k, v = (part.view(batch, -1, heads, width // heads).transpose(1, 2) for part in (q, k, v))
        mask = torch.arange(source) < torch.tensor(lengths).view(batch, 1, 1, 1)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return y.transpose(1, 2).reshape(batch, time, width)

    return function


def nll(logits, targets, weights):
    flat = F.cross_entropy(
        logits.flatten(0, -2), targets.long().flatten(), reduction="none", ignore_index=-100
    )
    return (flat * weights.flatten()).sum() / weights.sum()


def operations():
    torch.manual_seed(1)
    x = torch.randn
    own = torch.Generator().manual_seed(6)
    lookahead_own = torch.Generator().manual_seed(7)
    cross_own = torch.Generator().manual_seed(8)
    rotary_own = torch.Generator().manual_seed(9)
    ids = torch.randint(0, 11, (2, 5), dtype=torch.int32)
    targets = torch.randint(0, 11, (2, 5), dtype=torch.int32)
    targets[0, 3] = -100
    targets[1, 0] = -100
    weights = (torch.rand(2, 5) + 0.5) * (targets >= 0)
    gelu = NewGELUActivation()
    cases = [
        run(
            "embedding",
            lambda tokens, positions, ids: tokens[ids.long()] + positions[3:8],
            {"tokens": x(11, 6), "positions": x(9, 6)},
            {"ids": ids},
            {"offset": 3},
        ),
        run(
            "layerNorm",
            lambda x, weight, bias: F.layer_norm(x, (12,), weight, bias, 1e-5),
            {"x": 3 * x(2, 5, 12) + 1, "weight": x(12), "bias": x(12)},
            attributes={"epsilon": 1e-5},
        ),
        run(
            "linear",
            lambda x, weight, bias: x @ weight + bias,
            {"x": x(2, 5, 7), "weight": x(7, 9), "bias": x(9)},
            attributes={"activation": "none"},
        ),
        run(
            "linearGelu",
            lambda x, weight, bias: gelu(x @ weight + bias),
            {"x": x(2, 5, 7), "weight": x(7, 9), "bias": x(9)},
            attributes={"activation": "gelu_new"},
        ),
        run(
            "attentionCausal",
            attention(3, True),
            {"qkv": x(2, 7, 36)},
            attributes={"heads": 3, "mode": "causal"},
        ),
        run(
            "attentionFull",
            attention(3, False),
            {"qkv": x(2, 7, 36)},
            attributes={"heads": 3, "mode": "full"},
        ),
        # Drawn from a generator of their own, so that the other cases keep their numbers.
        run(
            "prefixAttention",
            attention(3, False, [0, 4, 7]),
            {"qkv": torch.randn((3, 7, 36), generator=own)},
            attributes={"heads": 3, "prefixes": [0, 4, 7]},
            generator=own,
        ),
        run(
            "lookaheadAttention",
            lookahead_attention(3),
            {
                "qkv": 1.5 * torch.randn((2, 7, 36), generator=lookahead_own),
                "look": 1.5 * torch.randn((2, 7, 36), generator=lookahead_own),
            },
            attributes={"heads": 3},
            generator=lookahead_own,
        ),
        run(
            "crossAttention",
            cross_attention(3, [9, 4, 1]),
            {
                "q": torch.randn((3, 7, 12), generator=cross_own),
                "kv": torch.randn((3, 9, 24), generator=cross_own),
            },
            attributes={"heads": 3, "lengths": [9, 4, 1]},
            generator=cross_own,
        ),
        run(
            "rotary",
            rotary(3),
            {"qkv": torch.randn((2, 7, 36), generator=rotary_own)},
            {"turns": turns_of(7, 4)},
            attributes={"heads": 3},
            generator=rotary_own,
        ),
        run("residual", lambda x, y: x + y, {"x": x(2, 5, 6), "y": x(2, 5, 6)}),
        run(
            "crossEntropy",
            nll,
            {"logits": 4 * x(2, 5, 11)},
            {"targets": targets, "weights": weights},
        ),
        run(
            "headLoss",
            lambda hidden, tokens, targets, weights: nll(hidden @ tokens.T, targets, weights),
            {"hidden": x(2, 5, 6), "tokens": x(11, 6)},
            {"targets": targets, "weights": weights},
        ),
    ]
    tensors, metadata = {}, {}
    for more, attributes in cases:
        tensors |= more
        metadata |= attributes
    save(GOLDEN / "ops/ops.safetensors", tensors, metadata)


def model_of(config):
    model = transformers.GPT2LMHeadModel(config)
    # Larger than GPT-2's beginning, so that every part of the model shows in the output.
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.normal_(0, 0.1)
            elif "ln_" in name:
                parameter.normal_(1, 0.1)
            else:
                parameter.normal_(0, 0.15)
    return model


def config_of(**measures):
    return transformers.GPT2Config(
        bos_token_id=1,
        eos_token_id=2,
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        attn_implementation="eager",
        **measures,
    )


def models():
    torch.manual_seed(2)
    configs = {
        "narrow": config_of(vocab_size=23, n_positions=20, n_embd=12, n_layer=2, n_head=3),
        "deep": config_of(vocab_size=40, n_positions=12, n_embd=16, n_layer=3, n_head=2, n_inner=24),
        "rotary": config_of(vocab_size=23, n_positions=17, n_embd=24, n_layer=2, n_head=3),
    }
    for case, config in configs.items():
        model = model_of(config)
        if case == "rotary":
            turn_attention(model)
        ids = torch.randint(0, config.vocab_size, (2, config.n_positions))
        targets = torch.randint(0, config.vocab_size, (2, config.n_positions))
        targets[0, :3] = -100
        logits = model(ids).logits
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        loss.backward()
        tensors = {"ids": ids.int(), "targets": targets.int(), "logits": logits, "loss": loss}
        for name, parameter in model.transformer.named_parameters():
            tensors[f"parameter/{name}"] = parameter
            tensors[f"gradient/{name}"] = parameter.grad
        measures = {key: value for key, value in config.to_dict().items() if key in CONFIG}
        if case == "rotary":
            measures["position_embedding_type"] = case
        save(
            GOLDEN / f"model/{case}.safetensors",
            tensors,
            {"config": json.dumps(measures)},
        )


CONFIG = ["vocab_size", "n_positions", "n_embd", "n_layer", "n_head", "n_inner"]


def optimizer():
    """Six steps of clipped AdamW over a matrix, a vector and a matrix, with gradients of very different sizes."""
    torch.manual_seed(3)
    options = {"learningRate": 0.01, "beta1": 0.9, "beta2": 0.95, "epsilon": 1e-8, "weightDecay": 0.1, "maxNorm": 1.0}
    parameters = [torch.randn(4, 5), torch.randn(5), torch.randn(3, 4)]
    tensors = {f"parameter{i}/0": value for i, value in enumerate(parameters)}
    leaves = [value.clone().requires_grad_() for value in parameters]
    adamw = torch.optim.AdamW(
        [
            {"params": [leaf for leaf in leaves if leaf.dim() >= 2], "weight_decay": options["weightDecay"]},
            {"params": [leaf for leaf in leaves if leaf.dim() < 2], "weight_decay": 0.0},
        ],
        lr=options["learningRate"],
        betas=(options["beta1"], options["beta2"]),
        eps=options["epsilon"],
    )
    for step in range(1, 7):
        for i, leaf in enumerate(leaves):
            # The first three steps are below the limit, the others above it.
            leaf.grad = torch.randn(leaf.shape) * (0.05 if step <= 3 else 2.0)
            tensors[f"gradient{i}/{step}"] = leaf.grad.clone()
        tensors[f"norm/{step}"] = torch.nn.utils.clip_grad_norm_(leaves, options["maxNorm"])
        adamw.step()
        for i, leaf in enumerate(leaves):
            tensors[f"parameter{i}/{step}"] = leaf.clone()
    for i, leaf in enumerate(leaves):
        tensors[f"first{i}"] = adamw.state[leaf]["exp_avg"]
        tensors[f"second{i}"] = adamw.state[leaf]["exp_avg_sq"]
    save(GOLDEN / "ops/adamw.safetensors", tensors, {"options": json.dumps(options)})


def training():
    """200 steps of a small model over eight batches in turn: the loss and the gradient's norm at each step."""
    torch.manual_seed(5)
    options = {"learningRate": 2e-3, "beta1": 0.9, "beta2": 0.95, "weightDecay": 0.1, "clip": 1.0}
    config = config_of(vocab_size=13, n_positions=9, n_embd=12, n_layer=2, n_head=2)
    model = transformers.GPT2LMHeadModel(config)
    tensors = {f"parameter/{name}": value.clone() for name, value in model.transformer.named_parameters()}
    # Runs of rising ids with some noise, so that there is something to learn.
    start = torch.randint(0, config.vocab_size, (8, 2, 1))
    rise = torch.randint(1, 3, (8, 2, 1))
    noise = (torch.rand(8, 2, 10) < 0.1) * torch.randint(0, config.vocab_size, (8, 2, 10))
    rows = (start + rise * torch.arange(10) + noise) % config.vocab_size
    tensors |= {"ids": rows[:, :, :-1].int(), "targets": rows[:, :, 1:].int()}
    parameters = list(model.parameters())
    adamw = torch.optim.AdamW(
        [
            {"params": [p for p in parameters if p.dim() >= 2], "weight_decay": options["weightDecay"]},
            {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
        ],
        lr=options["learningRate"],
        betas=(options["beta1"], options["beta2"]),
    )
    losses, norms = [], []
    for step in range(200):
        batch = rows[step % 8]
        logits = model(batch[:, :-1]).logits
        loss = F.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())
        adamw.zero_grad()
        loss.backward()
        losses.append(loss.detach())
        norms.append(torch.nn.utils.clip_grad_norm_(parameters, options["clip"]))
        adamw.step()
    tensors |= {"losses": torch.stack(losses), "norms": torch.stack(norms)}
    measures = {key: value for key, value in config.to_dict().items() if key in CONFIG}
    save(
        GOLDEN / "train/curve.safetensors",
        tensors,
        {"config": json.dumps(measures), "options": json.dumps(options)},
    )


def halves():
    """float32 numbers round binary16's corners, and the binary16 numbers that torch rounds them to."""
    exact = torch.tensor([0, 1, 2, 3, 1023, 1024, 1025, 0x3C00, 0x3C01, 0x7BFE, 0x7BFF], dtype=torch.int16)
    values = exact.view(torch.float16).float()
    between = torch.cat([(values[1:] + values[:-1]) / 2, values * (1 + 2**-11), values * (1 + 2**-12), values])
    extreme = torch.tensor([65504, 65519.99, 65520, 1e6, 2**-24, 2**-25, 2**-25 * 1.01, 1e-9, math.inf, math.pi])
    wide = torch.cat([between, extreme])
    wide = torch.cat([wide, -wide])
    save(
        GOLDEN / "checkpoint/halves.safetensors",
        {"float32": wide, "float16": wide.half(), "bfloat16": wide.bfloat16()},
    )


def saved_by_transformers():
    torch.manual_seed(4)
    config = config_of(vocab_size=9, n_positions=6, n_embd=4, n_layer=1, n_head=2)
    model = model_of(config)
    folder = GOLDEN / "checkpoint/saved-by-transformers"
    model.save_pretrained(folder)
    ids = torch.arange(6).view(1, 6)
    logits = model.eval()(ids).logits
    save(GOLDEN / "checkpoint/saved-by-transformers-logits.safetensors", {"ids": ids.int(), "logits": logits})
    # The same weights as other tools leave them: no prefix, the head written out, mask buffers beside it.
    loose = {name: tensor for name, tensor in model.transformer.state_dict().items()}
    loose["lm_head.weight"] = model.lm_head.weight
    loose["h.0.attn.bias"] = torch.tril(torch.ones(1, 1, 6, 6, dtype=torch.bool))
    loose["h.0.attn.masked_bias"] = torch.tensor(-1e4)
    save(GOLDEN / "checkpoint/loose.safetensors", loose)
    half = {f"transformer.{name}": tensor.half() for name, tensor in model.transformer.state_dict().items()}
    save(GOLDEN / "checkpoint/half.safetensors", half)


if __name__ == "__main__":
    torch.use_deterministic_algorithms(True)
    operations()
    models()
    optimizer()
    training()
    halves()
    saved_by_transformers()
