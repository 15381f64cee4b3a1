import { beforeAll, describe, expect } from "vitest";
import { chooseBackend } from "../../src/node/backend.js";
import { testGoldens } from "../web/goldens.js";
import { runJob } from "../web/jobs.js";

describe("webgpu in Node", () => {
  beforeAll(async () => {
    const { name, why } = await chooseBackend("webgpu");
    expect(name).toBe("webgpu");
    expect(why).toMatch(/WebGPU, .+; asked for$/);
  });

  testGoldens(runJob);
});
