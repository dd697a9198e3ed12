// Runs a TypeScript file under the bun that npm installed, so that nobody needs a global one.
// npm may have skipped bun's install script (npm 12 and --ignore-scripts do): then it is run here, once.
import { spawn, spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const SMALLEST_REAL_BINARY = 1_000_000; // bytes; the placeholder that npm unpacks has under a thousand
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bun = join(root, "node_modules", "bun", "bin", "bun.exe");

if ((statSync(bun, { throwIfNoEntry: false })?.size ?? 0) < SMALLEST_REAL_BINARY) {
  const install = join(root, "node_modules", "bun", "install.js");
  if (!statSync(install, { throwIfNoEntry: false })) {
    console.error("dispatch: error: the packages are not installed\ndispatch: hint: npm ci");
    process.exit(1);
  }
  const { status } = spawnSync(process.execPath, [install], { stdio: "inherit", cwd: dirname(install) });
  if (status !== 0) process.exit(status ?? 1);
}

// As src/base/plain-bun.ts says, which node cannot load.
const PLAIN_BUN = ["--no-env-file", "--config=/dev/null", "--tsconfig-override=/dev/null"];
const child = spawn(bun, [...PLAIN_BUN, ...process.argv.slice(2)], { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(signal ? 130 : (code ?? 1)));
