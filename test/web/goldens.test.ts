import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTab, type Tab } from "../../scripts/web/tab.js";
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

describe("webgpu in a page without isolation", () => {
  let tab: Tab;
  beforeAll(async () => {
    tab = await openTab({ isolated: false, webgpu: true });
    await tab.run("choose", "webgpu");
  });
  afterAll(() => tab.close());

  it("is not what auto takes, as the device is in software, and is what is asked for", async () => {
    expect(await tab.run("choose", "auto")).toMatchObject({
      name: "simd",
      why: expect.stringMatching(/webgpu: only a device in software/),
    });
    expect(await tab.run("choose", "webgpu")).toMatchObject({
      name: "webgpu",
      why: expect.stringMatching(/on WebGPU, .*swiftshader.* \(in software\); asked for$/i),
    });
  });

  testGoldens((name, argument) => runInTab(tab, name, argument));
});
