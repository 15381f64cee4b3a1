import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  createMidiTokTokenizer,
  createTokenizer,
  pipelineConfig,
  type TokenizerOptions,
  tokenizerFromJSON,
  tokenizerNames,
} from "../../src/tokens/index.js";
import { pythonSetOrder } from "../../src/tokens/rounding.js";
import { grammarConfigs, miditokNames } from "./configs.js";

const saved = (name: string): string => readFileSync(`test/golden/tokens/saved-${name}.json`, "utf8");
const namesOf = (tokenizer: ReturnType<typeof createTokenizer>): readonly string[] =>
  tokenizer.vocabulary.names;

describe("a vocabulary", () => {
  it("has no more ids than 16 bits can say", () => {
    const options = { maxBarEmbedding: 60_000, beatRes: [{ from: 0, to: 20, resolution: 480 }] };
    expect(() => createTokenizer("remi", options)).toThrow(/vocabulary: 75556 ids; expected at most 65536/);
  });

  it.each(tokenizerNames)("of %s knows its own ids only", (name) => {
    const { vocabulary } = createTokenizer(name, {});
    for (const id of [-1, vocabulary.size, 0.5]) expect(() => vocabulary.nameOf(id)).toThrow(/invalid id/);
    expect(vocabulary.nameOf(vocabulary.size - 1)).toBe(vocabulary.names.at(-1));
  });
});

describe("a tokenizer's JSON", () => {
  it.each(miditokNames)("that MidiTok saved loads as the default of %s", (name) => {
    const loaded = tokenizerFromJSON(saved(name));
    expect(loaded.name).toBe(name);
    expect(namesOf(loaded)).toEqual(namesOf(createTokenizer(name)));
  });

  it.each(miditokNames)("that MidiTok saved has the options that %s writes", (name) => {
    const theirs = JSON.parse(saved(name)).config;
    const ours = createTokenizer(name).toJSON().config as Record<string, unknown>;
    for (const [key, value] of Object.entries(ours)) {
      if (key === "time_signature_range")
        expect(value).toEqual({ "08": [3, 12, 6], "04": [5, 6, 3, 2, 1, 4] });
      else expect(value, key).toEqual(theirs[key]);
    }
  });

  const cases = miditokNames.flatMap((name) =>
    Object.entries({ ...grammarConfigs, pipeline: pipelineConfig }).map(
      ([label, options]) => [name, label, options] as const,
    ),
  );
  it.each(cases)(
    "of %s, %s, makes the same tokenizer again, as text and as object",
    (name, _label, options) => {
      const tokenizer = createMidiTokTokenizer(name, options);
      const text = JSON.stringify(tokenizer.toJSON());
      expect(namesOf(tokenizerFromJSON(text))).toEqual(namesOf(tokenizer));
      expect(namesOf(tokenizerFromJSON(JSON.parse(text)))).toEqual(namesOf(tokenizer));
      expect(tokenizerFromJSON(text).toJSON()).toEqual(tokenizer.toJSON());
    },
  );

  it("keeps the order of denominators in text, and refuses to guess it from an object", () => {
    const range = '{"config": {"time_signature_range": {"8": [6], "4": [4, 3]}}, "tokenization": "REMI"}';
    const meters = namesOf(tokenizerFromJSON(range)).filter((token) => token.startsWith("TimeSig"));
    expect(meters).toEqual(["TimeSig_6/8", "TimeSig_4/4", "TimeSig_3/4"]);
    expect(() => tokenizerFromJSON(JSON.parse(range))).toThrow(/time_signature_range.*JSON\.parse.*text/);
  });

  it.each([
    ["use_chords", { use_chords: true }],
    ["use_pitch_intervals", { use_pitch_intervals: true }],
    ["use_control_changes", { use_control_changes: true }],
    ["ac_polyphony_bar", { ac_polyphony_bar: true }],
    ["use_microtiming", { use_microtiming: true }],
    ["additional_params.max_microtiming_shift", { additional_params: { max_microtiming_shift: 0.125 } }],
  ])("with %s is not supported, and says so", (option, config) => {
    const load = (): unknown => tokenizerFromJSON({ tokenization: "REMI", config });
    expect(load).toThrow(expect.objectContaining({ kind: "unsupported" }));
    expect(load).toThrow(option);
  });

  it("of a trained vocabulary is not supported", () => {
    const json = { tokenization: "REMI", config: {}, _model: "{}" };
    expect(() => tokenizerFromJSON(json)).toThrow(/unsupported.*trained vocabulary/);
  });

  it.each([
    ["not JSON", "{", "invalid"],
    ["a list", "[]", "invalid"],
    ["null", "null", "invalid"],
    ["no tokenization", "{}", "missing"],
    ["another tokenizer", '{"tokenization": "Octuple", "config": {}}', "unknown"],
    ["no config", '{"tokenization": "REMI"}', "invalid"],
    ["a beat range that is none", '{"tokenization": "REMI", "config": {"beat_res": {"four": 8}}}', "invalid"],
    [
      "a resolution that is none",
      '{"tokenization": "REMI", "config": {"beat_res": {"0_4": "8"}}}',
      "invalid",
    ],
    [
      "a denominator that is none",
      '{"tokenization": "TSD", "config": {"time_signature_range": {"x": [1]}}}',
      "invalid",
    ],
  ])("that is %s is refused", (_label, text, kind) => {
    expect(() => tokenizerFromJSON(text)).toThrow(expect.objectContaining({ name: "AttaccaError", kind }));
  });
});

