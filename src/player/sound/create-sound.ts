import { AttaccaError, invalid } from "../../errors.js";
import { createOutput } from "./create-output.js";
import type { Instruments } from "./instruments.js";
import { createMidiInstruments, midiOutputNames } from "./midi-instruments.js";
import { MIN_LOOP_SECONDS, Playback } from "./playback.js";
import type { Sound, SoundEventName, TrackSettings } from "./sound.js";
import { createSoundfontInstruments, type SoundfontInstruments } from "./soundfont-instruments.js";
import { createSynthInstruments } from "./synth-instruments.js";
import { createTransport } from "./transport.js";

/** What a sound is made of. */
export interface SoundOptions {
  /** Address or bytes of an .sf2, .sf3 or .dls file; without one, a synthesizer without samples plays. */
  readonly soundfont?: string | URL | ArrayBuffer | Uint8Array;
  /** Where to play; a context of its own unless given, which `dispose` closes. */
  readonly context?: AudioContext;
  /** Address of the worklet's script; `attacca-soundfont.js` beside the module that holds this unless given. */
  readonly worklet?: string | URL;
}

/**
 * Sound for scores in a page. The soundfont is loaded at once and used from when it is there; where it can't be loaded,
 * the synthesizer goes on playing, and `soundfontError` says why.
 *
 * @example
 * const sound = createSound({ soundfont: "sonivox.sf3" });
 * await sound.load(readScore(bytes).score);
 * button.onclick = () => sound.play();
 */
export function createSound(options: SoundOptions = {}): Sound {
  const context = options.context ?? new AudioContext({ latencyHint: "interactive" });
  const transport = createTransport(context, options.context === undefined);
  const output = createOutput(context);
  const worklet = String(options.worklet ?? new URL("./attacca-soundfont.js", import.meta.url));
  const synth = createSynthInstruments(transport.tone, output.input);
  let soundfont: SoundfontInstruments | undefined;
  let midi: Instruments | undefined;
  let soundfontError: Error | undefined;
  let isDisposed = false;
  const playback = new Playback(context, transport, synth, output.latency);
  const settings = new Map<number, Required<TrackSettings>>();
  const listeners = { ended: new Set<() => void>(), state: new Set<() => void>() };
  const emit = (event: SoundEventName): void => {
    for (const listener of [...listeners[event]]) listener();
  };
  let instruments: Instruments = synth;
  const choose = (): void => {
    const chosen = midi ?? soundfont ?? synth;
    if (chosen === instruments) return;
    instruments = chosen;
    playback.use(chosen);
    emit("state");
  };
  const useSoundfont = async (bytes: Uint8Array): Promise<void> => {
    if (soundfont === undefined) {
      const made = await createSoundfontInstruments(context, output.input, bytes, worklet);
      if (isDisposed) made.dispose();
      else soundfont = made;
    } else await soundfont.useSoundfont(bytes);
    soundfontError = undefined;
    if (!isDisposed) choose();
  };
  const ready =
    options.soundfont === undefined
      ? Promise.resolve()
      : bytesOf(options.soundfont)
          .then(useSoundfont)
          .catch((error: Error) => {
            soundfontError = error;
            emit("state");
          });
  let rate = 1;
  /** Counts calls of `play`: one that waits for the soundfont is overtaken by a later one, or by `pause`. */
  let requests = 0;
  let loop: Sound["loop"];

  transport.onTick(() => {
    if (playback.pump()) return;
    playback.end();
    emit("state");
    emit("ended");
  });

  return {
    get kind() {
      return instruments.kind;
    },
    context,
    output: output.node,
    ready,
    get soundfontError() {
      return soundfontError;
    },
    get duration() {
      return playback.duration;
    },
    get playing() {
      return playback.isPlaying;
    },
    get position() {
      return playback.position;
    },
    get rate() {
      return rate;
    },
    set rate(value) {
      rate = Math.max(0.25, Math.min(4, value || 1));
      playback.rate = rate;
      emit("state");
    },
    get loop() {
      return loop;
    },
    set loop(value) {
      const isLoop = value !== undefined && value.from >= 0 && value.to - value.from >= MIN_LOOP_SECONDS;
      loop = isLoop ? value : undefined;
      playback.loop = loop;
      emit("state");
    },
    get volume() {
      return output.volume;
    },
    set volume(value) {
      output.volume = clampVolume(value);
      emit("state");
    },
    async load(score) {
      requests++;
      settings.clear();
      playback.load(score);
      playback.gains = [];
      emit("state");
      await ready;
    },
    async append(score) {
      playback.append(score);
      playback.gains = gainsOf(settings, playback.trackCount);
      emit("state");
    },
    async play(fromSeconds) {
      const request = ++requests;
      // Asked for before anything is awaited: browsers allow it within a gesture only.
      const resumed = context.resume();
      await Promise.all([resumed, ready]);
      if (isDisposed || request !== requests) return;
      const isOver = playback.position >= playback.duration;
      playback.play(fromSeconds ?? (isOver ? 0 : playback.position));
      emit("state");
    },
    pause() {
      requests++;
      if (!playback.isPlaying) return;
      playback.stop(playback.position);
      emit("state");
    },
    seek(seconds) {
      if (playback.isPlaying) playback.play(seconds);
      else playback.stop(seconds);
    },
    setTrack(index, change) {
      const track = { mute: false, solo: false, volume: 1, ...settings.get(index), ...change };
      settings.set(index, { ...track, volume: clampVolume(track.volume) });
      playback.gains = gainsOf(settings, playback.trackCount);
      emit("state");
    },
    on(event, listener) {
      listeners[event].add(listener);
      return () => void listeners[event].delete(listener);
    },
    useSoundfont,
    midiOutputs: midiOutputNames,
    async useMidiOutput(id) {
      const made = id === undefined ? undefined : await createMidiInstruments(id, output.clock);
      const old = midi;
      midi = made;
      choose();
      old?.dispose();
    },
    dispose() {
      isDisposed = true;
      playback.stop(playback.position);
      for (const one of [midi, soundfont, synth]) one?.dispose();
      output.dispose();
      transport.dispose();
      for (const set of Object.values(listeners)) set.clear();
    },
  };
}

const clampVolume = (value: number): number => Math.max(0, Math.min(1.5, value || 0));

/** Loudness by track: 0 where it is muted, or another one plays solo. */
function gainsOf(settings: ReadonlyMap<number, Required<TrackSettings>>, trackCount: number): number[] {
  const hasSolo = [...settings.values()].some(({ solo }) => solo);
  const length = hasSolo ? trackCount : Math.max(-1, ...settings.keys()) + 1;
  return Array.from({ length }, (_, index) => {
    const { mute, solo, volume } = settings.get(index) ?? { mute: false, solo: false, volume: 1 };
    return mute || (hasSolo && !solo) ? 0 : volume;
  });
}

async function bytesOf(soundfont: string | URL | ArrayBuffer | Uint8Array): Promise<Uint8Array> {
  if (soundfont instanceof Uint8Array) return soundfont;
  if (soundfont instanceof ArrayBuffer) return new Uint8Array(soundfont);
  let response: Response;
  try {
    response = await fetch(soundfont);
  } catch (error) {
    throw invalid(String(soundfont), (error as Error).message, "a soundfont there");
  }
  if (!response.ok)
    throw new AttaccaError("missing", { subject: String(soundfont), found: `${response.status}` });
  return new Uint8Array(await response.arrayBuffer());
}
