// Preloaded into a child process: kills it with SIGKILL in front of its n-th operation on files (n in DIE_AT), as a
// power cut would. Opening, renaming, removing and making folders count; so every state of the disk that a program leaves
// in between can be reached.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

let left = Number(process.env.DIE_AT);
for (const name of ["open", "rename", "rm", "mkdir"]) {
  const original = fs.promises[name];
  fs.promises[name] = (...given) => {
    left--;
    if (left === 0) process.kill(process.pid, "SIGKILL");
    return original(...given);
  };
}
syncBuiltinESMExports();
