import { notesEnd, type Score, tempoMap } from "../../midi/index.js";
import { createSound, type Sound } from "../../player/sound/index.js";

/** What plays: one piece at a time, known by a key. */
export interface Listening {
  readonly key: string | undefined;
  readonly isPlaying: boolean;
  /** Where the piece is, in ticks of its score. */
  readonly tick: number;
  /** Plays a piece from a tick on, or from where it was left. Within a user's gesture. */
  play(key: string, score: Score, fromTick?: number): Promise<void>;
  /** Plays the last seconds of a piece that is about to grow, and waits there for more of it. */
  playEnd(key: string, score: Score): Promise<void>;
  /** Goes on with a piece that grows while it plays; others are left alone. */
  grow(key: string, score: Score, isWhole: boolean): void;
  pause(): void;
  seek(tick: number): void;
  /** Instruments out of a file. */
  useSoundfont(bytes: Uint8Array): Promise<void>;
  /** Which sort of sound plays. */
  readonly kind: Sound["kind"] | undefined;
  onChange(listener: () => void): void;
}

/** How often a growing piece is handed to the sound, in milliseconds. */
const GROW_EVERY = 200;
/** Seconds of the prompt that are heard before its continuation. */
const LEAD = 2;
/** Seconds of music that must be there before a piece goes on that had caught up with its generation. */
const AHEAD = 1.5;

/** Sound for the page. The audio context begins with the first piece that is played. */
export function createListening(options: Parameters<typeof createSound>[0]): Listening {
  let sound: Sound | undefined;
  let key: string | undefined;
  let score: Score | undefined;
  let grows = false;
  /** Where a growing piece waits for more notes, in seconds. */
  let waitsAt: number | undefined;
  let grownAt = 0;
  let pending: ReturnType<typeof setTimeout> | undefined;
  let work: Promise<unknown> = Promise.resolve();
  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  /** One thing after the other: a sound that is loading must not be loaded again. */
  const then = <Result>(next: () => Promise<Result>): Promise<Result> => {
    const done = work.then(next);
    work = done.catch(() => undefined);
    return done;
  };
  const theSound = (): Sound => {
    if (sound !== undefined) return sound;
    sound = createSound(options);
    sound.on("state", changed);
    sound.on("ended", () => {
      if (grows) waitsAt = sound?.duration ?? 0;
      changed();
    });
    return sound;
  };
  const take = (isWhole: boolean): void => {
    clearTimeout(pending);
    pending = undefined;
    grownAt = performance.now();
    const mine = key;
    void then(async () => {
      if (sound === undefined || score === undefined || key !== mine) return;
      grows = !isWhole;
      if (waitsAt === undefined) return void (await sound.append(score));
      const end = tempoMap(score).secondsAt(notesEnd(score));
      if (!isWhole && end < waitsAt + AHEAD) return;
      const from = waitsAt;
      waitsAt = undefined;
      if (end <= from) return;
      await sound.load(score);
      await sound.play(from);
      changed();
    });
  };
  const start = (nextKey: string, nextScore: Score, fromSeconds: number | undefined): Promise<void> => {
    // The context is made and begun here, while the gesture counts.
    const playing = theSound();
    return then(async () => {
      const isSame = key === nextKey && score === nextScore;
      const at = isSame && playing.position < playing.duration - 0.05 ? playing.position : 0;
      key = nextKey;
      score = nextScore;
      grows = false;
      waitsAt = undefined;
      if (!isSame) await playing.load(nextScore);
      await playing.play(fromSeconds ?? at);
      changed();
    });
  };
  return {
    get key() {
      return key;
    },
    get isPlaying() {
      return sound?.playing === true || waitsAt !== undefined;
    },
    get tick() {
      return sound === undefined || score === undefined ? 0 : tempoMap(score).tickAt(sound.position);
    },
    get kind() {
      return sound?.kind;
    },
    play: (nextKey, nextScore, fromTick) =>
      start(nextKey, nextScore, fromTick === undefined ? undefined : tempoMap(nextScore).secondsAt(fromTick)),
    async playEnd(nextKey, nextScore) {
      const end = tempoMap(nextScore).secondsAt(notesEnd(nextScore));
      await start(nextKey, nextScore, Math.max(0, end - LEAD));
      grows = true;
    },
    grow(grownKey, grown, isWhole) {
      if (key !== grownKey) return;
      score = grown;
      grows = true;
      if (isWhole) take(true);
      else pending ??= setTimeout(() => take(false), Math.max(0, grownAt + GROW_EVERY - performance.now()));
    },
    pause() {
      waitsAt = undefined;
      grows = false;
      sound?.pause();
      changed();
    },
    seek(tick) {
      if (score !== undefined) sound?.seek(tempoMap(score).secondsAt(tick));
    },
    useSoundfont: (bytes) => theSound().useSoundfont(bytes),
    onChange: (listener) => void listeners.add(listener),
  };
}
