import { barLines, encodeMelody, frame, prepareScore, type Shift } from "../dataset/index.js";
import {
  barMap,
  DRUM_CHANNEL,
  instrumentName,
  type Note,
  type Score,
  type ScoreTrack,
} from "../midi/index.js";
import type { GrammarState, Tokenizer } from "../tokens/index.js";
import { type AccompanyBarsOptions, accompanyBars, checkAccompaniesBars } from "./accompany-bars.js";
import { ConstrainedGrammar, rulesOf } from "./constraints/index.js";
import { findSeam } from "./cut.js";
import type { Harmonization, HarmonizeOptions } from "./harmonize.js";
import { type PromptPreparation, preparationFor } from "./preparation.js";
import { emptyPrompt } from "./prompt.js";

/** A melody, and how what is played to it is written. */
export interface HarmonizePairOptions
  extends Omit<AccompanyBarsOptions, "melody" | "bars" | "grammar" | "avoid">,
    Pick<HarmonizeOptions, "score" | "track" | "constraints"> {
  /** How the melody's beats are found; what is written stands on them. Default: `{ align: "auto" }`. */
  readonly preparation?: PromptPreparation;
}

/**
 * Writes to a melody what a model learned from pairs (such as the piano of a song): by `accompanyBars`, as many bars as the melody has. The
 * melody's notes, the tempo, the meter and the texts stay as they are in the score; its other tracks are left out. Notes that would ring
 * past the melody's last bar end there.
 *
 * @throws AttaccaError as `accompanyBars` does, and `invalid` for a melody of which the tokenizer has no note
 */
export async function harmonizePair(
  options: HarmonizePairOptions,
): Promise<Harmonization & { readonly warnings: readonly string[] }> {
  const { score, track, tokenizer, preparation = { align: "auto" } } = options;
  checkAccompaniesBars(options.config, tokenizer);
  const warnings: string[] = [];
  const prepared = preparationFor(score, preparation, warnings, "the file");
  const { score: aligned, shift } = prepareScore(score, prepared);
  const alone: Score = { ...aligned, tracks: [aligned.tracks[track]] };
  const melody = frame(encodeMelody(aligned, track, tokenizer), tokenizer);
  const bars = Math.max(findSeam(alone).bars, barLines(melody, tokenizer).length);
  const begun = begin(alone, options.constraints ?? {}, tokenizer);
  const accompaniment = await accompanyBars({ ...options, melody, bars, ...begun });
  const drawn = tokenizer.decode([accompaniment.ids]);
  const end = barMap(alone).barStart(bars) / aligned.ticksPerQuarter;
  const tracks = [score.tracks[track]];
  for (const one of drawn.tracks) tracks.push(moved(one, { score, drawn, shift, end, beside: tracks }));
  if (tracks.every(({ notes }, i) => i === 0 || notes.length === 0)) warnings.push("no notes were written");
  return { ...accompaniment, score: { ...score, tracks }, warnings };
}

/** The grammar behind the begin token, with what notes keep to, and the ids that would change what the melody has set. */
function begin(
  alone: Score,
  constraints: NonNullable<HarmonizeOptions["constraints"]>,
  tokenizer: Tokenizer,
): { readonly grammar: GrammarState; readonly avoid: readonly number[] } {
  const [{ grammar, barScale, avoid }] = emptyPrompt({ ...alone, tracks: [] }, tokenizer).streams;
  if (Object.values(constraints).every((one) => one === undefined)) return { grammar, avoid };
  const place = { firstBar: 0, barScale, tonal: alone, avoid: [tokenizer.special.end] };
  const rules = rulesOf(constraints, tokenizer, place);
  return { grammar: new ConstrainedGrammar(tokenizer, grammar, rules), avoid };
}

/** A track that was decoded on the aligned grid, in the time of the file, on a channel of its own. */
function moved(
  track: ScoreTrack,
  given: {
    readonly score: Score;
    readonly drawn: Score;
    readonly shift: Shift;
    /** Behind the last bar, in quarters on the aligned grid. */
    readonly end: number;
    readonly beside: readonly ScoreTrack[];
  },
): ScoreTrack {
  const { score, drawn, shift, end, beside } = given;
  const place = (tick: number): number => {
    const quarters = Math.min(tick / drawn.ticksPerQuarter, end);
    return Math.max(0, Math.round(quarters * score.ticksPerQuarter) - shift.ticks);
  };
  const notes = track.notes.flatMap((note): Note[] => {
    const start = place(note.start);
    const duration = place(note.start + note.duration) - start;
    return duration > 0 ? [{ ...note, start, duration }] : [];
  });
  const taken = new Set(beside.map(({ channel }) => channel));
  const free = Array.from({ length: 16 }, (_, i) => i).find((i) => i !== DRUM_CHANNEL && !taken.has(i));
  const channel = track.isDrum ? DRUM_CHANNEL : (free ?? track.channel);
  const bend = ({ tick, ...rest }: ScoreTrack["pitchBends"][number]) => ({ ...rest, tick: place(tick) });
  const control = ({ tick, ...rest }: ScoreTrack["controls"][number]) => ({ ...rest, tick: place(tick) });
  const name = track.name || instrumentName(track);
  return {
    ...track,
    name,
    channel,
    notes,
    controls: track.controls.map(control),
    pitchBends: track.pitchBends.map(bend),
  };
}
