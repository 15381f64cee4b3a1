import { invalid } from "../errors.js";
import type { Score } from "../midi/index.js";
import type { SoundEvent, SoundfontSynth } from "../synth/index.js";
import { chase } from "./chase.js";
import { type SoundSchedule, scheduleOf } from "./schedule.js";
import type { StereoAudio } from "./wav.js";

/** How a score is rendered. */
export interface RenderOptions {
  /** Samples a second, 8,000 to 192,000; 44,100 unless given. */
  readonly sampleRate?: number;
  /** Loudness, 1 as the soundfont has it. What would be louder than full scale is made softer as a whole. */
  readonly gain?: number;
  /** Tracks that are left out, counted from 0. */
  readonly mute?: readonly number[];
  /** Seconds at which to begin and to end; the whole score unless given. */
  readonly from?: number;
  readonly to?: number;
  /** Seconds in which sounds may fade after the end, at most; 4 unless given. */
  readonly tail?: number;
  /** Told now and then which share is rendered, 0 to 1. Awaited: an environment can do other things, or stop by a throw. */
  readonly onProgress?: (share: number) => void | Promise<void>;
}

/** The longest sound that is rendered at once, in seconds: at 44,100 Hz it takes 1.3 GB. */
const MAX_SECONDS = 3600;
/** −1 dBFS: what is louder is made softer as a whole. */
const PEAK = 10 ** (-1 / 20);
/** Below −80 dBFS a fading sound counts as over. */
const SILENCE = 10 ** (-80 / 20);
/** Samples between two looks at the clock of progress at most. */
const CHUNK = 8192;
const FADE_SECONDS = 0.02;

/**
 * A score played by a soundfont, as samples. Messages fall on the sample that is nearest to their time.
 *
 * @param soundfont the bytes of an .sf2, .sf3 or .dls file
 * @throws AttaccaError `invalid` for a soundfont that can't be read, options out of range, or more than an hour of sound
 */
export async function renderScore(
  score: Score,
  soundfont: Uint8Array,
  options: RenderOptions = {},
): Promise<StereoAudio> {
  const schedule = scheduleOf(score);
  const settings = settingsOf(schedule, options);
  const { createSoundfontSynth } = await import("../synth/index.js");
  const synth = await createSoundfontSynth(soundfont, settings.sampleRate);
  const { channels, end } = await play(synth, eventsOf(schedule, settings, options.mute ?? []), settings);
  return { sampleRate: settings.sampleRate, channels: finish(channels, end, settings) };
}

interface Settings {
  readonly sampleRate: number;
  readonly gain: number;
  readonly from: number;
  readonly to: number;
  readonly tail: number;
  readonly onProgress: (share: number) => void | Promise<void>;
}

function settingsOf(
  { duration }: SoundSchedule,
  { sampleRate = 44_100, gain = 1, from = 0, to = duration, tail = 4, onProgress = () => {} }: RenderOptions,
): Settings {
  const within = (name: string, value: number, low: number, high: number): void => {
    if (!(value >= low && value <= high)) throw invalid(name, `${value}`, `${low} to ${high}`);
  };
  within("sample rate", sampleRate, 8000, 192_000);
  within("gain", gain, 0, 100);
  within("tail in seconds", tail, 0, 60);
  within("start in seconds", from, 0, Number.MAX_VALUE);
  if (!(to >= from))
    throw invalid("end in seconds", `${to}`, `${from} or more`, "It stands before the start");
  const end = Math.min(to, duration);
  if (end - from > MAX_SECONDS) {
    throw invalid(
      "sound",
      `${Math.round(end - from)} seconds`,
      `at most ${MAX_SECONDS}`,
      "Render a part of it",
    );
  }
  return { sampleRate, gain, from: Math.min(from, end), to: end, tail, onProgress };
}

/** What is sent, in order, with times from the start of the sound. */
function eventsOf(
  schedule: SoundSchedule,
  { from, to }: Pick<Settings, "from" | "to">,
  mute: readonly number[],
): SoundEvent[] {
  const silent = new Set(mute);
  const before = from > 0 ? chase(schedule, from) : [];
  const during = schedule.events.filter(({ time }) => time >= from && time <= to);
  return [...before, ...during]
    .filter(({ kind, track }) => kind !== "on" || !silent.has(track))
    .map((event) => ({ ...event, time: event.time - from }));
}

async function play(
  synth: SoundfontSynth,
  events: readonly SoundEvent[],
  { sampleRate, from, to, tail, onProgress }: Settings,
): Promise<{ readonly channels: readonly [Float32Array, Float32Array]; readonly end: number }> {
  const end = Math.ceil((to - from) * sampleRate);
  const length = end + Math.ceil(tail * sampleRate);
  const left = new Float32Array(length);
  const right = new Float32Array(length);
  let next = 0;
  let nextPause = 0;
  let isReleased = false;
  for (let at = 0; at < length; ) {
    while (next < events.length && Math.round(events[next].time * sampleRate) <= at)
      synth.send(events[next++]);
    if (at >= end && !isReleased) {
      synth.silence(false);
      isReleased = true;
    }
    let until = at < end ? end : length;
    if (next < events.length) until = Math.min(until, Math.round(events[next].time * sampleRate));
    const count = Math.max(1, Math.min(CHUNK, until - at));
    synth.render(left, right, at, count);
    at += count;
    if (at >= nextPause) {
      nextPause = at + sampleRate;
      await onProgress(at / length);
    }
  }
  return { channels: [left, right], end };
}

/** Cuts what is silent after the end, lets the last of it fade, and keeps peaks below full scale. */
function finish(
  channels: readonly [Float32Array, Float32Array],
  end: number,
  { sampleRate, gain }: Pick<Settings, "sampleRate" | "gain">,
): [Float32Array, Float32Array] {
  let peak = 0;
  for (const samples of channels) for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  const factor = peak * gain > PEAK ? PEAK / peak : gain;
  let length = channels[0].length;
  const isSilent = (i: number): boolean =>
    channels.every((samples) => Math.abs(samples[i]) * factor < SILENCE);
  while (length > end && isSilent(length - 1)) length--;
  const fade = Math.min(length, Math.round(FADE_SECONDS * sampleRate));
  return channels.map((samples) =>
    samples.slice(0, length).map((sample, i) => sample * factor * Math.min(1, (length - 1 - i) / fade)),
  ) as [Float32Array, Float32Array];
}
