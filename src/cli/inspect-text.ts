import type { CheckpointInspection, DatasetInspection, Inspection, MidiInspection } from "../node/inspect.js";
import { pitchName, type TrackDescription } from "../view/index.js";
import { counted } from "./terminal.js";

/** One thing that is said: a name and a value, or, without a name, a line by itself. */
type Line = readonly [name: string, value: string];

/** Warnings that are listed before the rest is only counted. */
const WARNINGS_SHOWN = 8;
const CHANGES_SHOWN = 6;

/** What there is to say of an inspected path, as lines of at most `width` columns (40 or more). */
export function inspectionLines(inspection: Inspection, width: number): string[] {
  const lines = linesOf(inspection);
  const indent = Math.max(...lines.map(([name]) => name.length)) + 2;
  return lines.flatMap(([name, value]) =>
    wrap(value, Math.max(20, Math.max(40, width) - indent)).map((part, i) =>
      `${(i === 0 ? name : "").padEnd(indent)}${part}`.trimEnd(),
    ),
  );
}

function linesOf(inspection: Inspection): Line[] {
  switch (inspection.kind) {
    case "midi":
      return midiLines(inspection);
    case "dataset":
      return datasetLines(inspection);
    case "checkpoint":
      return checkpointLines(inspection);
  }
}

const number = (value: number): string => value.toLocaleString("en-GB");

function midiLines({ path, bytes, format, description, grid, warnings }: MidiInspection): Line[] {
  const { bars, seconds, notes, tempos, meters, keys, tracks, ticksPerQuarter } = description;
  const lines: Line[] = [
    ["file", `${path}, ${counted(bytes, "byte")}`],
    ["format", `MIDI type ${format}, ${counted(ticksPerQuarter, "tick")} a quarter`],
    ["length", `${counted(bars, "bar")}, ${clock(seconds)}, ${counted(notes, "note")}`],
    ["tempo", `${changes(tempos.map((each) => [each.bar, `${each.quartersPerMinute}`]))} quarters a minute`],
    ["meter", changes(meters.map((each) => [each.bar, each.meter]))],
  ];
  if (keys.length > 0) lines.push(["key", changes(keys.map((each) => [each.bar, each.key]))]);
  for (const [index, track] of tracks.entries()) lines.push([`track ${index + 1}`, trackText(track)]);
  lines.push(["grid", gridText(grid)]);
  for (const { byte, message } of warnings.slice(0, WARNINGS_SHOWN)) {
    lines.push(["warning", `byte ${number(byte)}: ${message}`]);
  }
  if (warnings.length > WARNINGS_SHOWN) {
    lines.push(["", `${number(warnings.length - WARNINGS_SHOWN)} more warnings (--json lists them)`]);
  }
  return lines;
}

function changes(list: readonly (readonly [bar: number, value: string])[]): string {
  const shown = list
    .slice(0, CHANGES_SHOWN)
    .map(([bar, value], i) => (i === 0 ? value : `${value} from bar ${bar}`));
  const more = list.length - shown.length;
  return shown.join(", ") + (more > 0 ? `, and ${counted(more, "more change")}` : "");
}

function trackText(track: TrackDescription): string {
  const { name, instrument, isDrum, channel, notes, lowestPitch, highestPitch, polyphony } = track;
  const parts = [
    name === instrument ? name : `${name}: ${instrument}`,
    `channel ${channel}`,
    counted(notes, "note"),
  ];
  if (lowestPitch !== undefined && highestPitch !== undefined && !isDrum) {
    parts.push(`${pitchName(lowestPitch)} to ${pitchName(highestPitch)}`);
  }
  if (polyphony > 1) parts.push(`${polyphony} at once`);
  if (track.controls > 0) parts.push(counted(track.controls, "control change"));
  if (track.pitchBends > 0) parts.push(counted(track.pitchBends, "pitch bend"));
  return parts.join(", ");
}

function gridText({
  notes,
  meanDistance,
  isPoor,
  distanceWithOffset,
  offsetTicks,
}: MidiInspection["grid"]): string {
  if (notes === 0) return "no notes";
  const found = `onsets are ${meanDistance.toFixed(2)} of a 16th off the grid on average (0 is on it, 0.25 is chance)`;
  if (!isPoor) return found;
  const hears = "POOR: a tokenizer on beats hears another rhythm.";
  return distanceWithOffset < meanDistance / 2
    ? `${found}. ${hears} With an offset of ${Math.round(offsetTicks)} ticks it would be ${distanceWithOffset.toFixed(2)}: ` +
        'use "--align offset"'
    : `${found}. ${hears} No constant offset explains it (${distanceWithOffset.toFixed(2)} at best)`;
}

