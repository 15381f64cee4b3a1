import type { SkippedFile } from "../dataset/index.js";
import type { DecodeMode, SampleStopReason } from "../generate/index.js";
import type { Score } from "../midi/index.js";
import type { TrainRunOptions } from "../run/index.js";
import type { TokenizerName } from "../tokens/index.js";
import type { MetricsRecord, StopReason } from "../train/index.js";
import type { Costs } from "./costs.js";
import type { Failure } from "./failure.js";

// What page and worker say to each other: plain data, which structured cloning carries.

/** One kind of work: what it takes, what it tells as it goes on, and what it gives in the end. */
interface Job<Argument, Event, Result> {
  readonly argument: Argument;
  readonly event: Event;
  readonly result: Result;
}

/** The worker's jobs by name. */
export interface Jobs {
  /** Starts the engine; the first of all jobs, and once. */
  readonly start: Job<StartRequest, never, EngineInfo>;
  /** Makes a checkpoint the one that `continue` uses. One that can't be read leaves the one before in place. */
  readonly open: Job<OpenRequest, never, ModelInfo>;
  /** Goes on from a prompt. Stopped, it gives what is there by then. */
  readonly continue: Job<ContinueRequest, ContinueEvent, Continued>;
  /** Renders a score as a WAV file; its events are the share that is done, 0 to 1. */
  readonly render: Job<RenderRequest, number, Blob>;
  /** Trains a model, or goes on with a stopped run. Other jobs go on beside it. */
  readonly train: Job<TrainRequest, TrainEvent, Trained>;
  /** The training run as a zip of the folder that Node would have written. */
  readonly zipTrained: Job<{ readonly name: string }, never, Blob>;
  /** Makes the best checkpoint of the training run the one that `continue` uses. */
  readonly useTrained: Job<{ readonly name: string }, never, ModelInfo>;
}

/** A job's name. */
export type JobName = keyof Jobs;

/** The engines that the studio offers. */
export type EngineChoice = "simd" | "webgpu";

/** Where the engine's files are, and how it is started. */
export interface StartRequest {
  /** Address of the folder with the engine's modules and `simd-worker.js`; the package's own places unless given. */
  readonly base?: string;
  /** As many as the browser names unless given. */
  readonly threads?: number;
  /** What computes: the processor unless it is the GPU's turn. */
  readonly engine?: EngineChoice;
  /** `shared-plain` and so on: a build other than the fastest, for comparisons. */
  readonly build?: "shared-relaxed" | "shared-plain" | "single-relaxed" | "single-plain";
  /** Version of this package, written into what is made. */
  readonly version: string;
}

/** What computes. */
export interface EngineInfo {
  readonly name: EngineChoice;
  /** The build of the simd engine, or the GPU's name. */
  readonly build: string;
  /** Threads of the processor that compute. */
  readonly threads: number;
  /** Whether the page is cross-origin isolated: without it there is one thread. */
  readonly isolated: boolean;
}

/** A file as it was dropped or chosen: its path in what was given, with `/` between folders. */
export interface GivenFile {
  readonly path: string;
  readonly content: Blob;
}

/** A checkpoint's folder, a training run's, or a zip of either. */
export interface OpenRequest {
  readonly name: string;
  readonly files: readonly GivenFile[];
}

/** A checkpoint that is in use. */
export interface ModelInfo {
  readonly name: string;
  readonly parameters: number;
  readonly layers: number;
  readonly width: number;
  readonly contextLength: number;
  readonly tokenizer: string;
  /** SHA-256 of the weights, in hexadecimal. */
  readonly hash: string;
}

/** From what, how far, and how. */
export interface ContinueRequest extends ContinueSettings {
  /** Left out, a piece begins from nothing. */
  readonly prompt?: Score;
}

/** What a user sets for a continuation. */
export interface ContinueSettings {
  /** 1 to 512. */
  readonly bars: number;
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
  readonly decode: DecodeMode;
}

/** How far a continuation has come. */
export interface ContinueEvent {
  /** 0 to 1. */
  readonly share: number;
  readonly costs: Costs;
  /** The piece so far; there where notes are new. */
  readonly score?: Score;
  /** The tick at which the new part begins. */
  readonly seam: number;
}

/** What came of a continuation. */
export interface Continued {
  readonly score: Score;
  readonly seam: number;
  readonly stopped: SampleStopReason;
  readonly costs: Costs;
  /** For people. */
  readonly warnings: readonly string[];
}

/** What is rendered, with which instruments. */
export interface RenderRequest {
  readonly score: Score;
  /** An .sf2, .sf3 or .dls file. */
  readonly soundfont: Blob;
}

/** What is learned from, and how. */
export interface TrainRequest {
  /** MIDI files. */
  readonly files: readonly GivenFile[];
  readonly tokenizer: TokenizerName;
  /** As of `attacca train`; its defaults hold for what isn't given. */
  readonly options: Partial<TrainRunOptions>;
  /** What the model plays at each evaluation. */
  readonly sample: { readonly prompt?: Score; readonly bars: number; readonly seed: number };
  /** Go on with the run that was stopped; then only `sample` counts. */
  readonly goOn?: boolean;
}

/** What training tells of itself. */
export type TrainEvent =
  | { readonly kind: "reading"; readonly done: number; readonly files: number }
  | { readonly kind: "start"; readonly info: SessionInfo; readonly skipped: readonly SkippedFile[] }
  | { readonly kind: "step"; readonly record: MetricsRecord }
  | {
      readonly kind: "evaluation";
      readonly step: number;
      readonly validationLoss: number;
      readonly best: boolean;
    }
  | { readonly kind: "sample"; readonly step: number; readonly score: Score };

/** A training run. */
export interface SessionInfo {
  readonly parameters: number;
  readonly vocabulary: number;
  readonly trainPieces: number;
  readonly trainTokens: number;
  /** 0 where there was but one piece. */
  readonly validationPieces: number;
  readonly updatesPerEpoch: number;
  readonly steps: number;
  /** Updates done. */
  readonly step: number;
}

/** What training came to. */
export interface Trained {
  readonly reason: StopReason;
  /** What was found where the loss diverged. */
  readonly found?: string;
  readonly step: number;
  readonly bestStep: number | null;
  readonly info: SessionInfo;
}

/** What the page sends. */
export type PageMessage =
  | { readonly [Name in JobName]: RunMessage<Name> }[JobName]
  | StopMessage
  | HoldMessage;

/**
 * A Web Lock to hold for as long as the worker lives. The browser tells nobody of a worker that it has ended, and gives its
 * locks to who waits for them.
 */
interface HoldMessage {
  readonly kind: "hold";
  readonly lock: string;
}

/** A job to do. */
export interface RunMessage<Name extends JobName> {
  readonly kind: "run";
  /** Chosen by the page; answers carry it. */
  readonly id: number;
  readonly name: Name;
  readonly argument: Jobs[Name]["argument"];
}

/** A job to leave at the next step. */
interface StopMessage {
  readonly kind: "stop";
  readonly id: number;
}

/** What the worker sends: once that it holds its lock; any number of events for a job, then one of the last two. */
export type WorkerMessage =
  | { readonly kind: "held" }
  | { readonly kind: "event"; readonly id: number; readonly event: unknown }
  | { readonly kind: "done"; readonly id: number; readonly result: unknown }
  | { readonly kind: "failed"; readonly id: number; readonly failure: Failure };
