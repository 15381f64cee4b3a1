"""Rotary positions as transformers applies them in Llama, for the scripts that make reference tensors."""

import math

import torch
from transformers.models.llama.modeling_llama import apply_rotary_pos_emb


def rotary(heads):
    """Rotary positions as transformers applies them in Llama; `turns` has half of a head's depth cosines, then as many sines."""

    def function(qkv, turns):
        batch, time, width3 = qkv.shape
        q, k, v = qkv.split(width3 // 3, dim=2)
        cos, sin = (torch.cat([part, part], 1).unsqueeze(0) for part in turns.chunk(2, dim=1))
        q, k = apply_rotary_pos_emb(
            *(part.view(batch, time, heads, -1).transpose(1, 2) for part in (q, k)), cos, sin
        )
        return torch.cat([*(part.transpose(1, 2).flatten(2) for part in (q, k)), v], 2)

    return function


def turns_of(positions, depth):
    """Periods from 2 up to four times the positions, in equal ratios."""
    pairs = torch.arange(depth // 2, dtype=torch.float64) / (depth // 2)
    periods = 2 * (2 * positions) ** pairs
    angles = 2 * math.pi * torch.arange(positions, dtype=torch.float64).view(-1, 1) / periods
    return torch.cat([angles.cos(), angles.sin()], 1).float()


def turn_attention(model):
    """Has a GPT-2 of transformers turn the queries and keys of its own attention (cross-attention has other projections)."""
    config = model.config
    turn = rotary(config.n_head)
    turns = turns_of(config.n_positions, config.n_embd // config.n_head)
    for block in model.transformer.h:
        block.attn.c_attn.register_forward_hook(lambda _, __, qkv: turn(qkv, turns[: qkv.shape[1]]))
