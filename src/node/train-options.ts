import { join } from "node:path";
import { parseRunOptions, type TrainRunOptions } from "../run/index.js";
import { exists, readJson } from "./files.js";

/** The options that the run in a folder was started with, or undefined where no run is. */
export async function readRunOptions(folder: string): Promise<TrainRunOptions | undefined> {
  const path = join(folder, "options.json");
  return (await exists(path)) ? parseRunOptions(await readJson(path), path) : undefined;
}
