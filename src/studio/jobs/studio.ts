import { missing } from "../../errors.js";
import { disposeParameters, type ModelConfig, type Parameters } from "../../model/index.js";
import type { Tokenizer } from "../../tokens/index.js";
import type { TrainingSession } from "./training-session.js";

/** A model that is ready to generate. */
export interface StudioModel {
  readonly config: ModelConfig;
  readonly parameters: Parameters;
  readonly tokenizer: Tokenizer;
  readonly hash: string;
}

/** What the worker's jobs share. */
export interface Studio {
  /** Version of this package, once the engine was started. */
  version: string;
  /** Whether a training run is going on. */
  isTraining: boolean;
  /** The training run, going on or stopped. */
  session?: TrainingSession;
  /** @throws AttaccaError `missing` where no checkpoint was opened yet */
  model(): StudioModel;
  /** Takes the place of the model before, whose weights are freed once no job uses them. */
  setModel(model: StudioModel): void;
  /** Does `work` with the engine to itself: jobs that compute come one after the other. */
  withEngine<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Lets the jobs that wait for the engine go first; for long work that can pause between two steps. */
  letOthersGo(): Promise<void>;
}

/** A studio without a model. */
export function createStudio(): Studio {
  let model: StudioModel | undefined;
  let last: Promise<unknown> = Promise.resolve();
  return {
    version: "",
    isTraining: false,
    model() {
      if (model !== undefined) return model;
      throw missing("checkpoint", "one that was opened");
    },
    setModel(next) {
      const before = model;
      model = next;
      // Behind the jobs that still compute with it.
      if (before !== undefined) last = last.then(() => disposeParameters(before.parameters));
    },
    withEngine(work) {
      const done = last.then(work);
      last = done.catch(() => undefined);
      return done;
    },
    async letOthersGo() {
      await last;
    },
  };
}

/** Gives the worker's messages a turn, if the last one was a while ago: the engine computes without leaving the thread. */
export function breather(everyMilliseconds = 12): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < everyMilliseconds) return;
    await turn();
    last = performance.now();
  };
}

/** One turn of the event loop; a timer would wait for milliseconds once it is nested. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
