import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type DecodedSummary, decodedSummary } from "../../scripts/miditok-summary.js";
import { readScore } from "../../src/midi/index.js";
import { type Tokenizer, tokenizerFromJSON } from "../../src/tokens/index.js";

interface Case {
  readonly seed: number;
  readonly tokenizer: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly midi: string;
  readonly vocabulary: string;
  readonly ids: readonly (readonly number[])[];
  readonly decoded?: DecodedSummary;
  readonly odd?: readonly (readonly number[])[];
  readonly oddDecoded?: DecodedSummary;
  /** Events lie between positions, since a finer meter vanished. */
  readonly offGrid?: boolean;
  /** Notes or pedals end where they begin. */
  readonly noLength?: boolean;
}

// Made by scripts/goldens-miditok.py with the real MidiTok, whose version stands in the file.
const { cases }: { readonly cases: readonly Case[] } = JSON.parse(
  readFileSync("test/golden/tokens/cases.json", "utf8"),
);
const rows = cases.map((one) => [one.tokenizer, one.seed, one] as const);

function tokenizerOf({ tokenizer, config }: Case): Tokenizer {
  return tokenizerFromJSON({ tokenization: tokenizer, config });
}

/** What the grammar allows: all but two kinds of score that it says it cannot. */
function isRegular({ offGrid = false, noLength = false }: Case): boolean {
  return !offGrid && !noLength;
}

describe("a generated score under a generated config", () => {
  it.each(rows)("has the vocabulary and ids of MidiTok's %s (seed %i)", (_name, _seed, one) => {
    const tokenizer = tokenizerOf(one);
    const names = createHash("sha256").update(tokenizer.vocabulary.names.join("\n")).digest("hex");
    expect(names).toBe(one.vocabulary);
    const { score } = readScore(Buffer.from(one.midi, "base64"));
    expect(tokenizer.encode(score).map((ids) => [...ids])).toEqual(one.ids);
  });

  it.each(rows.filter(([, , one]) => one.decoded))(
    "is decoded as by MidiTok's %s (seed %i)",
    (_name, _seed, one) => {
      expect(decodedSummary(tokenizerOf(one).decode(one.ids))).toEqual(one.decoded);
    },
  );

  it.each(rows.filter(([, , one]) => one.odd))(
    "is decoded as by MidiTok's %s where ids make no sense (seed %i)",
    (_name, _seed, one) => {
      expect(decodedSummary(tokenizerOf(one).decode(one.odd ?? []))).toEqual(one.oddDecoded);
    },
  );

  it.each(rows.filter(([, , one]) => isRegular(one)))(
    "is allowed by the grammar of %s (seed %i)",
    (_name, _seed, one) => {
      const tokenizer = tokenizerOf(one);
      const mask = new Uint8Array(tokenizer.vocabulary.size);
      for (const ids of one.ids) {
        const grammar = tokenizer.grammar();
        const stream = [tokenizer.special.begin, ...ids, tokenizer.special.end, tokenizer.special.pad];
        stream.forEach((id, index) => {
          grammar.allowed(mask);
          expect(mask[id], `${tokenizer.vocabulary.nameOf(id)} at ${index}`).toBe(1);
          grammar.push(id);
        });
      }
    },
  );
});

describe("the goldens", () => {
  it("come from 200 scores or more, few of which the grammar cannot allow", () => {
    expect(cases.length).toBeGreaterThanOrEqual(200);
    expect(cases.filter((one) => !isRegular(one)).length).toBeLessThan(cases.length / 10);
  });

  it("reach every option, on and off", () => {
    const seen = new Set(cases.flatMap((one) => Object.keys({ ...one.config, ...extrasOf(one) })));
    for (const option of options) expect(seen, option).toContain(option);
  });

  it("reach every kind of token", () => {
    const seen = new Set<string>();
    for (const one of cases) {
      const { vocabulary } = tokenizerOf(one);
      for (const ids of one.ids) for (const id of ids) seen.add(vocabulary.nameOf(id).split("_")[0]);
    }
    expect([...seen].sort()).toEqual([...kinds].sort());
  });
});

function extrasOf(one: Case): object {
  return (one.config.additional_params ?? {}) as object;
}

const options = [
  "pitch_range",
  "beat_res",
  "num_velocities",
  "special_tokens",
  "use_velocities",
  "use_note_duration_programs",
  "use_rests",
  "use_tempos",
  "use_time_signatures",
  "use_key_signatures",
  "use_sustain_pedals",
  "use_pitch_bends",
  "use_programs",
  "use_pitchdrum_tokens",
  "default_note_duration",
  "programs",
  "one_token_stream_for_programs",
  "program_changes",
  "beat_res_rest",
  "num_tempos",
  "tempo_range",
  "log_tempos",
  "remove_duplicated_notes",
  "delete_equal_successive_tempo_changes",
  "delete_equal_successive_time_sig_changes",
  "time_signature_range",
  "sustain_pedal_duration",
  "pitch_bend_range",
  "drums_pitch_range",
  "max_bar_embedding",
  "use_bar_end_tokens",
  "add_trailing_bars",
  "max_duration",
];

const kinds = [
  "Bar",
  "Position",
  "Pitch",
  "PitchDrum",
  "NoteOn",
  "NoteOff",
  "DrumOn",
  "DrumOff",
  "Velocity",
  "Duration",
  "TimeShift",
  "Rest",
  "Tempo",
  "Program",
  "TimeSig",
  "KeySig",
  "Pedal",
  "PedalOff",
  "PitchBend",
];
