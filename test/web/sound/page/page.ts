import { createSound, type Sound } from "../../../../src/player/sound/index.js";
import type { Recorded, Recording, Step } from "../recording.js";

async function record({ score, options, steps, seconds }: Recording): Promise<Recorded> {
  const context = new AudioContext();
  const sound = createSound({ ...options, context });
  await context.audioWorklet.addModule("recorder.js");
  const recorder = new AudioWorkletNode(context, "recorder", { numberOfOutputs: 0 });
  const blocks: { time: number; left: Float32Array; right: Float32Array }[] = [];
  let playedAt: number | undefined;
  let heardAt: number | undefined;
  recorder.port.onmessage = ({ data }) => {
    blocks.push(data);
    if (heardAt === undefined && data.left.some((x: number) => Math.abs(x) > 1e-4))
      heardAt = performance.now();
  };
  sound.output.connect(recorder);
  const events: string[] = [];
  sound.on("ended", () => events.push(`ended at ${sound.position}`));
  await sound.load(score);
  await context.resume();
  const start = context.currentTime;
  const positions: [number, number][] = [];
  const left = [...steps];
  while (context.currentTime < start + seconds) {
    while (left.length > 0 && context.currentTime >= start + left[0].at) {
      const step = left.shift()!;
      if (step.do === "play") playedAt ??= performance.now();
      await take(sound, step);
    }
    if (sound.playing) positions.push([context.currentTime - start, sound.position]);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const kind = sound.kind;
  const soundfontError = sound.soundfontError?.message;
  sound.dispose();
  const { sampleRate } = context;
  await context.close();
  const wanted = blocks.filter(({ time }) => time >= start);
  return {
    kind,
    soundfontError,
    sampleRate,
    start: wanted[0]?.time - start,
    left: base64(wanted.map((block) => block.left)),
    right: base64(wanted.map((block) => block.right)),
    positions,
    events,
    firstSound: heardAt === undefined || playedAt === undefined ? undefined : heardAt - playedAt,
  };
}

async function take(sound: Sound, step: Step): Promise<void> {
  switch (step.do) {
    case "play":
      return sound.play(step.from);
    case "seek":
      return sound.seek(step.to);
    case "pause":
      return sound.pause();
    case "rate":
      sound.rate = step.rate;
      return;
    case "loop":
      sound.loop = step.loop;
      return;
    case "track":
      return sound.setTrack(step.index, step.settings);
    case "volume":
      sound.volume = step.volume;
      return;
    case "append":
      return sound.append(step.score);
  }
}

function base64(blocks: readonly Float32Array[]): string {
  let text = "";
  for (const block of blocks) {
    text += String.fromCharCode(...new Uint8Array(block.buffer, block.byteOffset, block.byteLength));
  }
  return btoa(text);
}

Object.assign(globalThis, { page: { record } });
