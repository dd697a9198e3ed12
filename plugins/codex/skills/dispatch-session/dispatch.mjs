#!/usr/bin/env node
// Opens a session: `dispatch session new` with the same flags, the same output and the same exit code.
import { spawnSync } from "node:child_process";

const { status, error } = spawnSync("dispatch", ["session", "new", ...process.argv.slice(2)], {
  stdio: "inherit",
});
if (error) {
  console.error(`dispatch: error: dispatch cannot be run: ${error.message}`);
  console.error("dispatch: hint: put dispatch on the PATH");
}
process.exit(status ?? 1);
