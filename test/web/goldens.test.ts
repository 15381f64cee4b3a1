import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Tab } from "../../scripts/web/tab.js";
import { testGoldens } from "./goldens.js";
import { runInTab, type Started, setups, startTab } from "./setups.js";

describe.each(setups)("the simd engine in $name", (setup) => {
  let tab: Tab & { readonly started: Started };
  beforeAll(async () => {
    tab = await startTab(setup);
  });
  afterAll(() => tab.close());

  it("is the engine that was asked for", () => {
    const {
      isolated,
      threads = 1,
      build = expect.stringMatching(isolated ? /^shared-/ : /^single-/),
    } = setup;
    expect(tab.started).toEqual({ isolated, threads, build });
  });

  testGoldens((name, argument) => runInTab(tab, name, argument));
});
