import { failureOf } from "./failure.js";
import { continueJob } from "./jobs/continue.js";
import { openJob } from "./jobs/open.js";
import { renderJob } from "./jobs/render.js";
import { startJob } from "./jobs/start.js";
import { createStudio, type Studio } from "./jobs/studio.js";
import { trainJob, useTrainedJob, zipJob } from "./jobs/train.js";
import type { JobName, Jobs, PageMessage, RunMessage, WorkerMessage } from "./protocol.js";

// The studio's worker: it has the engine and the model, and does one job after another, or beside another.

/** What a job is given beside its argument. */
export interface JobContext<Event> {
  readonly studio: Studio;
  /** Aborted where the page wants it to end. */
  readonly signal: AbortSignal;
  tell(event: Event): void;
}

const jobs: {
  readonly [Name in JobName]: (
    argument: Jobs[Name]["argument"],
    context: JobContext<Jobs[Name]["event"]>,
  ) => Promise<Jobs[Name]["result"]>;
} = {
  start: startJob,
  open: openJob,
  continue: continueJob,
  render: renderJob,
  train: trainJob,
  zipTrained: zipJob,
  useTrained: useTrainedJob,
};

const studio = createStudio();
const going = new Map<number, AbortController>();
const say = (message: WorkerMessage): void => postMessage(message);

addEventListener("message", ({ data }: MessageEvent<PageMessage>) => {
  if (data.kind === "hold") hold(data.lock);
  else if (data.kind === "stop") going.get(data.id)?.abort();
  else void answer(data);
});

/** Holds a lock to the end of this worker. */
function hold(lock: string): void {
  void navigator.locks.request(lock, () => {
    say({ kind: "held" });
    return new Promise<never>(() => {});
  });
}

async function answer({ id, name, argument }: RunMessage<JobName>): Promise<void> {
  const controller = new AbortController();
  going.set(id, controller);
  const context: JobContext<never> = {
    studio,
    signal: controller.signal,
    tell: (event) => say({ kind: "event", id, event }),
  };
  try {
    const result = await jobs[name](argument as never, context);
    say({ kind: "done", id, result });
  } catch (error) {
    say({ kind: "failed", id, failure: failureOf(error) });
  } finally {
    going.delete(id);
  }
}
