import { errorFrom, type Failure } from "./failure.js";
import type { JobName, Jobs, PageMessage, WorkerMessage } from "./protocol.js";

/** How a job is followed and stopped. */
export interface RunOptions<Event> {
  readonly onEvent?: (event: Event) => void;
  /** Aborted, the job ends at its next step, with what is there. */
  readonly signal?: AbortSignal;
}

/** The page's end of the worker. */
export interface StudioClient {
  /** Does a job in the worker. Rejects with what went wrong there, or where the worker is gone. */
  run<Name extends JobName>(
    name: Name,
    argument: Jobs[Name]["argument"],
    options?: RunOptions<Jobs[Name]["event"]>,
  ): Promise<Jobs[Name]["result"]>;
  /** Ends the worker; jobs that are going on are rejected. */
  close(): void;
  /** Whether the worker is gone: closed, or dead by itself. */
  readonly closed: boolean;
}

interface Waiting {
  onEvent(event: unknown): void;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

const newWorker = (): Worker => new Worker(new URL("./worker.js", import.meta.url), { type: "module" });

/** Starts a worker that waits for jobs. */
export function startClient(createWorker: () => Worker = newWorker): StudioClient {
  const worker = createWorker();
  const lock = `attacca-studio-${crypto.randomUUID()}`;
  const waiting = new Map<number, Waiting>();
  let asked = 0;
  let gone: Failure | undefined;

  const end = (failure: Failure): void => {
    gone ??= failure;
    worker.terminate();
    for (const { reject } of waiting.values()) reject(errorFrom(failure));
    waiting.clear();
  };
  const send = (message: PageMessage): void => worker.postMessage(message);
  worker.addEventListener("message", ({ data }: MessageEvent<WorkerMessage>) => {
    if (data.kind === "held") {
      const ended = { message: "The browser has ended the worker (is memory short?)." };
      void navigator.locks.request(lock, () => end(ended));
      return;
    }
    const job = waiting.get(data.id);
    if (job === undefined) return;
    if (data.kind === "event") return job.onEvent(data.event);
    waiting.delete(data.id);
    if (data.kind === "done") job.resolve(data.result);
    else job.reject(errorFrom(data.failure));
  });
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    end({ message: `The worker stopped: ${event.message || "its script couldn't be loaded"}.` });
  });
  worker.addEventListener("messageerror", () =>
    end({ message: "The worker stopped: a message couldn't be read (is memory short?)." }),
  );

  // Only pages that came by a safe way (https, this machine) have locks.
  if (navigator.locks !== undefined) send({ kind: "hold", lock });
  return {
    get closed() {
      return gone !== undefined;
    },
    close: () => end({ message: "The worker was closed." }),
    run(name, argument, { onEvent, signal } = {}) {
      if (gone !== undefined) return Promise.reject(errorFrom(gone));
      const id = ++asked;
      const stop = (): void => send({ kind: "stop", id });
      return new Promise<never>((resolve, reject) => {
        waiting.set(id, {
          onEvent: (event) => onEvent?.(event as never),
          resolve: (result) => resolve(result as never),
          reject,
        });
        send({ kind: "run", id, name, argument } as PageMessage);
        if (signal?.aborted) stop();
        signal?.addEventListener("abort", stop, { once: true });
      }).finally(() => signal?.removeEventListener("abort", stop));
    },
  };
}
