import { AttaccaError } from "../../errors.js";
import { readScore, type Score } from "../../midi/index.js";
import { type RunOptions, type StudioClient, startClient } from "../client.js";
import { titleOf } from "../given.js";
import type {
  EngineChoice,
  EngineInfo,
  GivenFile,
  JobName,
  Jobs,
  ModelInfo,
  OpenRequest,
} from "../protocol.js";
import {
  INITIAL_STATE,
  promptOf,
  reduce,
  runningTake,
  type StudioAction,
  type StudioState,
} from "../state.js";
import type { Listening } from "./listening.js";
import type { Messages } from "./messages.js";

/** Largest MIDI file that is read, as on the command line. */
const MOST_MIDI_BYTES = 64 * 2 ** 20;

/** The page and its sound need a core of their own, or they stutter while the engine computes. */
const THREADS = Math.max(1, Math.min(8, navigator.hardwareConcurrency - 1));

/** What all parts of the page share: the state, the worker, the sound. */
export interface PageStudio {
  readonly state: StudioState;
  readonly engine: EngineInfo | undefined;
  readonly model: ModelInfo | undefined;
  readonly listening: Listening;
  readonly messages: Messages;
  dispatch(action: StudioAction): void;
  /** Calls `listener` after every change, of the state or of engine and model. */
  onChange(listener: () => void): void;
  /** Does a job in the worker. */
  run<Name extends JobName>(
    name: Name,
    argument: Jobs[Name]["argument"],
    options?: RunOptions<Jobs[Name]["event"]>,
  ): Promise<Jobs[Name]["result"]>;
  /** Starts worker and engine, and opens the checkpoint that was used last. */
  start(): Promise<void>;
  /** Starts another engine, with the same checkpoint. */
  useEngine(choice: EngineChoice): Promise<void>;
  open(request: OpenRequest): Promise<void>;
  useTrained(name: string): Promise<void>;
  /** Takes a MIDI file as the prompt. */
  takePrompt(file: GivenFile): Promise<void>;
  goOn(listen: boolean): Promise<void>;
  stop(): void;
}

/** Where the page's files are. */
export interface StudioPlaces {
  /** Address of the folder of scripts. */
  readonly base: string;
  readonly version: string;
}

/** The page's studio; `start` it. */
export function createPageStudio(
  { base, version }: StudioPlaces,
  listening: Listening,
  messages: Messages,
): PageStudio {
  let state = INITIAL_STATE;
  let client: StudioClient | undefined;
  let engine: EngineInfo | undefined;
  let model: ModelInfo | undefined;
  let opened: OpenRequest | undefined;
  let choice: EngineChoice = "simd";
  let stopping: AbortController | undefined;
  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of listeners) listener();
  };

  const run: PageStudio["run"] = async (name, argument, options) => {
    if (client === undefined) throw new Error("The engine isn't started.");
    try {
      return await client.run(name, argument, options);
    } catch (error) {
      if (client.closed && engine !== undefined) {
        engine = undefined;
        model = undefined;
        changed();
        messages.tell("The engine has stopped. Prompt and takes are still there.", error, {
          label: "Start it again",
          run: () => void studio.start(),
        });
      }
      throw error;
    }
  };

  const studio: PageStudio = {
    get state() {
      return state;
    },
    get engine() {
      return engine;
    },
    get model() {
      return model;
    },
    listening,
    messages,
    run,
    onChange: (listener) => void listeners.add(listener),
    dispatch(action) {
      const next = reduce(state, action);
      if (next === state) return;
      state = next;
      changed();
    },
    async start() {
      client?.close();
      client = startClient(() => new Worker(new URL("worker.js", base), { type: "module" }));
      try {
        engine = await client.run("start", { base, version, threads: THREADS, engine: choice });
        changed();
        if (opened !== undefined) await studio.open(opened);
      } catch (error) {
        messages.tell(
          "The engine couldn't be started.",
          error,
          choice === "webgpu"
            ? { label: "Compute on the processor", run: () => void studio.useEngine("simd") }
            : { label: "Try again", run: () => void studio.start() },
        );
        changed();
      }
    },
    async useEngine(next) {
      stopping?.abort();
      choice = next;
      engine = undefined;
      model = undefined;
      changed();
      await studio.start();
    },
    async open(request) {
      try {
        model = await run("open", request);
        opened = request;
      } catch (error) {
        messages.tell(
          `${request.name} couldn't be opened${model ? `; ${model.name} is still in use` : ""}.`,
          error,
        );
      }
      changed();
    },
    async useTrained(name) {
      try {
        model = await run("useTrained", { name });
      } catch (error) {
        messages.tell("What was trained can't be used.", error);
      }
      changed();
    },
    async takePrompt({ path, content }) {
      try {
        if (content.size > MOST_MIDI_BYTES) {
          throw new Error(
            `It has ${Math.round(content.size / 2 ** 20)} MiB; at most ${MOST_MIDI_BYTES / 2 ** 20} are read.`,
          );
        }
        const { score, warnings } = readScore(new Uint8Array(await content.arrayBuffer()));
        if (warnings.length > 0) {
          const details = warnings.slice(0, 3).map(({ message, byte }) => `Byte ${byte}: ${message}`);
          messages.note(`${titleOf(path)} was read; something in it was passed over.`, details);
        }
        studio.dispatch({ type: "prompt", title: titleOf(path), score });
      } catch (error) {
        messages.tell(`${path} can't be read as a MIDI file.`, error);
      }
    },
    async goOn(listen) {
      if (model === undefined || runningTake(state) !== undefined) return;
      const settings = state.settings;
      const prompt = promptOf(state);
      studio.dispatch({ type: "begin", model: model.name });
      const take = runningTake(state);
      if (take === undefined) return;
      stopping = new AbortController();
      const key = `take-${take.id}`;
      const grow = liveSound(key, listen ? prompt?.score : undefined, listen);
      try {
        const result = await run(
          "continue",
          { ...settings, prompt: prompt?.score },
          {
            signal: stopping.signal,
            onEvent(event) {
              studio.dispatch({ type: "progress", id: take.id, event });
              if (event.score !== undefined) grow(event.score, event.seam, false);
            },
          },
        );
        studio.dispatch({ type: "end", id: take.id, result });
        grow(result.score, result.seam, true);
      } catch (error) {
        studio.dispatch({ type: "fail", id: take.id });
        // Who stopped because the worker is gone has been told so.
        if (engine !== undefined) messages.tell(`${take.title} couldn't be generated.`, error, remedy(error));
      }
    },
    stop: () => stopping?.abort(),
  };

  /** After anything but wrong input the engine may be in any state. */
  function remedy(error: unknown): Parameters<Messages["tell"]>[2] {
    if (error instanceof AttaccaError) return undefined;
    return { label: "Start the engine again", run: () => void studio.start() };
  }

  /** Plays a take as it is generated: at first the end of its prompt, at once, while the user's click counts. */
  function liveSound(
    key: string,
    prompt: Score | undefined,
    listen: boolean,
  ): (score: Score, seam: number, isWhole: boolean) => void {
    let begun = !listen;
    const fail = (error: unknown): void => messages.tell("Sound can't be played.", error);
    if (listen && prompt !== undefined) {
      begun = true;
      listening.playEnd(key, prompt).catch(fail);
    }
    return (score, seam, isWhole) => {
      if (listen && !begun) {
        begun = true;
        listening.play(key, score, seam).catch(fail);
        listening.grow(key, score, isWhole);
      } else listening.grow(key, score, isWhole);
    };
  }
  return studio;
}
