import { type KernelCall, register } from "./call.js";

function forward(call: KernelCall) {
  const [batch, time] = call.shape("ids");
  const [vocabulary, width] = call.shape("tokens");
  const y = call.output([batch, time, width]);
  call.engine.embedding(
    call.address("ids"),
    call.address("tokens"),
    call.address("positions"),
    y.address,
    batch,
    time,
    width,
    vocabulary,
    call.number("offset"),
  );
  return [y.info];
}

function backward(call: KernelCall) {
  const [batch, time] = call.shape("ids");
  const [vocabulary, width] = call.shape("tokens");
  const limit = call.shape("positions")[0];
  const dTokens = call.output([vocabulary, width]);
  const dPositions = call.output([limit, width]);
  call.engine.embeddingGradient(
    call.address("dy"),
    call.address("ids"),
    dTokens.address,
    dPositions.address,
    batch,
    time,
    width,
    vocabulary,
    call.number("offset"),
    limit,
  );
  return [dTokens.info, dPositions.info];
}

/** `AttaccaEmbedding` and its gradient; see src/ops/embedding.ts. */
export function registerEmbedding(): void {
  register("AttaccaEmbedding", forward);
  register("AttaccaEmbeddingGrad", backward);
}
