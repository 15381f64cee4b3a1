import * as tf from "@tensorflow/tfjs-core";
import { chooseBackend, type StartSimdOptions, startSimd } from "../../../src/web/index.js";
import { jobs, runJob } from "../jobs.js";

/** A job for the worker. */
export interface Question {
  readonly number: number;
  readonly job: string;
  readonly argument: unknown;
}

/** What came of it. */
export interface Answer {
  readonly number: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** What only a page's worker can do. */
const own: Record<string, (options: never) => Promise<unknown>> = {
  async start(options: StartSimdOptions & { readonly brokenThreads?: boolean }) {
    const createWorker = () => new Worker("/nowhere.js", { type: "module" });
    const { build, threads } = await startSimd(
      options.brokenThreads ? { ...options, createWorker } : options,
    );
    await tf.setBackend("simd");
    return { build, threads, isolated: crossOriginIsolated };
  },
  async choose(name: string) {
    const { name: chosen, why } = await chooseBackend(name);
    return { name: chosen, why };
  },
};

addEventListener("message", async ({ data }: MessageEvent<Question>) => {
  const { number, job, argument } = data;
  let answer: Answer;
  try {
    const result = await (job in jobs
      ? runJob(job as keyof typeof jobs, argument as never)
      : own[job](argument as never));
    answer = { number, result };
  } catch (error) {
    const { kind, message } = error as Error & { kind?: string };
    answer = { number, error: kind === undefined ? message : `${kind}: ${message}` };
  }
  postMessage(answer);
});
