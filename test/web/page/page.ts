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
  /** What the page's own thread is told. */
  startHere: (): Promise<string> =>
    startSimd().then(
      () => "started",
      (error: Error & { kind?: string }) => `${error.kind}: ${error.message}`,
    ),
  chooseHere: (): Promise<unknown> => chooseBackend("auto"),
};
Object.assign(globalThis, { page });
