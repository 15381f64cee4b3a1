import { stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { AttaccaError, invalid, missing, naming, within } from "../errors.js";
import { barMap, readScore, type Score, tempoMap } from "../midi/index.js";
import { encodeWav, type RenderOptions, renderScore } from "../sound/index.js";
import { createSoundfontSynth } from "../synth/index.js";
import { exists, readBytes, writeAtomic } from "./files.js";
import { packagePath } from "./package-path.js";

/** MIDI files to hear, and how. */
export interface RenderRun extends Pick<RenderOptions, "sampleRate" | "gain"> {
  readonly files: readonly string[];
  /** A file ending in .wav, for one MIDI file; else a folder, in which each gets its own name. */
  readonly out: string;
  /** An .sf2, .sf3 or .dls file; the one that comes with the package unless given. */
  readonly soundfont?: string;
  /** Where to begin and to end; the whole piece unless given. */
  readonly from?: ScorePlace;
  readonly to?: ScorePlace;
  /** Replace files that are there. */
  readonly force?: boolean;
  /** Once aborted, no further file is written. */
  readonly signal?: AbortSignal;
  /** Told which soundfont plays, before anything is rendered. */
  readonly onStart?: (soundfont: string) => void;
  /** Told which share of all files is done, 0 to 1, and the file at hand. */
  readonly onProgress?: (share: number, file: string) => void;
}

/** A place in a piece: seconds from its start, or the start of a bar, which are counted from 1. */
export type ScorePlace = { readonly seconds: number } | { readonly bar: number };

/** A file that was written. */
export interface RenderedFile {
  readonly file: string;
  readonly out: string;
  /** How long it sounds. */
  readonly seconds: number;
  readonly sampleRate: number;
  /** The loudest sample in decibels below full scale. */
  readonly peak: number;
  readonly warnings: readonly string[];
}

/** What became of the files. */
export interface RenderResult {
  readonly rendered: readonly RenderedFile[];
  /** Those that couldn't be rendered, and why. */
  readonly failed: readonly { readonly file: string; readonly error: AttaccaError }[];
  readonly interrupted: boolean;
}

/**
 * The place that a text names: `12.5` (seconds) or `bar:9`.
 *
 * @throws AttaccaError `invalid`
 */
export function parsePlace(text: string, name = "place"): ScorePlace {
  const bar = /^bar:([1-9]\d{0,6})$/.exec(text);
  if (bar) return { bar: Number(bar[1]) };
  if (/^\d+(\.\d+)?$/.test(text)) return { seconds: Number(text) };
  throw invalid(name, `"${text}"`, "seconds such as 12.5, or a bar such as bar:9");
}

/**
 * Renders MIDI files to WAV files of 16 bits. A file that can't be rendered is left out, and the others go on.
 *
 * @throws AttaccaError before anything is rendered, where the soundfont or `out` is wrong
 */
export async function renderFiles(run: RenderRun): Promise<RenderResult> {
  const { files, signal, onProgress = () => {} } = run;
  const targets = await targetsOf(run);
  const path = run.soundfont ?? packagePath("dist", "soundfont", "sonivox.sf3");
  const soundfont = await readSoundfont(path);
  run.onStart?.(path);
  const rendered: RenderedFile[] = [];
  const failed: { file: string; error: AttaccaError }[] = [];
  for (const [index, file] of files.entries()) {
    if (signal?.aborted) break;
    try {
      const progress = (share: number): void => onProgress((index + share) / files.length, file);
      rendered.push(await renderFile(run, file, targets[index], soundfont, progress));
    } catch (error) {
      if (error === STOPPED) break;
      if (!(error instanceof AttaccaError)) throw error;
      failed.push({ file, error: error.parts.subject.startsWith(file) ? error : within(file, error) });
    }
  }
  return { rendered, failed, interrupted: signal?.aborted === true };
}

/** The bytes of a soundfont that can be played: else every file would fail. */
async function readSoundfont(path: string): Promise<Uint8Array> {
  const bytes = await readBytes(path);
  try {
    await createSoundfontSynth(bytes, 44_100);
  } catch (error) {
    throw error instanceof AttaccaError ? within(path, error) : error;
  }
  return bytes;
}

const STOPPED = Symbol("stopped");

/** The file that each MIDI file becomes. */
async function targetsOf({ files, out, force = false }: RenderRun): Promise<string[]> {
  if (files.length === 0) throw missing("files", "MIDI files");
  if (/\.wav$/i.test(out)) {
    if (files.length > 1) throw invalid(out, `one file for ${files.length} MIDI files`, "a folder");
    await checkFree(out, force);
    return [out];
  }
  const state = await stat(out).catch(() => undefined);
  if (state !== undefined && !state.isDirectory())
    throw invalid(out, "a file", "a name in .wav, or a folder");
  const targets = files.map((file) =>
    join(out, `${basename(file).replace(/\.(mid|midi|kar|smf)$/i, "")}.wav`),
  );
  targets.forEach((target, index) => {
    const first = targets.indexOf(target);
    if (first < index) {
      throw invalid(
        target,
        `the name of both ${files[first]} and ${files[index]}`,
        "files of different names",
      );
    }
  });
  for (const target of targets) await checkFree(target, force);
  return targets;
}

async function checkFree(target: string, force: boolean): Promise<void> {
  if (!force && (await exists(target))) {
    throw invalid(target, "a file that is there already", "a new name", "--force replaces it");
  }
}

async function renderFile(
  run: RenderRun,
  file: string,
  out: string,
  soundfont: Uint8Array,
  progress: (share: number) => void,
): Promise<RenderedFile> {
  const bytes = await readBytes(file);
  if (resolve(file) === resolve(out)) throw invalid(out, "the file that is read", "another name");
  const { score, warnings } = naming(file, () => readScore(bytes));
  const { sampleRate, gain, signal } = run;
  const audio = await renderScore(score, soundfont, {
    sampleRate,
    gain,
    from: run.from && secondsOf(score, run.from),
    to: run.to && secondsOf(score, run.to),
    async onProgress(share) {
      progress(share);
      // Lets Ctrl-C be heard: rendering never leaves the thread by itself.
      await setImmediate();
      if (signal?.aborted) throw STOPPED;
    },
  });
  await writeAtomic(out, encodeWav(audio));
  let peak = 0;
  for (const samples of audio.channels) for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  return {
    file,
    out,
    seconds: audio.channels[0].length / audio.sampleRate,
    sampleRate: audio.sampleRate,
    peak: 20 * Math.log10(Math.max(peak, 1e-6)),
    warnings: warnings.map(({ message, byte }) => `${file}, byte ${byte}: ${message}`),
  };
}

function secondsOf(score: Score, place: ScorePlace): number {
  if ("seconds" in place) return place.seconds;
  return tempoMap(score).secondsAt(barMap(score).barStart(place.bar - 1));
}
