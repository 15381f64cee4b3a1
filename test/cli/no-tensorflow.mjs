// Preloaded into a child process: importing tensors fails, so that what runs without them can be told.
import { register } from "node:module";

const hooks = `export async function resolve(specifier, context, next) {
  if (specifier.startsWith("@tensorflow/")) throw new Error("tensors were loaded: " + specifier);
  return next(specifier, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
