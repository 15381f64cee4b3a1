import { type KernelCall, register } from "../call.js";
import { embeddingProgram, positionGradient, THREADS, tokenGradient } from "../shaders/elementwise.js";

function forward(call: KernelCall) {
  const [batch, time] = call.shape("ids");
  const [vocabulary, width] = call.shape("tokens");
  const y = call.output([batch, time, width]);
  const count = batch * time * width;
  const [ids, tokens, positions] = ["ids", "tokens", "positions"].map((name) => call.input(name));
  call.run(
    embeddingProgram,
    { count, width, time, vocabulary, offset: call.number("offset") },
    { ids, tokens, positions, y },
    call.groupsFor(count, THREADS),
  );
  return [y];
}

function backward(call: KernelCall) {
  const [batch, time] = call.shape("ids");
  const [vocabulary, width] = call.shape("tokens");
  const limit = call.shape("positions")[0];
  const dTokens = call.output([vocabulary, width]);
  const dPositions = call.output([limit, width]);
  const [dy, ids] = [call.input("dy"), call.input("ids")];
  call.run(tokenGradient, { rows: batch * time, width }, { ids, dy, dTokens }, [
    Math.ceil(width / THREADS),
    vocabulary,
  ]);
  call.run(
    positionGradient,
    { count: limit * width, width, time, batch, offset: call.number("offset") },
    { dy, y: dPositions },
    call.groupsFor(limit * width, THREADS),
  );
  return [dTokens, dPositions];
}

/** `AttaccaEmbedding` and its gradient; see src/ops/embedding.ts. */
export function registerEmbedding(): void {
  register("AttaccaEmbedding", forward);
  register("AttaccaEmbeddingGrad", backward);
}
