// Every engine that is compared: how it is started, and where it is missing, why.
import { existsSync } from "node:fs";
import { join } from "node:path";

const script = (name) => new URL(name, import.meta.url).pathname;
const major = (version) => version.split(".")[0].replace("v", "Node ");

/**
 * The engines, each with a command for the tasks it can do.
 *
 * `once` says that it is so slow that one run must do; `options` are then its own. `needs` is a file without which it
 * can't run, `why` a known reason for having none.
 *
 * @param nodes paths and versions of Node, the newest last
 * @param environments folder that setup.sh filled
 */
export function listEngines(nodes, environments) {
  const newest = nodes.at(-1);
  const place = (name) => join(environments, name);
  const python = join(place("torch"), "bin/python");
  const inNode = ({ path, version }, id, label, peer, environment, more) => ({
    id: `${id}-${version.split(".")[0]}`,
    label: `${label} (${major(version)})`,
    command: (task) => [path, script(`peers/${peer}.mjs`), task, "--environment", place(environment)],
    needs: join(place(environment), "node_modules"),
    ...more,
  });
  const ours = ({ path, version }) => ({
    id: `simd-${version.split(".")[0]}`,
    label: `attacca simd (${major(version)})`,
    ours: true,
    command: (task) => [path, script(`${task}.mjs`)],
    tasks: ["train", "decode"],
  });
  const slow = {
    once: true,
    options: { train: ["--batch", "1", "--steps", "1"], decode: ["--rounds", "1"] },
  };
  return [
    ...nodes.map(ours),
    {
      id: "attacca-wasm",
      label: `attacca on tfjs-wasm (${major(newest.version)})`,
      command: (task) => [newest.path, script(`${task}.mjs`), "--backend", "wasm"],
      tasks: ["train", "decode"],
      once: true,
      options: { train: ["--steps", "3", "--warmup", "1"], decode: ["--rounds", "1"] },
    },
    {
      id: "torch",
      label: "PyTorch, eager",
      command: (task) => [python, script(`peers/torch-${task}.py`)],
      tasks: ["train", "decode"],
      needs: python,
    },
    {
      id: "torch-compile",
      label: "PyTorch, torch.compile",
      command: (task) => [python, script(`peers/torch-${task}.py`), "--compile"],
      tasks: ["train"],
      needs: python,
      once: true,
      options: { train: [] },
    },
    {
      id: "c",
      label: "C, AVX-512, OpenMP",
      command: (task) => [join(place("c"), "gpt2"), task],
      tasks: ["train", "decode"],
      needs: join(place("c"), "gpt2"),
    },
    inNode(newest, "onnxruntime", "onnxruntime-node", "onnxruntime", "onnxruntime", { tasks: ["decode"] }),
    inNode(newest, "transformers", "transformers.js", "transformers", "onnxruntime", { tasks: ["decode"] }),
    ...nodes.map((node) =>
      inNode(node, "tfjs-wasm", "stock tfjs-wasm", "tfjs", "tensorflow", {
        tasks: ["train", "decode"],
        once: true,
        options: { train: ["--steps", "1", "--warmup", "0"], decode: ["--rounds", "2"] },
      }),
    ),
    inNode(newest, "tfjs-cpu", "stock tfjs-cpu", "tfjs", "tensorflow", {
      ...slow,
      tasks: ["train", "decode"],
      options: {
        train: ["--batch", "1", "--steps", "1", "--backend", "cpu"],
        decode: ["--rounds", "1", "--backend", "cpu"],
      },
    }),
    inNode(newest, "gpt-tfjs-wasm", "gpt-tfjs on tfjs-wasm", "gpt-tfjs", "tensorflow", {
      ...slow,
      tasks: ["train", "decode"],
    }),
    inNode(newest, "gpt-tfjs-cpu", "gpt-tfjs on tfjs-cpu", "gpt-tfjs", "tensorflow", {
      ...slow,
      tasks: ["train"],
      options: { train: ["--batch", "1", "--steps", "1", "--warmup", "0", "--backend", "cpu"] },
    }),
    inNode(newest, "tfjs-node", "stock tfjs-node", "tfjs", "tfjs-node", {
      tasks: ["train", "decode"],
      options: { train: ["--backend", "node"], decode: ["--backend", "node"] },
      why: "it needs a C++ compiler and TensorFlow of PyPI (setup.sh)",
    }),
    {
      id: "discojs",
      label: "discojs",
      command: () => [],
      tasks: ["train"],
      needs: join(place("discojs"), "gpt"),
      why: "the npm package @epfml/discojs-node 2.1.1 has no GPT in it, and @epfml/discojs isn't published",
    },
  ];
}

/** Why an engine can't run, or undefined where it may be tried. */
export function whyMissing({ needs, why }) {
  if (needs === undefined || existsSync(needs)) return undefined;
  return why ?? "not set up";
}
