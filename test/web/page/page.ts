import { type StudioClient, startClient } from "../../../src/studio/client.js";
import type { JobName } from "../../../src/studio/protocol.js";
import { chooseBackend, startSimd } from "../../../src/web/index.js";
import type { Answer, Question } from "./worker.js";

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
const waiting = new Map<number, { resolve(value: unknown): void; reject(reason: Error): void }>();
let asked = 0;

worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
  const { resolve, reject } = waiting.get(data.number)!;
  waiting.delete(data.number);
  if (data.error === undefined) resolve(data.result);
  else reject(new Error(data.error));
});
worker.addEventListener("error", ({ message }) => {
  for (const { reject } of waiting.values()) reject(new Error(message || "the worker couldn't be loaded"));
});

async function base64Of(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

let studio: StudioClient | undefined;

/** A file for the studio as what can be passed to a page. */
interface PlainFile {
  readonly path: string;
  readonly base64: string;
}

/** A studio job, and when it is to be stopped. */
interface StudioQuestion {
  readonly name: JobName;
  readonly argument: unknown;
  readonly files?: readonly PlainFile[];
  /** Stops after so many events. */
  readonly stopAfter?: number;
}

/** What tests call. */
const page = {
  run(job: string, argument: unknown): Promise<unknown> {
    const number = ++asked;
    const question: Question = { number, job, argument };
    return new Promise((resolve, reject) => {
      waiting.set(number, { resolve, reject });
      worker.postMessage(question);
    });
  },
  /** Runs a job in the studio's worker, which the first one starts. */
  async studio({ name, argument, files, stopAfter }: StudioQuestion): Promise<unknown> {
    studio ??= startClient();
    const controller = new AbortController();
    const events: unknown[] = [];
    const given = files?.map(({ path, base64 }) => ({
      path,
      content: new Blob([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))]),
    }));
    const result = await studio.run(
      name,
      (given ? { ...(argument as object), files: given } : argument) as never,
      {
        signal: controller.signal,
        onEvent(event) {
          events.push(event);
          if (events.length === stopAfter) controller.abort();
        },
      },
    );
    return { result: result instanceof Blob ? await base64Of(result) : result, events };
  },
  /** Ends the studio's worker while jobs are going on. */
  closeStudio: () => studio?.close(),
  /** What the page's own thread is told. */
  startHere: (): Promise<string> =>
    startSimd().then(
      () => "started",
      (error: Error & { kind?: string }) => `${error.kind}: ${error.message}`,
    ),
  chooseHere: (): Promise<unknown> => chooseBackend("auto"),
};
Object.assign(globalThis, { page });
