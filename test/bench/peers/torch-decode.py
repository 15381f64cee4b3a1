"""Greedy generation with a KV cache in PyTorch, eager: python decode.py [--batch N] [--threads N]"""

import argparse
import json
import time

import torch
import torch.nn.functional as F

parser = argparse.ArgumentParser()
parser.add_argument("--batch", type=int, default=1)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--rounds", type=int, default=10)
parser.add_argument("--width", type=int, default=256)
parser.add_argument("--context", type=int, default=256)
parser.add_argument("--device", default="cpu")
args = parser.parse_args()
torch.set_num_threads(args.threads)
torch.manual_seed(1)
torch.set_default_device(args.device)
V, L, C, T, B = 512, 4, args.width, args.context, args.batch
H = C // 64


def weights(inputs, outputs):
    return torch.randn(outputs, inputs) * 0.02, torch.zeros(outputs)


wte, wpe = torch.randn(V, C) * 0.02, torch.randn(T, C) * 0.02
blocks = [(weights(C, 3 * C), weights(C, C), weights(C, 4 * C), weights(4 * C, C)) for _ in range(L)]
one, zero = torch.ones(C), torch.zeros(C)
keys = [torch.zeros(B, H, T, C // H) for _ in range(L)]
values = [torch.zeros(B, H, T, C // H) for _ in range(L)]


def step(ids, t):
    x = wte[ids] + wpe[t]
    for i, (qkv, proj, fc, out) in enumerate(blocks):
        q, k, v = F.linear(F.layer_norm(x, (C,), one, zero), *qkv).view(B, 3, H, 1, C // H).unbind(1)
        keys[i][:, :, t : t + 1], values[i][:, :, t : t + 1] = k, v
        y = F.scaled_dot_product_attention(q, keys[i][:, :, : t + 1], values[i][:, :, : t + 1])
        x = x + F.linear(y.reshape(B, C), *proj)
        x = x + F.linear(F.gelu(F.linear(F.layer_norm(x, (C,), one, zero), *fc), approximate="tanh"), *out)
    return F.layer_norm(x, (C,), one, zero) @ wte.T


times = []
with torch.inference_mode():
    for r in range(args.rounds + 2):
        ids = torch.arange(B)
        start = time.perf_counter()
        for t in range(T):
            ids = step(ids, t).argmax(-1)
            ids.tolist()
        if r >= 2:
            times.append((time.perf_counter() - start) * 1e3 / T)
times.sort()
median = times[len(times) // 2]
print(
    json.dumps(
        {
            "engine": f"torch {torch.__version__} eager",
            "device": torch.cuda.get_device_name() if args.device == "cuda" else args.device,
            "threads": args.threads,
            "batch": B,
            "way": "cached",
            "msPerToken": round(median, 3),
            "tokensPerSecond": round(1e3 / median * B),
        }
    )
)
