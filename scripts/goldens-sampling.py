"""Makes test/golden/generate/sampling.json: what Hugging Face transformers' logits processors give.

    python scripts/goldens-sampling.py

Each case has logits, the ids before them, options, and the logits after the processors in the order of
src/generate/sampling.ts. -Infinity is written as null. Made with the versions recorded in the file.
"""

import json
import pathlib

import torch
import transformers
from transformers.generation import logits_process as lp

torch.manual_seed(20)
OUT = pathlib.Path(__file__).parent.parent / "test" / "golden" / "generate" / "sampling.json"


def processors(options):
    """The processors of a case, in the order mask, penalty, ban of repeats, temperature, top-k, top-p, min-p, typical."""
    chain = []
    if "repetitionPenalty" in options:
        chain.append(lp.RepetitionPenaltyLogitsProcessor(options["repetitionPenalty"]))
    if "banRepeats" in options:
        chain.append(lp.NoRepeatNGramLogitsProcessor(options["banRepeats"]))
    if "temperature" in options:
        chain.append(lp.TemperatureLogitsWarper(options["temperature"]))
    if "topK" in options:
        chain.append(lp.TopKLogitsWarper(options["topK"]))
    if "topP" in options:
        chain.append(lp.TopPLogitsWarper(options["topP"]))
    if "minP" in options:
        chain.append(lp.MinPLogitsWarper(options["minP"]))
    if "typicalP" in options:
        chain.append(lp.TypicalLogitsWarper(options["typicalP"]))
    return chain


def case(name, logits, ids, options, forbidden=()):
    scores = logits.clone()[None]
    if forbidden:
        scores = lp.SuppressTokensLogitsProcessor(list(forbidden))(None, scores)
    for processor in processors(options):
        scores = processor(torch.tensor([ids], dtype=torch.long), scores)
    after = [None if value == float("-inf") else value for value in scores[0].tolist()]
    before = [float(f"{value:.9g}") for value in logits.tolist()]
    return {"name": name, "logits": before, "ids": ids, "forbidden": list(forbidden), "options": options, "after": after}


def main():
    cases = []
    single = [
        {"repetitionPenalty": 1.3},
        {"repetitionPenalty": 0.8},
        {"temperature": 0.7},
        {"temperature": 1.9},
        {"topK": 1},
        {"topK": 5},
        {"topK": 24},
        {"topK": 1000},
        {"topP": 0.1},
        {"topP": 0.5},
        {"topP": 0.95},
        {"topP": 1.0},
        {"minP": 0.0},
        {"minP": 0.05},
        {"minP": 0.5},
        {"minP": 1.0},
    ]
    together = [
        {"repetitionPenalty": 1.2, "temperature": 0.9, "topK": 12, "topP": 0.9, "minP": 0.02},
        {"repetitionPenalty": 1.5, "temperature": 1.4, "topP": 0.8},
        {"temperature": 0.6, "topK": 4, "minP": 0.1},
    ]
    for options in single + together:
        for scale, forbidden in ((1.0, ()), (4.0, (0, 3, 7, 11, 20))):
            logits = torch.randn(24) * scale
            ids = torch.randint(0, 24, (9,)).tolist()
            label = ", ".join(f"{key} {value}" for key, value in options.items())
            cases.append(case(f"{label}, deviation {scale}", logits, ids, options, forbidden))
    tied = torch.tensor([1.0, 3.0, 2.0, 3.0, 2.0, 2.0, -1.0, 3.0])
    cases.append(case("topK 2 with three equal at the top", tied, [0], {"topK": 2}))
    cases.append(case("topK 4 with ties at the edge", tied, [0], {"topK": 4}))
    cases.append(case("minP 1 with ties", tied, [0], {"minP": 1.0}))
    for options in (
        {"typicalP": 0.1},
        {"typicalP": 0.5},
        {"typicalP": 0.95},
        {"temperature": 0.8, "topK": 10, "typicalP": 0.7},
    ):
        for scale, forbidden in ((1.0, ()), (4.0, (0, 3, 7, 11, 20))):
            label = ", ".join(f"{key} {value}" for key, value in options.items())
            cases.append(case(f"{label}, deviation {scale}", torch.randn(24) * scale, [1], options, forbidden))
    cases.append(case("banRepeats 2 behind a repeated id", torch.randn(6), [1, 2, 3, 2, 4, 2], {"banRepeats": 2}))
    cases.append(case("banRepeats 3 inside a loop", torch.randn(6), [1, 2, 3, 1, 2, 3, 1, 2], {"banRepeats": 3}))
    cases.append(case("banRepeats 3 without a repeat", torch.randn(6), [1, 2, 3, 4, 5], {"banRepeats": 3}))
    cases.append(case("banRepeats 9 behind fewer ids", torch.randn(6), [1, 2, 1, 2], {"banRepeats": 9}))
    cases.append(
        case("banRepeats 4 and a nucleus", torch.randn(6), [5, 5, 5, 5, 5], {"banRepeats": 4, "topP": 0.6})
    )
    document = {
        "madeBy": "scripts/goldens-sampling.py",
        "transformers": transformers.__version__,
        "torch": torch.__version__,
        "cases": cases,
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(document, indent=None, separators=(",", ":")) + "\n")
    print(f"{len(cases)} cases, {OUT.stat().st_size} bytes")


main()
