"""The same training steps in PyTorch, eager: python train.py [--steps N] [--threads N] [--compile]"""

import argparse
import json
import resource
import time

import torch
import torch.nn.functional as F
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int, default=20)
parser.add_argument("--warmup", type=int, default=5)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--width", type=int, default=256)
parser.add_argument("--context", type=int, default=256)
parser.add_argument("--batch", type=int, default=8)
parser.add_argument("--dropout", type=float, default=0)
parser.add_argument("--compile", action="store_true")
parser.add_argument("--device", default="cpu")
args = parser.parse_args()
torch.set_num_threads(args.threads)
torch.manual_seed(1)
torch.set_default_device(args.device)
finish = torch.cuda.synchronize if args.device == "cuda" else lambda: None
VOCABULARY, LAYERS = 512, 4
HEADS = args.width // 64


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.c_attn, self.attn_proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.c_fc, self.mlp_proj = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        batch, time_, width = x.shape
        q, k, v = (
            part.view(batch, time_, HEADS, width // HEADS).transpose(1, 2)
            for part in self.c_attn(self.ln_1(x)).split(width, dim=2)
        )
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, dropout_p=args.dropout)
        y = y.transpose(1, 2).reshape(batch, time_, width)
        x = x + F.dropout(self.attn_proj(y), args.dropout)
        inner = F.gelu(self.c_fc(self.ln_2(x)), approximate="tanh")
        return x + F.dropout(self.mlp_proj(inner), args.dropout)


class Model(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(VOCABULARY, width), nn.Embedding(args.context, width)
        self.blocks = nn.ModuleList(Block(width) for _ in range(LAYERS))
        self.ln_f = nn.LayerNorm(width)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, ids, targets):
        x = self.wte(ids) + self.wpe(torch.arange(ids.shape[1]))
        x = F.dropout(x, args.dropout)
        for block in self.blocks:
            x = block(x)
        logits = self.ln_f(x) @ self.wte.weight.T
        return F.cross_entropy(logits.view(-1, VOCABULARY), targets.view(-1))


model = Model(args.width)
decays = [p for p in model.parameters() if p.dim() > 1]
others = [p for p in model.parameters() if p.dim() <= 1]
optimizer = torch.optim.AdamW(
    [{"params": decays, "weight_decay": 0.1}, {"params": others, "weight_decay": 0}], lr=1e-3, betas=(0.9, 0.95)
)
step = torch.compile(model) if args.compile else model
n = args.batch * args.context
ids = torch.tensor([(i * 7919 + (i >> 3)) % 512 for i in range(n + 1)])
inputs, targets = ids[:-1].view(args.batch, -1), ids[1:].view(args.batch, -1)
times = []
for i in range(args.warmup + args.steps):
    start = time.perf_counter()
    loss = step(inputs, targets)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1)
    optimizer.step()
    optimizer.zero_grad()
    finish()
    if i >= args.warmup:
        times.append((time.perf_counter() - start) * 1e3)
times.sort()
print(
    json.dumps(
        {
            "engine": f"torch {torch.__version__} {'compile' if args.compile else 'eager'}",
            "device": torch.cuda.get_device_name() if args.device == "cuda" else args.device,
            "threads": args.threads,
            "msMedian": round(times[len(times) // 2], 1),
            "msBest": round(times[0], 1),
            "tokensPerSecond": round(n / times[len(times) // 2] * 1e3),
            "loss": loss.item(),
            "rssMB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }
    )
)
