import type { DecodeMode } from "../generate/index.js";
import type { Score } from "../midi/index.js";
import type { Costs } from "./costs.js";
import type { Continued, ContinueEvent, ContinueSettings } from "./protocol.js";

// What the page knows, as plain data, and what every event makes of it. No DOM, no clock: the same actions give the same state.

/** Something to go on from. */
export interface Prompt {
  readonly id: number;
  readonly title: string;
  readonly score: Score;
  /** Where the newest continuation in it begins, in ticks; absent for what came from outside. */
  readonly seam?: number;
}

/** One way in which a prompt goes on. */
export interface Take {
  readonly id: number;
  readonly title: string;
  /** The prompt that it goes on from; undefined for a piece from nothing. */
  readonly promptId: number | undefined;
  readonly settings: ContinueSettings;
  /** The checkpoint's name. */
  readonly model: string;
  readonly status: "running" | "done" | "stopped";
  /** 0 to 1. */
  readonly share: number;
  /** What there is so far; undefined before the first note. */
  readonly score?: Score;
  readonly seam: number;
  readonly costs?: Costs;
  readonly warnings: readonly string[];
}

/** What lies on the desk: the part of the state that is undone and redone. */
export interface Desk {
  readonly promptId: number | undefined;
  /** Newest first. */
  readonly takeIds: readonly number[];
  /** Takes that "delete the others" leaves. */
  readonly keptIds: readonly number[];
}

/** The two takes that are compared. */
export type Side = "a" | "b";

/** Everything that the composing half of the page shows. */
export interface StudioState {
  readonly nextId: number;
  readonly prompts: ReadonlyMap<number, Prompt>;
  readonly takes: ReadonlyMap<number, Take>;
  readonly desk: Desk;
  readonly past: readonly Desk[];
  readonly future: readonly Desk[];
  readonly settings: ContinueSettings;
  readonly compared: { readonly a?: number; readonly b?: number };
}

/** What can happen. */
export type StudioAction =
  | { readonly type: "prompt"; readonly title: string; readonly score: Score }
  /** A piece from nothing. */
  | { readonly type: "no-prompt" }
  | { readonly type: "settings"; readonly settings: Partial<ContinueSettings> }
  | { readonly type: "begin"; readonly model: string }
  | { readonly type: "progress"; readonly id: number; readonly event: ContinueEvent }
  | { readonly type: "end"; readonly id: number; readonly result: Continued }
  /** The take failed: what is there of it stays, and one without notes goes. */
  | { readonly type: "fail"; readonly id: number }
  | { readonly type: "extend"; readonly id: number }
  | { readonly type: "delete"; readonly id: number }
  | { readonly type: "keep"; readonly id: number; readonly keep: boolean }
  | { readonly type: "delete-others" }
  | { readonly type: "compare"; readonly side: Side; readonly id: number | undefined }
  | { readonly type: "undo" }
  | { readonly type: "redo" };

/** What a user finds set. */
export const DEFAULT_SETTINGS: ContinueSettings = {
  bars: 8,
  temperature: 0.95,
  topP: 0.98,
  seed: 1,
  decode: "cached" satisfies DecodeMode,
};

/** So many steps back are kept. */
const MOST_UNDO = 100;

/** The state of a page that was just opened. */
export const INITIAL_STATE: StudioState = {
  nextId: 1,
  prompts: new Map(),
  takes: new Map(),
  desk: { promptId: undefined, takeIds: [], keptIds: [] },
  past: [],
  future: [],
  settings: DEFAULT_SETTINGS,
  compared: {},
};

/** The state after something has happened. What isn't possible changes nothing, and gives the same state back. */
export function reduce(state: StudioState, action: StudioAction): StudioState {
  switch (action.type) {
    case "prompt":
      return withPrompt(state, { title: action.title, score: action.score });
    case "no-prompt":
      return state.desk.promptId === undefined
        ? state
        : onDesk(state, { ...state.desk, promptId: undefined });
    case "settings":
      return { ...state, settings: { ...state.settings, ...action.settings } };
    case "begin":
      return begun(state, action.model);
    case "progress": {
      const { share, costs, seam, score } = action.event;
      return changed(state, action.id, { share, costs, seam, ...(score && { score }) });
    }
    case "end": {
      const { stopped, score, seam, costs, warnings } = action.result;
      const status = stopped === "aborted" ? "stopped" : "done";
      return changed(state, action.id, { status, share: 1, score, seam, costs, warnings });
    }
    case "fail":
      return failed(state, action.id);
    case "extend": {
      const take = state.takes.get(action.id);
      if (take?.score === undefined || take.status === "running") return state;
      return withPrompt(state, { title: take.title, score: take.score, seam: take.seam });
    }
    case "delete":
      return state.desk.takeIds.includes(action.id) ? onDesk(state, without(state.desk, action.id)) : state;
    case "keep":
      return kept(state, action.id, action.keep);
    case "delete-others": {
      const { desk } = state;
      const takeIds = desk.takeIds.filter((id) => desk.keptIds.includes(id) || isRunning(state, id));
      return takeIds.length === desk.takeIds.length ? state : onDesk(state, { ...desk, takeIds });
    }
    case "compare":
      return { ...state, compared: { ...state.compared, [action.side]: action.id } };
    case "undo":
      return undone(state);
    case "redo":
      return redone(state);
  }
}