describe("options", () => {
  const wrong: readonly (readonly [string, TokenizerOptions])[] = [
    ["pitch_range", { pitchRange: [60, 50] }],
    ["pitch_range", { pitchRange: [0, 128] }],
    ["num_velocities", { numVelocities: 0 }],
    ["num_velocities", { numVelocities: 2.5 }],
    ["beat_res", { beatRes: [] }],
    [
      "beat_res",
      {
        beatRes: [
          { from: 4, to: 8, resolution: 8 },
          { from: 0, to: 4, resolution: 8 },
        ],
      },
    ],
    ["beat_res_rest", { useRests: true, beatResRest: [{ from: 0, to: 4, resolution: 16 }] }],
    ["use_rests", { useRests: true, useNoteDurationPrograms: [0] }],
    ["time_signature_range", { timeSignatureRange: [{ denominator: 8, numerators: [6] }] }],
    ["time_signature_range", { timeSignatureRange: [{ denominator: 4, numerators: [3] }] }],
    ["time_signature_range", { timeSignatureRange: [{ denominator: 5, numerators: [4] }] }],
    ["tempo_range", { tempoRange: [200, 100] }],
    ["pitch_bend_range", { pitchBendRange: [100, -100, 4] }],
    ["programs", { programs: [128] }],
    ["special_tokens", { specialTokens: ["PAD"] }],
  ];
  it.each(wrong)("with a wrong %s are refused by name", (option, options) => {
    const create = (): unknown => createMidiTokTokenizer("remi", options);
    expect(create).toThrow(expect.objectContaining({ kind: "invalid" }));
    expect(create).toThrow(option);
  });

  it("that don't exist are refused by name", () => {
    expect(() => createTokenizer("remi", { useTempo: true })).toThrow(/use_tempo/);
  });

  it("of a name that doesn't exist are refused with the names that do", () => {
    expect(() => createTokenizer("octuple" as "remi")).toThrow(tokenizerNames.join(", "));
  });
});

describe("the order of a Python set", () => {
  // From CPython 3.11: list(set(values)).
  it.each([
    [
      [59, 32, 93],
      [32, 59, 93],
    ],
    [
      [120, 15, 2, 119],
      [120, 2, 119, 15],
    ],
    [
      [65, 58, 48, 119, 120],
      [65, 48, 119, 120, 58],
    ],
    [
      [100, 37, 58, 98, 2, 15],
      [2, 98, 100, 37, 15, 58],
    ],
    [
      [39, 9, 76, 6, 67, 120, 98, 108, 100, 112, 33, 92],
      [33, 98, 67, 100, 6, 39, 9, 76, 108, 112, 120, 92],
    ],
  ])("of %j is %j", (values, order) => {
    expect(pythonSetOrder(values)).toEqual(order);
  });
});
