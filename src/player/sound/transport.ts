import "./quiet-tone.js";
// Tone's own door creates an audio context and a worker from a blob as it is loaded; a strict policy forbids the latter.
import "tone/build/esm/core/clock/Transport.js";
import { Context } from "tone/build/esm/core/context/Context.js";
import { setContext } from "tone/build/esm/core/context/GlobalContext.js";
import { setLogger } from "tone/build/esm/core/util/Debug.js";

// Tone's advice is for those who call it, and a page's console is its user's.
setLogger({ log() {}, warn() {} });

/** Which score second belongs to which time of the audio context; carried by Tone's transport. */
export interface Transport {
  /** Tone's view of the audio context. */
  readonly tone: Context;
  start(at: number, seconds: number): void;
  stop(at: number): void;
  /** From the time `at` on, the score goes on from `seconds`. */
  jump(at: number, seconds: number): void;
  /** From the time `at` on, a second takes `1 / rate`. */
  setRate(at: number, rate: number): void;
  /** Score seconds at a time of the context while it runs. */
  secondsAt(time: number): number;
  /** Called about twenty-five times a second. */
  onTick(tick: () => void): void;
  dispose(): void;
}

/** How often the clock ticks, in seconds. */
const TICK_SECONDS = 0.04;

/** @param ownsContext whether the audio context is closed at the end */
export function createTransport(context: BaseAudioContext, ownsContext: boolean): Transport {
  const isOffline = "startRendering" in context;
  const tone = new Context({
    context: context as AudioContext,
    clockSource: isOffline ? "offline" : "timeout",
    lookAhead: 0.3,
    updateInterval: TICK_SECONDS,
  });
  // Tone's nodes ask for a global context even if they are given one.
  setContext(tone);
  const { transport } = tone;
  // A tick is a second of the score: only the clock's own timeline is used, which knows fractions of a tick.
  transport.PPQ = 1;
  transport.bpm.value = 60;
  return {
    tone,
    start(at, seconds) {
      transport.start(at);
      transport.setTicksAtTime(seconds, at);
    },
    stop(at) {
      transport.stop(at);
    },
    jump(at, seconds) {
      transport.setTicksAtTime(seconds, at);
    },
    setRate(at, rate) {
      transport.bpm.cancelScheduledValues(at);
      transport.bpm.setValueAtTime(60 * rate, at);
    },
    secondsAt: (time) => transport.getTicksAtTime(time),
    onTick(tick) {
      tone.on("tick", tick);
    },
    dispose() {
      transport.stop();
      // A worker or timeout that goes on would keep everything alive.
      tone.clockSource = "offline";
      if (ownsContext) tone.dispose();
    },
  };
}
