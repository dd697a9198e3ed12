import { homeFiles } from "../../base/home.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { parseCount } from "../page.ts";

const DEFAULT_LINES = 50;
const MAX_TAIL_BYTES = 1024 * 1024;

export const daemonLogs = command({
  operands: [],
  flags: { lines: { value: "N", help: `how many lines (default ${DEFAULT_LINES})`, short: "n" } },
  async run({ local, output }, { flags }) {
    const wanted = flags.lines === undefined ? DEFAULT_LINES : parseCount(flags.lines, "--lines");
    const lines = await lastLines(homeFiles(local.home).log, wanted);
    await output.show({ lines }, (view) => view.lines.join("\n"));
    return EXIT.done;
  },
});

async function lastLines(path: string, count: number): Promise<string[]> {
  const file = Bun.file(path);
  if (!(await file.exists())) return [];
  const text = await file.slice(Math.max(0, file.size - MAX_TAIL_BYTES)).text();
  return text.trimEnd().split("\n").slice(-count);
}
