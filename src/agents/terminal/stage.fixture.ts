import { join } from "node:path";
import type { Launch } from "../../protocol/host.ts";
import type { TerminalRow } from "../agent-row.ts";
import type { Stage } from "../contract-stage.ts";
import { terminalDriver } from "./driver.ts";

/** The command line of the scripted program. */
export const TUI = [
  process.execPath,
  "--no-env-file",
  "--config=/dev/null",
  join(import.meta.dir, "..", "scripted", "tui.ts"),
];

/** Starts the scripted program of a product's kind in a terminal of the stage. */
export async function openTerminal(stage: Stage, row: TerminalRow, launch: Partial<Launch> = {}) {
  const agent = await stage.open(terminalDriver(row), {
    agent: row.agent,
    command: TUI,
    task: null,
    ...launch,
    environment: { PATH: process.env.PATH ?? "", ...launch.environment },
  });
  const terminal = stage.terminals.at(-1)!;
  const shows = (text: string) => stage.until(() => terminal.screen().lines.join("\n").includes(text));
  return { agent, terminal, shows, type: (text: string) => void terminal.write(text) };
}