/** The takes on the desk, newest first. */
export function takesOf(state: StudioState): Take[] {
  return state.desk.takeIds.flatMap((id) => state.takes.get(id) ?? []);
}

/** What the next take goes on from. */
export function promptOf(state: StudioState): Prompt | undefined {
  return state.desk.promptId === undefined ? undefined : state.prompts.get(state.desk.promptId);
}

/** The take that is being generated. */
export function runningTake(state: StudioState): Take | undefined {
  return [...state.takes.values()].find(({ status }) => status === "running");
}

function isRunning(state: StudioState, id: number): boolean {
  return state.takes.get(id)?.status === "running";
}

function withPrompt(state: StudioState, prompt: Omit<Prompt, "id">): StudioState {
  const id = state.nextId;
  const prompts = new Map(state.prompts).set(id, { ...prompt, id });
  return onDesk({ ...state, nextId: id + 1, prompts }, { ...state.desk, promptId: id });
}

function begun(state: StudioState, model: string): StudioState {
  if (runningTake(state) !== undefined) return state;
  const id = state.nextId;
  const { settings, desk } = state;
  const number =
    1 + Math.max(0, ...[...state.takes.values()].map(({ title }) => Number(/\d+$/.exec(title)?.[0] ?? 0)));
  const take: Take = {
    id,
    title: `Take ${number}`,
    promptId: desk.promptId,
    settings,
    model,
    status: "running",
    share: 0,
    seam: 0,
    warnings: [],
  };
  const takes = new Map(state.takes).set(id, take);
  // The next take shall be another one; who wants the same again sets the seed back.
  const next = { ...settings, seed: settings.seed + 1 };
  return onDesk(
    { ...state, nextId: id + 1, takes, settings: next },
    { ...desk, takeIds: [id, ...desk.takeIds] },
  );
}

function changed(state: StudioState, id: number, change: Partial<Take>): StudioState {
  const take = state.takes.get(id);
  // What comes after a take was stopped or pruned is of no use.
  if (take?.status !== "running") return state;
  return { ...state, takes: new Map(state.takes).set(id, { ...take, ...change }) };
}

function failed(state: StudioState, id: number): StudioState {
  const take = state.takes.get(id);
  if (take === undefined) return state;
  if (take.score !== undefined) return changed(state, id, { status: "stopped" });
  const takes = new Map(state.takes);
  takes.delete(id);
  // As if it had never been begun: undoing must not bring it back either.
  const clean = (desk: Desk): Desk => without(desk, id);
  return {
    ...state,
    takes,
    desk: clean(state.desk),
    past: state.past.map(clean),
    future: state.future.map(clean),
  };
}

function kept(state: StudioState, id: number, keep: boolean): StudioState {
  const { desk } = state;
  if (!desk.takeIds.includes(id) || desk.keptIds.includes(id) === keep) return state;
  const others = desk.keptIds.filter((each) => each !== id);
  return onDesk(state, { ...desk, keptIds: keep ? [...others, id] : others });
}

function without(desk: Desk, id: number): Desk {
  const others = (ids: readonly number[]): number[] => ids.filter((each) => each !== id);
  return { ...desk, takeIds: others(desk.takeIds), keptIds: others(desk.keptIds) };
}

/** A new desk, from which undoing leads back to the present one. */
function onDesk(state: StudioState, desk: Desk): StudioState {
  return pruned({ ...state, desk, past: [...state.past, state.desk].slice(-MOST_UNDO), future: [] });
}

function undone(state: StudioState): StudioState {
  const desk = state.past.at(-1);
  if (desk === undefined) return state;
  return { ...state, desk, past: state.past.slice(0, -1), future: [state.desk, ...state.future] };
}

function redone(state: StudioState): StudioState {
  const [desk, ...future] = state.future;
  if (desk === undefined) return state;
  return { ...state, desk, past: [...state.past, state.desk], future };
}

/** Lets go of prompts and takes that no desk can bring back. */
function pruned(state: StudioState): StudioState {
  const desks = [state.desk, ...state.past, ...state.future];
  const takeIds = new Set(desks.flatMap((desk) => desk.takeIds));
  const takes = new Map(
    [...state.takes].filter(([id, { status }]) => takeIds.has(id) || status === "running"),
  );
  const promptIds = new Set([
    ...desks.map(({ promptId }) => promptId),
    ...[...takes.values()].map(({ promptId }) => promptId),
  ]);
  const prompts = new Map([...state.prompts].filter(([id]) => promptIds.has(id)));
  const { a, b } = state.compared;
  const there = (id: number | undefined): number | undefined =>
    id !== undefined && takes.has(id) ? id : undefined;
  return { ...state, takes, prompts, compared: { a: there(a), b: there(b) } };
}
