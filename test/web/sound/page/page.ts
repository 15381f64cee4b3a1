import type { Note } from "../../../../src/midi/index.js";
import { createOutput } from "../../../../src/player/sound/create-output.js";
import { createSound, type Sound } from "../../../../src/player/sound/index.js";
import { Playback } from "../../../../src/player/sound/playback.js";
import { createSoundfontInstruments } from "../../../../src/player/sound/soundfont-instruments.js";
import { createTransport } from "../../../../src/player/sound/transport.js";
import type { OfflineRecorded, OfflineRecording, Recorded, Recording, Step } from "../recording.js";

async function record({ score: given, repeated = 1, options, steps, seconds }: Recording): Promise<Recorded> {
  const score = {
    ...given,
    tracks: given.tracks.map((track) => ({ ...track, notes: repeat(track.notes, repeated) })),
  };
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
  sound.on("ended", () => events.push(`ended at ${sound.position.toFixed(2)}`));
  await sound.load(score);
  await context.resume();
  const start = context.currentTime;
  const positions: [number, number][] = [];
  const left = [...steps];
  let stalled = 0;
  for (let turn = start; turn < start + seconds; turn = context.currentTime) {
    while (left.length > 0 && context.currentTime >= start + left[0].at) {
      const step = left.shift()!;
      if (step.do === "play") playedAt ??= performance.now();
      await take(sound, step);
    }
    if (sound.playing) positions.push([context.currentTime - start, sound.position]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    stalled = Math.max(stalled, context.currentTime - turn);
  }
  const { kind } = sound;
  const { outputLatency } = context;
  const soundfontError = sound.soundfontError?.message;
  sound.dispose();
  const { sampleRate } = context;
  await context.close();
  const wanted = blocks.filter(({ time }) => time >= start);
  return {
    kind,
    isolated: crossOriginIsolated,
    outputLatency,
    soundfontError,
    sampleRate,
    start: wanted[0]?.time - start,
    left: base64(wanted.map((block) => block.left)),
    right: base64(wanted.map((block) => block.right)),
    positions,
    events,
    stalled,
    firstSound: heardAt === undefined || playedAt === undefined ? undefined : heardAt - playedAt,
  };
}

function repeat(notes: readonly Note[], times: number): Note[] {
  return Array.from({ length: times }, (_, i) =>
    notes.map((note) => ({ ...note, start: note.start + 10 * i })),
  ).flat();
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

/** Seconds between two ticks of the clock. */
const TICK = 0.1;

/**
 * The same parts as in a page that plays, over an audio context that renders as fast as it can: it stops at each tick, the
 * position is read and messages are sent, and it goes on when the audio thread has them.
 */
async function recordOffline({
  score,
  soundfont,
  seconds,
  sampleRate,
}: OfflineRecording): Promise<OfflineRecorded> {
  const context = new OfflineAudioContext(2, seconds * sampleRate, sampleRate);
  const output = createOutput(context);
  const transport = createTransport(context, false);
  const bytes = new Uint8Array(await (await fetch(soundfont)).arrayBuffer());
  const instruments = await createSoundfontInstruments(context, output.input, bytes, "attacca-soundfont.js");
  const playback = new Playback(context, transport, instruments, output.latency);
  playback.load(score);
  playback.play(0);
  await instruments.settled();
  const positions: [number, number][] = [];
  const tick = async (): Promise<void> => {
    positions.push([context.currentTime, playback.position]);
    playback.pump();
    await instruments.settled();
    await context.resume();
  };
  for (let time = TICK; time < seconds - TICK; time += TICK) void context.suspend(time).then(tick);
  const buffer = await context.startRendering();
  instruments.dispose();
  output.dispose();
  transport.dispose();
  const [left, right] = [0, 1].map((channel) => base64(chunks(buffer.getChannelData(channel))));
  return { left, right, positions, sampleRate };
}

/** Pieces that fit a call's arguments. */
function chunks(samples: Float32Array): Float32Array[] {
  const size = 4096;
  return Array.from({ length: Math.ceil(samples.length / size) }, (_, i) =>
    samples.subarray(i * size, (i + 1) * size),
  );
}

Object.assign(globalThis, { page: { record, recordOffline } });
