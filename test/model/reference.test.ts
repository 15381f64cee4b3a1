import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import {
  disposeParameters,
  forward,
  loss,
  lossAndGradients,
  nll,
  type Parameters,
  parametersFrom,
} from "../../src/model/index.js";
import { expectNoLeak, relativeError, rowsOf, testedBackends, useBackend } from "../tensors.js";
import { referenceModel } from "./reference-model.js";

describe.each(
  testedBackends.flatMap((backend) =>
    (["narrow", "deep", "rotary"] as const).map((name) => [name, backend] as const),
  ),
)("the %s reference model on %s", (name, backend) => {
  const { config, values, golden } = referenceModel(name);
  const ids = rowsOf(golden("ids"));
  const targets = rowsOf(golden("targets"));
  const check = async (call: (parameters: Parameters) => void): Promise<void> => {
    await useBackend(backend);
    expectNoLeak(() => {
      const parameters = parametersFrom(config, values);
      call(parameters);
      disposeParameters(parameters);
    });
  };

  it("gives PyTorch's logits", () =>
    check((parameters) => {
      const logits = forward(parameters, config, ids);
      expect(logits.shape).toEqual(golden("logits").shape);
      expect(relativeError(logits.dataSync(), golden("logits").values)).toBeLessThan(1e-5);
      logits.dispose();
    }));

  it("gives them for the last position alone", () =>
    check((parameters) => {
      const logits = forward(parameters, config, ids, { positions: "last" });
      const { vocab_size: vocabulary, n_positions: time } = config;
      expect(logits.shape).toEqual([2, 1, vocabulary]);
      const last = golden("logits").values.subarray((time - 1) * vocabulary, time * vocabulary);
      expect(relativeError(logits.dataSync().subarray(0, vocabulary), last)).toBeLessThan(1e-5);
      logits.dispose();
    }));

  it("gives PyTorch's loss, the mean of the values of each target", () =>
    check((parameters) => {
      const whole = loss(parameters, config, ids, targets);
      expect(relativeError(whole.dataSync(), golden("loss").values)).toBeLessThan(1e-5);
      const each = nll(parameters, config, ids, targets);
      const counted = targets.flat().filter((target) => target >= 0).length;
      const sum = Array.from(each.dataSync()).reduce((a, b) => a + b, 0);
      expect(sum / counted).toBeCloseTo(golden("loss").values[0], 4);
      tf.dispose([whole, each]);
    }));

  it("gives PyTorch's gradient of every parameter", () =>
    check((parameters) => {
      const { loss: value, gradients } = lossAndGradients(parameters, config, ids, targets);
      expect(relativeError(value.dataSync(), golden("loss").values)).toBeLessThan(1e-5);
      expect([...gradients.keys()]).toEqual([...parameters.keys()]);
      for (const [parameter, gradient] of gradients) {
        const expected = golden(`gradient/${parameter}`);
        expect(gradient.shape, parameter).toEqual(expected.shape);
        expect(relativeError(gradient.dataSync(), expected.values), parameter).toBeLessThan(1e-4);
      }
      tf.dispose([value, ...gradients.values()]);
    }));
});
