import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Score } from "../../src/midi/index.js";
import type { Continued } from "../../src/studio/protocol.js";
import {
  INITIAL_STATE,
  promptOf,
  reduce,
  runningTake,
  type StudioAction,
  type StudioState,
  takesOf,
} from "../../src/studio/state.js";

const score: Score = {
  ticksPerQuarter: 480,
  tempos: [],
  timeSignatures: [],
  keySignatures: [],
  texts: [],
  tracks: [],
};
const costs = { decode: "cached", tokens: 3, seconds: 1, musicSeconds: 2, modes: {} } as const;
const result: Continued = { score, seam: 960, stopped: "bars", costs, warnings: [] };

const applied = (state: StudioState, ...actions: readonly StudioAction[]): StudioState =>
  actions.reduce(reduce, state);
const prompted = applied(INITIAL_STATE, { type: "prompt", title: "Ode", score });
const takes = (state: StudioState): string[] => takesOf(state).map(({ title }) => title);

/** A take that was generated to its end, and its number. */
function withTake(state: StudioState): [StudioState, number] {
  const begun = reduce(state, { type: "begin", model: "chorales" });
  const { id } = runningTake(begun)!;
  return [reduce(begun, { type: "end", id, result }), id];
}

describe("the studio's state", () => {
  it("grows a take from begin to end, and counts the seed on", () => {
    const begun = reduce(prompted, { type: "begin", model: "chorales" });
    const take = runningTake(begun)!;
    expect(take).toMatchObject({ title: "Take 1", model: "chorales", settings: { seed: 1 }, share: 0 });
    expect(begun.settings.seed).toBe(2);
    const event = { share: 0.5, seam: 960, costs, score };
    const half = reduce(begun, { type: "progress", id: take.id, event });
    expect(runningTake(half)).toMatchObject({ share: 0.5, seam: 960, score, costs });
    // Progress without new notes leaves the notes.
    const further = reduce(half, { type: "progress", id: take.id, event: { share: 0.6, seam: 960, costs } });
    expect(runningTake(further)).toMatchObject({ share: 0.6, score });
    const done = reduce(further, { type: "end", id: take.id, result });
    expect(runningTake(done)).toBeUndefined();
    expect(takesOf(done)).toMatchObject([{ status: "done", share: 1 }]);
  });

  it("generates one take at a time", () => {
    const begun = reduce(prompted, { type: "begin", model: "m" });
    expect(reduce(begun, { type: "begin", model: "m" })).toBe(begun);
  });

  it("undoes and redoes a deletion, a kept take, and a new prompt", () => {
    const [one, first] = withTake(prompted);
    const [two, second] = withTake(one);
    expect(takes(two)).toEqual(["Take 2", "Take 1"]);
    const deleted = reduce(two, { type: "delete", id: first });
    expect(takes(deleted)).toEqual(["Take 2"]);
    const back = reduce(deleted, { type: "undo" });
    expect(takes(back)).toEqual(["Take 2", "Take 1"]);
    expect(takes(reduce(back, { type: "redo" }))).toEqual(["Take 2"]);
    const keeping = reduce(two, { type: "keep", id: second, keep: true });
    expect(keeping.desk.keptIds).toEqual([second]);
    expect(reduce(keeping, { type: "undo" }).desk.keptIds).toEqual([]);
    const other = reduce(two, { type: "prompt", title: "Other", score });
    expect(promptOf(other)?.title).toBe("Other");
    expect(promptOf(reduce(other, { type: "undo" }))?.title).toBe("Ode");
  });

  it("finishes a take that was undone while it was generated, so that redoing brings it whole", () => {
    const begun = reduce(prompted, { type: "begin", model: "m" });
    const { id } = runningTake(begun)!;
    const undone = applied(begun, { type: "undo" }, { type: "end", id, result });
    expect(takes(undone)).toEqual([]);
    expect(takesOf(reduce(undone, { type: "redo" }))).toMatchObject([{ status: "done" }]);
  });

  it("forgets a take that failed before its first note, and keeps the notes of another", () => {
    const begun = reduce(prompted, { type: "begin", model: "m" });
    const { id } = runningTake(begun)!;
    const failed = reduce(begun, { type: "fail", id });
    expect(takes(applied(failed, { type: "undo" }, { type: "redo" }))).toEqual([]);
    const some = applied(
      begun,
      { type: "progress", id, event: { share: 0.1, seam: 0, costs, score } },
      { type: "fail", id },
    );
    expect(takesOf(some)).toMatchObject([{ status: "stopped", score }]);
  });

  it("goes on from a take without end", () => {
    let state = prompted;
    for (let i = 0; i < 120; i++) {
      const [next, id] = withTake(state);
      state = reduce(next, { type: "extend", id });
    }
    expect(promptOf(state)).toMatchObject({ title: "Take 120", seam: 960 });
    // What can't come back isn't kept.
    expect(state.prompts.size).toBeLessThanOrEqual(121);
    expect(state.past.length).toBe(100);
  });

  it("doesn't go on from a take that is being generated", () => {
    const begun = reduce(prompted, { type: "begin", model: "m" });
    expect(reduce(begun, { type: "extend", id: runningTake(begun)!.id })).toBe(begun);
  });

  it("deletes all but the kept takes and the one that is being generated", () => {
    const [one, first] = withTake(prompted);
    const [two] = withTake(one);
    const keeping = applied(
      two,
      { type: "keep", id: first, keep: true },
      { type: "begin", model: "m" },
      { type: "delete-others" },
    );
    expect(takes(keeping)).toEqual(["Take 3", "Take 1"]);
  });

  it("lets go of a compared take that can't come back", () => {
    const [one, first] = withTake(prompted);
    let state = applied(one, { type: "compare", side: "a", id: first }, { type: "delete", id: first });
    expect(state.compared.a).toBe(first);
    for (let i = 0; i < 101; i++) state = reduce(state, { type: "prompt", title: `${i}`, score });
    expect(state.compared.a).toBeUndefined();
  });

  it("undoes any actions back to the start, and redoes them to the same desk", () => {
    const id = fc.integer({ min: 1, max: 12 });
    const action: fc.Arbitrary<StudioAction> = fc.oneof(
      fc.constant<StudioAction>({ type: "prompt", title: "p", score }),
      fc.constant<StudioAction>({ type: "no-prompt" }),
      fc.constant<StudioAction>({ type: "begin", model: "m" }),
      fc.constant<StudioAction>({ type: "delete-others" }),
      id.map((one): StudioAction => ({ type: "end", id: one, result })),
      id.map((one): StudioAction => ({ type: "delete", id: one })),
      id.map((one): StudioAction => ({ type: "extend", id: one })),
      fc.tuple(id, fc.boolean()).map(([one, keep]): StudioAction => ({ type: "keep", id: one, keep })),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const state = applied(INITIAL_STATE, ...actions);
        let back = state;
        while (back.past.length > 0) back = reduce(back, { type: "undo" });
        expect(back.desk).toEqual(INITIAL_STATE.desk);
        let forth = back;
        while (forth.future.length > 0) forth = reduce(forth, { type: "redo" });
        expect(forth.desk).toEqual(state.desk);
        // Whatever lies on a desk is there.
        for (const desk of [state.desk, ...state.past]) {
          for (const one of desk.takeIds) expect(state.takes.has(one)).toBe(true);
          if (desk.promptId !== undefined) expect(state.prompts.has(desk.promptId)).toBe(true);
        }
      }),
    );
  });
});
