"""Loads a checkpoint folder with transformers' GPT2LMHeadModel and compares its logits with ours.

Needs torch, transformers and safetensors. From the project's root, after `npm run build`:

    node build/scripts/write-logits.js CHECKPOINT /tmp/logits.safetensors
    python scripts/check-transformers.py CHECKPOINT /tmp/logits.safetensors

Ends with 1 if any logit is off by more than 1e-4 of the largest, or if a tensor was missing or left over.
"""

import sys

import safetensors.torch
import torch
import transformers

LIMIT = 1e-4


def main(folder, path):
    model, report = transformers.GPT2LMHeadModel.from_pretrained(folder, output_loading_info=True)
    # The tied head isn't in the file, and isn't missed.
    problems = {
        kind: sorted(name for name in names if name != "lm_head.weight")
        for kind, names in report.items()
        if kind in ("missing_keys", "unexpected_keys", "mismatched_keys")
    }
    ours = safetensors.torch.load_file(path)
    with torch.no_grad():
        theirs = model.eval().float()(ours["ids"].long()).logits
    error = ((theirs - ours["logits"]).abs().max() / theirs.abs().max()).item()
    generation = transformers.GenerationConfig.from_pretrained(folder)
    print(f"transformers {transformers.__version__}, torch {torch.__version__}")
    print(f"{model.num_parameters():,} parameters; {problems}; max_length {generation.max_length}")
    print(f"largest logit {theirs.abs().max().item():.4g}; relative error {error:.2g} (limit {LIMIT:g})")
    return 0 if error <= LIMIT and not any(problems.values()) else 1


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
