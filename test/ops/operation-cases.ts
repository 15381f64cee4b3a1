import { dropoutOf } from "../../src/ops/index.js";
import { randomIds, randomValues } from "../values.js";
import type { OperationCase } from "./run-operation.js";

const noDropout = { rate: 0, key0: 0, key1: 0 };

/** Each operation in each of its ways, on shapes that fit no block of any kernel. */
export function operationCases(): Record<string, OperationCase> {
  const values = randomValues;
  const drop = dropoutOf(0.3, 5, "test", 7);
  const dropping = { rate: drop.rate, key0: drop.key[0], key1: drop.key[1] };
  const targets = randomIds("targets", [3, 37], 50);
  targets.values[5] = -100;
  const linearTensors = {
    x: values("x", [3, 37, 20]),
    weight: values("w", [20, 44]),
    bias: values("b", [44]),
  };
  const qkv = values("qkv", [2, 37, 60]);
  const weights = values("weights", [3, 37]);
  weights.values.forEach((value, i) => {
    weights.values[i] = targets.values[i] < 0 ? 0 : Math.abs(value);
  });
  return {
    embedding: {
      operation: "embedding",
      attributes: { offset: 3 },
      tensors: {
        ids: randomIds("ids", [3, 37], 50),
        tokens: values("t", [50, 20]),
        positions: values("p", [64, 20]),
      },
      dy: values("dy", [3, 37, 20]),
    },
    layerNorm: {
      operation: "layerNorm",
      attributes: { epsilon: 1e-5 },
      tensors: { x: values("x", [3, 37, 20], 4), weight: values("w", [20]), bias: values("b", [20]) },
      dy: values("dy", [3, 37, 20]),
    },
    linear: {
      operation: "linear",
      attributes: { activation: "none" },
      tensors: linearTensors,
      dy: values("dy", [3, 37, 44]),
    },
    "linear with GELU": {
      operation: "linear",
      attributes: { activation: "gelu_new" },
      tensors: linearTensors,
      dy: values("dy", [3, 37, 44]),
    },
    rotary: {
      operation: "rotary",
      attributes: { heads: 2 },
      // Turns of any size: the gradient is what it is for true angles and others.
      tensors: { qkv, turns: values("turns", [37, 10]) },
      dy: values("rotary dy", [2, 37, 60]),
    },
    "causal attention": {
      operation: "attention",
      attributes: { heads: 4, mode: "causal", ...noDropout },
      tensors: { qkv },
      dy: values("dy", [2, 37, 20]),
    },
    "full attention": {
      operation: "attention",
      attributes: { heads: 4, mode: "full", ...noDropout },
      tensors: { qkv },
      dy: values("dy", [2, 37, 20]),
    },
    "prefix attention": {
      operation: "prefixAttention",
      attributes: { heads: 4, prefixes: [17, 3], ...noDropout },
      tensors: { qkv },
      dy: values("dy", [2, 37, 20]),
    },
    // Longer than the blocks in which a kernel goes over queries, with borders inside and on the edges of its panels.
    "prefix attention over several blocks, with dropout": {
      operation: "prefixAttention",
      attributes: { heads: 2, prefixes: [0, 8, 65, 131, 91], ...dropping },
      tensors: { qkv: values("long qkv", [5, 131, 30]) },
      dy: values("long dy", [5, 131, 10]),
    },
    "attention with dropout": {
      operation: "attention",
      attributes: { heads: 4, mode: "causal", ...dropping },
      tensors: { qkv },
      dy: values("dy", [2, 37, 20]),
    },
    "lookahead attention": {
      operation: "lookaheadAttention",
      attributes: { heads: 4, ...noDropout },
      tensors: { qkv, look: values("look", [2, 37, 60]) },
      dy: values("dy", [2, 37, 20]),
    },
    "lookahead attention over several blocks, with dropout": {
      operation: "lookaheadAttention",
      attributes: { heads: 2, ...dropping },
      tensors: { qkv: values("long qkv", [2, 131, 30]), look: values("long look", [2, 131, 30]) },
      dy: values("long dy", [2, 131, 10]),
    },
    "cross-attention": {
      operation: "crossAttention",
      attributes: { heads: 4, lengths: [11, 5], ...noDropout },
      tensors: { q: values("q", [2, 37, 20]), kv: values("kv", [2, 11, 40]) },
      dy: values("dy", [2, 37, 20]),
    },
    "cross-attention with dropout": {
      operation: "crossAttention",
      attributes: { heads: 4, lengths: [41, 1], ...dropping },
      tensors: { q: values("q", [2, 7, 20]), kv: values("long kv", [2, 41, 40]) },
      dy: values("short dy", [2, 7, 20]),
    },
    residual: {
      operation: "residual",
      attributes: noDropout,
      tensors: { x: values("x", [3, 37, 20]), y: values("y", [3, 37, 20]) },
      dy: values("dy", [3, 37, 20]),
    },
    "residual with dropout": {
      operation: "residual",
      attributes: dropping,
      tensors: { x: values("x", [3, 37, 20]), y: values("y", [3, 37, 20]) },
      dy: values("dy", [3, 37, 20]),
    },
    dropout: {
      operation: "dropout",
      attributes: dropping,
      tensors: { x: values("x", [3, 37, 21]) },
      dy: values("dy", [3, 37, 21]),
    },
    crossEntropy: {
      operation: "crossEntropy",
      attributes: {},
      tensors: { logits: values("logits", [3, 37, 50], 5), targets, weights },
      dy: values("dy", []),
    },
    headLoss: {
      operation: "headLoss",
      attributes: {},
      tensors: { hidden: values("hidden", [3, 37, 20]), tokens: values("t", [50, 20]), targets, weights },
      dy: values("dy", []),
    },
  };
}
