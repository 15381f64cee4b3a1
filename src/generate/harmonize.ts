import { namedTrack } from "../dataset/index.js";
import { invalid } from "../errors.js";
import type { Score, ScoreTrack } from "../midi/index.js";
import type { GrammarState, Tokenizer } from "../tokens/index.js";
import { type Accompaniment, type AccompanyOptions, accompany, checkHarmonizes } from "./accompany.js";
import { ConstrainedGrammar, type MusicConstraints, rulesOf } from "./constraints/index.js";
import { emptyPrompt } from "./prompt.js";

/** The grammar of new voices, which keep to the constraints; those of the melody are as they are. */
function constrained(
  alone: Score,
  constraints: NonNullable<HarmonizeOptions["constraints"]>,
  tokenizer: Tokenizer,
): GrammarState {
  const [{ grammar, barScale, avoid }] = emptyPrompt({ ...alone, tracks: [] }, tokenizer).streams;
  if (Object.values(constraints).every((one) => one === undefined)) return grammar;
  const rules = rulesOf(constraints, tokenizer, { firstBar: 0, barScale, tonal: alone, avoid });
  return new ConstrainedGrammar(tokenizer, grammar, rules);
}

/** A melody, and how it is harmonized. */
export interface HarmonizeOptions extends Omit<AccompanyOptions, "melody" | "grammar"> {
  readonly score: Score;
  /** The melody's track in the score, as its index; see `melodyTrack`. */
  readonly track: number;
  readonly constraints?: Pick<MusicConstraints, "key" | "scale" | "pitchRange" | "chords">;
}

/** The melody with its accompaniment, in the score's own time. */
export interface Harmonization extends Accompaniment {
  readonly score: Score;
}

/**
 * Harmonizes a melody: the voices below it, written by `accompany`. The melody's notes, the tempo, the meter and the texts stay as
 * they are in the score; its other tracks are left out.
 *
 * @throws AttaccaError as `accompany` does, and as the tokenizer does for pitches that it hasn't
 */
export async function harmonizeScore(options: HarmonizeOptions): Promise<Harmonization> {
  const { score, track, tokenizer, constraints = {} } = options;
  checkHarmonizes(options.config, tokenizer);
  const names = tokenizer.voices!;
  const alone: Score = { ...score, tracks: [{ ...score.tracks[track], name: names[0] }] };
  const [stream] = tokenizer.encode(alone);
  const melody = stream.filter((_, at) => at % names.length === 0);
  const grammar = constrained(alone, constraints, tokenizer);
  const accompaniment = await accompany({ ...options, melody, grammar });
  const drawn = tokenizer.decode([accompaniment.ids]);
  const scale = score.ticksPerQuarter / drawn.ticksPerQuarter;
  const below = drawn.tracks.slice(1).map((voice, i): ScoreTrack => {
    const notes = voice.notes.map((note) => {
      const start = Math.round(note.start * scale);
      return { ...note, start, duration: Math.round((note.start + note.duration) * scale) - start };
    });
    return { ...voice, name: names[i + 1], notes };
  });
  const channel = drawn.tracks[0].channel;
  return {
    ...accompaniment,
    score: { ...score, tracks: [{ ...alone.tracks[0], channel }, ...below] },
  };
}

/**
 * The track of a score that is its melody, as an index: the one that is asked for by name or number (from 1); else the only track with
 * notes; else the one named "melody"; else the highest voice, where the score is of the tokenizer's voices.
 *
 * @throws AttaccaError `invalid` or `unknown`, naming the tracks
 */
export function melodyTrack(score: Score, tokenizer: Tokenizer, asked?: string): number {
  const { tracks } = score;
  const sounding = [...tracks.keys()].filter((i) => !tracks[i].isDrum && tracks[i].notes.length > 0);
  if (sounding.length === 0) throw invalid("melody", "no notes", "a track with notes");
  const named = sounding.map((i) => (tracks[i].name.trim() === "" ? String(i + 1) : tracks[i].name.trim()));
  if (asked !== undefined) {
    const found = namedTrack(score, asked);
    if (found !== undefined) return found;
    throw invalid("melody's track", asked, `one of ${named.join(", ")}`);
  }
  if (sounding.length === 1) return sounding[0];
  const melodies = sounding.filter((i) => tracks[i].name.trim().toLowerCase() === "melody");
  if (melodies.length === 1) return melodies[0];
  const { voices } = tokenizer;
  const voice = sounding.length === voices?.length ? tokenizer.voiceTracks?.(score)[0] : undefined;
  if (voice !== undefined) return voice;
  const hint = "Say which one is the melody: --track NAME";
  throw invalid(
    "melody",
    `${sounding.length} tracks: ${named.join(", ")}`,
    voices === undefined ? "one" : "one, or four voices",
    hint,
  );
}

/** How many of a track's notes begin while a higher one of it sounds, or with it: a melody has none. */
export function hiddenNotes({ notes }: ScoreTrack): number {
  const order = [...notes].sort((a, b) => a.start - b.start || b.pitch - a.pitch);
  let hidden = 0;
  for (let i = 1; i < order.length; i++) if (order[i].start === order[i - 1].start) hidden++;
  return hidden;
}
