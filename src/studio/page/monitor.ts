/** What one hears while recording: the keys, and the metronome. */
export interface Monitor {
  down(pitch: number, velocity: number): void;
  up(pitch: number): void;
  /** Clicks in quarters, the first of four louder. Gives the seconds until the bar behind the one that counts in. */
  startClick(beatsPerMinute: number): number;
  stopClick(): void;
}

/** So far ahead clicks are handed to the audio clock, in seconds. */
const AHEAD = 0.25;

/** A plain tone a key, at once: a soundfont would have to be fetched first. */
export function createMonitor(): Monitor {
  const context = new AudioContext({ latencyHint: "interactive" });
  const voices = new Map<number, { readonly gain: GainNode; readonly tone: OscillatorNode }>();
  let timer: ReturnType<typeof setInterval> | undefined;

  const up = (pitch: number): void => {
    const voice = voices.get(pitch);
    if (voice === undefined) return;
    voices.delete(pitch);
    const now = context.currentTime;
    voice.gain.gain.cancelScheduledValues(now);
    voice.gain.gain.setTargetAtTime(0, now, 0.06);
    voice.tone.stop(now + 0.5);
  };
  const tick = (time: number, isDownbeat: boolean): void => {
    const tone = new OscillatorNode(context, { type: "square", frequency: isDownbeat ? 1760 : 1175 });
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.setValueAtTime(isDownbeat ? 0.16 : 0.09, time);
    gain.gain.exponentialRampToValueAtTime(1e-4, time + 0.05);
    tone.connect(gain).connect(context.destination);
    tone.start(time);
    tone.stop(time + 0.06);
  };
  return {
    down(pitch, velocity) {
      void context.resume();
      up(pitch);
      const now = context.currentTime;
      const tone = new OscillatorNode(context, {
        type: "triangle",
        frequency: 440 * 2 ** ((pitch - 69) / 12),
      });
      const gain = new GainNode(context, { gain: 0 });
      const loudness = 0.3 * (velocity / 127);
      gain.gain.setValueAtTime(0, now);
      gain.gain.linearRampToValueAtTime(loudness, now + 0.006);
      gain.gain.setTargetAtTime(loudness * 0.35, now + 0.006, 0.5);
      tone.connect(gain).connect(context.destination);
      tone.start(now);
      voices.set(pitch, { gain, tone });
    },
    up,
    startClick(beatsPerMinute) {
      void context.resume();
      const beat = 60 / beatsPerMinute;
      const first = context.currentTime + 0.1;
      let next = 0;
      const schedule = (): void => {
        while (first + next * beat < context.currentTime + AHEAD) {
          tick(first + next * beat, next % 4 === 0);
          next++;
        }
      };
      clearInterval(timer);
      timer = setInterval(schedule, 1000 * (AHEAD / 4));
      schedule();
      // What the ear hears comes later than it was handed over.
      return 0.1 + 4 * beat + (context.outputLatency || context.baseLatency);
    },
    stopClick() {
      clearInterval(timer);
      timer = undefined;
    },
  };
}
