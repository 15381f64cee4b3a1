import { openTab, type Tab } from "../../scripts/web/tab.js";
import type { SimdBuild } from "../../src/backend/simd/index.js";
import type { JobArgument, JobResult, jobs } from "./jobs.js";

/** A page, and how the engine is started in its worker. */
export interface Setup {
  readonly name: string;
  readonly isolated: boolean;
  readonly threads?: number;
  readonly build?: SimdBuild;
}

/** With and without cross-origin isolation, with and without relaxed SIMD. */
export const setups: readonly Setup[] = [
  { name: "an isolated page, two threads", isolated: true, threads: 2 },
  { name: "a page without isolation", isolated: false },
  { name: "an isolated page, two threads, plain build", isolated: true, threads: 2, build: "shared-plain" },
  { name: "a page without isolation, plain build", isolated: false, build: "single-plain" },
];

/** What an engine says of itself once it has been started. */
export interface Started {
  readonly build: SimdBuild;
  readonly threads: number;
  readonly isolated: boolean;
}

/** Opens a tab and starts the engine in it. */
export async function startTab({ isolated, threads, build }: Setup): Promise<Tab & { started: Started }> {
  const tab = await openTab({ isolated });
  const started = await tab.run<Started>("start", { threads, build });
  return { ...tab, started };
}

/** Runs a job of test/web/jobs.ts in a tab. */
export function runInTab<Name extends keyof typeof jobs>(
  tab: Tab,
  name: Name,
  argument: JobArgument<Name>,
): Promise<JobResult<Name>> {
  return tab.run(name, argument);
}
