import { invalid, unsupported } from "../../errors.js";
import type { SoundSchedule } from "../../sound/index.js";
import type { Instruments, TimedEvent } from "./instruments.js";
import { type FromWorklet, type Need, PROCESSOR, type ToWorklet } from "./worklet-protocol.js";

/** A soundfont, played in the audio thread. */
export interface SoundfontInstruments extends Instruments {
  /** @throws AttaccaError `invalid`; then the soundfont stays what it was */
  useSoundfont(soundfont: Uint8Array): Promise<void>;
  /** Fulfilled when everything that was sent before has been taken. */
  settled(): Promise<void>;
}

const modules = new WeakMap<BaseAudioContext, Map<string, Promise<void>>>();

/** Registers the processor once for each context. */
function addModule(context: BaseAudioContext, url: string): Promise<void> {
  const ofContext = modules.get(context) ?? new Map<string, Promise<void>>();
  modules.set(context, ofContext);
  const known = ofContext.get(url);
  if (known !== undefined) return known;
  const added = context.audioWorklet.addModule(url);
  ofContext.set(url, added);
  added.catch(() => ofContext.delete(url));
  return added;
}

/**
 * Loads the worklet and a soundfont into it.
 *
 * @param worklet address of the worklet's script
 * @throws AttaccaError `unsupported` where there are no worklets (pages without https), `invalid` for what can't be loaded
 */
export async function createSoundfontInstruments(
  context: BaseAudioContext,
  output: AudioNode,
  soundfont: Uint8Array,
  worklet: string,
): Promise<SoundfontInstruments> {
  if (context.audioWorklet === undefined) {
    throw unsupported("soundfont", "a page without AudioWorklet", "a page over https or on localhost");
  }
  try {
    await addModule(context, worklet);
  } catch (error) {
    throw invalid("soundfont worklet", (error as Error).message, `a script at ${worklet}`);
  }
  const node = new AudioWorkletNode(context, PROCESSOR, { numberOfInputs: 0, outputChannelCount: [2] });
  const waiting: ((answer: FromWorklet) => void)[] = [];
  node.port.onmessage = ({ data }: MessageEvent<FromWorklet>) => waiting.shift()?.(data);
  node.onprocessorerror = () => {
    for (const resolve of waiting.splice(0)) resolve({ error: "the worklet broke down" });
  };
  const post = (message: ToWorklet): void => node.port.postMessage(message);
  const ask = (message: ToWorklet): Promise<FromWorklet> =>
    new Promise((resolve) => {
      waiting.push(resolve);
      post(message);
    });
  const useSoundfont = async (bytes: Uint8Array): Promise<void> => {
    const { error } = await ask({ kind: "soundfont", bytes });
    if (error !== undefined) throw invalid("soundfont", error, "an .sf2, .sf3 or .dls file");
    prepared = [];
  };
  let prepared: readonly Need[] = [];
  try {
    await useSoundfont(soundfont);
  } catch (error) {
    post({ kind: "end" });
    throw error;
  }
  node.connect(output);

  return {
    kind: "soundfont",
    hasGains: true,
    canRecall: true,
    prepare(schedule) {
      const needs = needsOf(schedule);
      const missing = needs.filter((need) => !prepared.some((done) => covers(done, need)));
      if (missing.length === 0) return;
      prepared = [...prepared, ...missing];
      post({ kind: "prepare", needs: missing });
    },
    send(events: readonly TimedEvent[]) {
      if (events.length > 0) post({ kind: "events", events });
    },
    setGain(seat, gain) {
      post({ kind: "gain", seat: { port: seat.port, channel: seat.channel }, gain });
    },
    cancel() {
      post({ kind: "cancel" });
    },
    useSoundfont,
    async settled() {
      await ask({ kind: "ping" });
    },
    dispose() {
      post({ kind: "end" });
      node.disconnect();
      node.port.close();
    },
  };
}

function covers(done: Need, need: Need): boolean {
  const sameProgram = done.program === need.program && done.isDrum === need.isDrum;
  return sameProgram && done.low <= need.low && done.high >= need.high;
}

/** Programs with their ranges of pitches. */
function needsOf({ events, seats }: SoundSchedule): Need[] {
  const bySeat = new Map(seats.map((seat) => [seat.port * 16 + seat.channel, seat]));
  const needs = new Map<string, { -readonly [Key in keyof Need]: Need[Key] }>();
  for (const event of events) {
    if (event.kind !== "on") continue;
    const { program, isDrum } = bySeat.get(event.port * 16 + event.channel)!;
    const key = `${isDrum} ${program}`;
    const need = needs.get(key) ?? { program, isDrum, low: 127, high: 0 };
    need.low = Math.min(need.low, event.pitch);
    need.high = Math.max(need.high, event.pitch);
    needs.set(key, need);
  }
  return [...needs.values()];
}