/** `75.3` → `1:15`. */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")} minutes`;
}

function datasetLines(inspection: DatasetInspection): Line[] {
  const { splits, pieceLength, skipped, preparation } = inspection;
  const lines: Line[] = [
    ["dataset", `${inspection.path}, made by attacca ${inspection.attacca}`],
    ["tokenizer", `${inspection.tokenizer}, ${number(inspection.vocabularySize)} ids`],
  ];
  for (const [name, { pieces, tokens }] of Object.entries(splits)) {
    lines.push([name, `${counted(pieces, "piece")}, ${counted(tokens, "token")}`]);
  }
  const { shortest, median, longest } = pieceLength;
  lines.push([
    "pieces",
    `${number(shortest)} to ${number(longest)} tokens, half of them up to ${number(median)}`,
  ]);
  const { align, timeSignature: meter, melody } = preparation;
  if (melody !== undefined) {
    lines.push([
      "melodies",
      `${counted(inspection.melodyTokens ?? 0, "token")}, apart from what is written to them`,
    ]);
  }
  const override = meter === undefined ? "" : ` --time-signature ${meter.numerator}/${meter.denominator}`;
  lines.push([
    "made with",
    `--align ${align === "beats" ? "annotated beats" : align}${override}${melody === undefined ? "" : ` --melody ${melody}`}`,
  ]);
  const left = Object.entries(skipped).map(([kind, count]) => `${number(count)} ${kind}`);
  lines.push(["left out", left.length === 0 ? "nothing" : `${left.join(", ")} (see skipped.jsonl)`]);
  lines.push(["content", "whole: every shard has the hash that the manifest says"]);
  return lines;
}

/** What kind of model this is. Only the first is one that other programs know. */
function modelText(config: CheckpointInspection["config"]): string {
  const positions = config.position_embedding_type === "rotary" ? ", rotary positions" : "";
  return `${decoderText(config)}${positions}`;
}

function decoderText({ attention, encoder_layers: encoder }: CheckpointInspection["config"]): string {
  if (encoder > 0) return `decoder with an encoder of ${counted(encoder, "layer")}, for attacca harmonize`;
  if (attention === "causal") return "GPT-2 decoder";
  if (attention === "lookahead") return "decoder with lookahead keys, causal";
  if (attention === "masked") return "masked model with attention in both directions, for infilling";
  return attention === "full"
    ? "decoder with full attention over each prefix"
    : "decoder with full attention over finished bars, causal in the current one";
}

function checkpointLines(inspection: CheckpointInspection): Line[] {
  const { config, training, tokenizer, resumable } = inspection;
  const megabytes = (inspection.bytes / 1e6).toFixed(1);
  const lines: Line[] = [
    ["checkpoint", `${inspection.path}, ${megabytes} MB`],
    ["model", `${modelText(config)}, ${counted(inspection.parameters, "parameter")}`],
    [
      "measures",
      `${counted(config.n_layer, "layer")}, ${counted(config.n_head, "head")}, width ${config.n_embd}, context ${number(config.n_positions)}`,
    ],
    ["tokenizer", `${tokenizer ?? "none"}, ${number(config.vocab_size)} ids`],
    ["weights", `sha256 ${inspection.hash.slice(0, 16)}…`],
  ];
  const progress = (training?.progress ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof progress.step === "number") {
    const best = progress.bestValidationLoss;
    const loss =
      typeof best === "number" ? `, best validation loss ${best.toFixed(4)} (step ${progress.bestStep})` : "";
    lines.push(["training", `step ${number(progress.step)}${loss}`]);
  }
  lines.push([
    "resume",
    resumable ? "can be gone on with (optimizer state is there)" : "for generating only (no optimizer state)",
  ]);
  return lines;
}

/** Breaks at spaces; words longer than a line are cut. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    let rest = word;
    if (line !== "" && line.length + 1 + rest.length <= width) {
      line += ` ${rest}`;
      continue;
    }
    if (line !== "") lines.push(line);
    while (rest.length > width) {
      lines.push(rest.slice(0, width));
      rest = rest.slice(width);
    }
    line = rest;
  }
  return [...lines, line];
}
