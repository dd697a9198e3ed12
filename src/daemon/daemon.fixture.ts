/** A daemon of the home in argv on a free port; says `{"port", "token"}` when it is ready, and on stderr why it is not. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { errorBodyOf } from "../client/start-report.ts";
import { runDaemon } from "./daemon.ts";

const home = process.argv[2]!;
const main = join(import.meta.dir, "..", "main.ts");

try {
  await runDaemon({
    home,
    self: [process.execPath, "--no-env-file", "--config=/dev/null", main],
    port: 0,
    ready: (port) => {
      const token = readFileSync(join(home, "local.token"), "utf8").trim();
      process.stdout.write(`${JSON.stringify({ port, token })}\n`);
    },
  });
} catch (error) {
  process.stderr.write(`${JSON.stringify(errorBodyOf(error))}\n`);
  process.exitCode = 1;
}
