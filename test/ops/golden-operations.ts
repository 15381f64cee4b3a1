import type { Attributes } from "../../src/ops/index.js";
import { readGolden } from "../tensors.js";
import type { OperationCase } from "./run-operation.js";

/** An operation that PyTorch ran: what goes in, and what must come out. */
export interface GoldenOperation {
  readonly given: OperationCase;
  /** The values of `out`, or of `grad/INPUT`. */
  expected(name: string): ArrayLike<number>;
}

/** The operations that scripts/goldens-torch.py ran, by name. */
export function goldenOperations(): Map<string, GoldenOperation> {
  const { tensors, metadata } = readGolden("ops/ops.safetensors");
  const names = [...new Set([...tensors.keys()].map((name) => name.split("/")[0]))];
  const golden = (name: string): GoldenOperation => {
    const chosen = [...tensors].filter(
      ([key]) => /^(in|const)$/.test(key.split("/")[1]) && key.startsWith(`${name}/`),
    );
    return {
      given: {
        operation: name.replace(/(Causal|Full|Gelu)$/, ""),
        attributes: {
          ...{ rate: 0, key0: 0, key1: 0 },
          ...(JSON.parse(metadata.get(name) ?? "{}") as Attributes),
        },
        tensors: Object.fromEntries(chosen.map(([key, values]) => [key.split("/")[2], values])),
        dy: tensors.get(`${name}/dy`)!,
      },
      expected: (output) => tensors.get(`${name}/${output}`)!.values,
    };
  };
  return new Map(names.map((name) => [name, golden(name)]));
}
