import { beforeAll, describe } from "vitest";
import { testedBackends, useBackend } from "../tensors.js";
import { testCurve } from "../web/goldens.js";
import { runJob } from "../web/jobs.js";

describe.each(testedBackends)("a training run on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  testCurve(runJob);
});
