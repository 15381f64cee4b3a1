"""Makes the reference that the model with an encoder is tested against.

The decoder is transformers' GPT-2 with add_cross_attention; the encoder is torch's TransformerEncoder with the norm in front of each
layer, between embeddings of its own. With rotary positions its layers are written out below, since torch's have none; that they are
torch's otherwise is asserted. Needs torch, transformers and safetensors. Run from the project's root:

    python scripts/goldens-encoder.py

Writes test/golden/model/encoder.safetensors and rotary-encoder.safetensors: float32, on the CPU, with the versions that made it in its metadata.
"""

import json

import safetensors
import safetensors.torch
import torch
import transformers
from torch.nn import functional as F
from transformers.activations import NewGELUActivation

from rotary_reference import rotary, turn_attention, turns_of

MEASURES = {"vocab_size": 19, "n_positions": 14, "n_embd": 12, "n_layer": 2, "n_head": 3, "n_inner": 20}
ENCODER_LAYERS = 2


class Encoder(torch.nn.Module):
    def __init__(self):
        super().__init__()
        width = MEASURES["n_embd"]
        self.wte = torch.nn.Embedding(MEASURES["vocab_size"], width)
        self.wpe = torch.nn.Embedding(MEASURES["n_positions"], width)
        layer = torch.nn.TransformerEncoderLayer(
            width,
            MEASURES["n_head"],
            MEASURES["n_inner"],
            dropout=0.0,
            activation=NewGELUActivation(),
            batch_first=True,
            norm_first=True,
        )
        self.stack = torch.nn.TransformerEncoder(
            layer, ENCODER_LAYERS, norm=torch.nn.LayerNorm(width), enable_nested_tensor=False
        )

    def forward(self, ids, seen, turned=False):
        x = self.wte(ids) + self.wpe(torch.arange(ids.shape[1]))
        whole = self.stack(x, src_key_padding_mask=~seen)
        # Without turns what is written out must be torch's own.
        again = self.written_out(x, seen, lambda qkv: qkv)
        assert torch.allclose(whole[seen], again[seen], atol=1e-5)
        if not turned:
            return whole
        turns = turns_of(MEASURES["n_positions"], x.shape[2] // MEASURES["n_head"])[: x.shape[1]]
        return self.written_out(x, seen, lambda qkv: rotary(MEASURES["n_head"])(qkv, turns))

    def written_out(self, x, seen, turn):
        batch, time, width = x.shape
        for layer in self.stack.layers:
            attention = layer.self_attn
            qkv = turn(F.linear(layer.norm1(x), attention.in_proj_weight, attention.in_proj_bias))
            q, k, v = (
                part.view(batch, time, MEASURES["n_head"], -1).transpose(1, 2) for part in qkv.split(width, dim=2)
            )
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=seen.view(batch, 1, 1, time))
            x = x + attention.out_proj(y.transpose(1, 2).reshape(batch, time, width))
            x = x + layer.linear2(layer.activation(layer.linear1(layer.norm2(x))))
        return self.stack.norm(x)


def named(encoder):
    """Names as the project has them, parameters, and whether they stand the other way round there (as in GPT-2's Conv1D)."""
    yield "encoder.wte.weight", encoder.wte.weight, False
    yield "encoder.wpe.weight", encoder.wpe.weight, False
    for i, layer in enumerate(encoder.stack.layers):
        products = {
            "attn.c_attn": (layer.self_attn.in_proj_weight, layer.self_attn.in_proj_bias),
            "attn.c_proj": (layer.self_attn.out_proj.weight, layer.self_attn.out_proj.bias),
            "mlp.c_fc": (layer.linear1.weight, layer.linear1.bias),
            "mlp.c_proj": (layer.linear2.weight, layer.linear2.bias),
        }
        for name, (weight, bias) in products.items():
            yield f"encoder.h.{i}.{name}.weight", weight, True
            yield f"encoder.h.{i}.{name}.bias", bias, False
        for name, norm in {"ln_1": layer.norm1, "ln_2": layer.norm2}.items():
            yield f"encoder.h.{i}.{name}.weight", norm.weight, False
            yield f"encoder.h.{i}.{name}.bias", norm.bias, False
    yield "encoder.ln_f.weight", encoder.stack.norm.weight, False
    yield "encoder.ln_f.bias", encoder.stack.norm.bias, False


def parameters_of(model, encoder):
    yield from ((name, parameter, False) for name, parameter in model.transformer.named_parameters())
    yield from named(encoder)


def make(case, positions):
    torch.manual_seed(9)
    torch.use_deterministic_algorithms(True)
    config = transformers.GPT2Config(
        bos_token_id=1,
        eos_token_id=2,
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        attn_implementation="eager",
        add_cross_attention=True,
        **MEASURES,
    )
    model = transformers.GPT2LMHeadModel(config)
    encoder = Encoder()
    if positions == "rotary":
        turn_attention(model)
    # Larger than GPT-2's beginning, so that every part of the model shows in the output.
    with torch.no_grad():
        for name, parameter, _ in parameters_of(model, encoder):
            if name.endswith("bias"):
                parameter.normal_(0, 0.1)
            elif "ln_" in name:
                parameter.normal_(1, 0.1)
            else:
                parameter.normal_(0, 0.15)
    ids = torch.randint(0, MEASURES["vocab_size"], (3, MEASURES["n_positions"]))
    targets = torch.randint(0, MEASURES["vocab_size"], ids.shape)
    targets[0, ::4] = -100
    source = torch.randint(0, MEASURES["vocab_size"], (3, 9))
    lengths = torch.tensor([9, 5, 1])
    seen = torch.arange(9) < lengths.view(3, 1)
    logits = model(
        ids, encoder_hidden_states=encoder(source, seen, positions == "rotary"), encoder_attention_mask=seen.long()
    ).logits
    loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
    loss.backward()
    tensors = {
        "ids": ids.int(),
        "targets": targets.int(),
        "source": source.int(),
        "lengths": lengths.int(),
        "logits": logits,
        "loss": loss,
    }
    for name, parameter, turned in parameters_of(model, encoder):
        for kind, value in {"parameter": parameter, "gradient": parameter.grad}.items():
            tensors[f"{kind}/{name}"] = value.T if turned else value
    metadata = {
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "safetensors": safetensors.__version__,
        "config": json.dumps({**MEASURES, "encoder_layers": ENCODER_LAYERS, "position_embedding_type": positions}),
    }
    flat = {name: tensor.detach().contiguous().clone() for name, tensor in tensors.items()}
    safetensors.torch.save_file(flat, f"test/golden/model/{case}.safetensors", metadata)


if __name__ == "__main__":
    make("encoder", "absolute")
    make("rotary-encoder", "rotary")
