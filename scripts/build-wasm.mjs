// Compiles assembly/ into the simd engine's four builds: shared (with threads) or single, relaxed SIMD or plain.
import { mkdirSync } from "node:fs";
import asc from "assemblyscript/asc";

const OUT = "dist/backend/simd";
const BASE = [
  "-O3",
  "--noAssert",
  "--runtime",
  "stub",
  "--importMemory",
  "--memoryBase",
  "8192",
  "--enable",
  "simd",
];
// Functions of v128 are exported between files, not to JavaScript, which is what 112 warns of.
const QUIET = ["--disableWarning", "112"];

mkdirSync(OUT, { recursive: true });
for (const [threads, threadOptions] of Object.entries({
  shared: ["--enable", "threads", "--sharedMemory", "--initialMemory", "64", "--maximumMemory", "65536"],
  single: ["--disable", "threads", "--initialMemory", "64"],
})) {
  for (const [speed, speedOptions] of Object.entries({ relaxed: ["--enable", "relaxed-simd"], plain: [] })) {
    const file = `${OUT}/${threads}-${speed}.wasm`;
    const { error, stderr } = await asc.main(
      ["assembly/index.ts", "--outFile", file, ...BASE, ...QUIET, ...threadOptions, ...speedOptions],
      { stdout: process.stdout },
    );
    if (error) {
      process.stderr.write(`${stderr}${error.message}\n`);
      process.exit(1);
    }
  }
}
