import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { registerTensorFlowKernels } from "../backend/index.js";
import { missing, unsupported } from "../errors.js";

/** TensorFlow's bindings for TensorFlow.js, the one with CUDA first. */
const PACKAGES = ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"] as const;

/** What each package's own installer brings; from its scripts/install.js and TensorFlow's tested build configurations. */
const BRINGS =
  "their installer brings libtensorflow 2.9.1, for x64 and Node before 23; the one with -gpu needs Linux or Windows with CUDA 11.2 and cuDNN 8.1";

const HINT = `Install it beside attacca: npm install @tensorflow/tfjs-node-gpu (or -node, without a GPU); ${BRINGS}. docs/tensorflow.md says how to build it for a newer TensorFlow`;

/**
 * Loads TensorFlow's binding, which registers the engine "tensorflow" with TensorFlow.js as it loads. The package is
 * looked for beside this one, and then from the working folder up.
 *
 * @param asked false where "auto" looks for an engine: loading takes seconds, so that it must be asked for by name
 * @returns which package it was
 * @throws AttaccaError `missing` where none is installed, `unsupported` where one is and doesn't load
 */
export async function startTensorFlow(asked: boolean): Promise<string> {
  if (!asked) throw unsupported("backend tensorflow", "not asked for", "--backend tensorflow");
  giveBackWhatNodeDropped();
  const places = [import.meta.url, pathToFileURL(join(process.cwd(), "package.json")).href];
  for (const name of PACKAGES) {
    for (const place of places) {
      const require = createRequire(place);
      let path: string;
      try {
        path = require.resolve(name);
      } catch {
        continue;
      }
      try {
        require(path);
        registerTensorFlowKernels();
        return name;
      } catch (error) {
        throw unsupported(
          `backend tensorflow (${name} on Node ${process.versions.node})`,
          firstLine(error),
          "a package whose native library loads",
          `Its install script may not have run. ${HINT}`,
        );
      }
    }
  }
  throw missing("backend tensorflow", PACKAGES.join(" or "), HINT);
}

/** The bindings (4.22) call two functions of `util` that Node 23 dropped. */
function giveBackWhatNodeDropped(): void {
  const util = createRequire(import.meta.url)("node:util") as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown): boolean => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n")[0].trim();
}
