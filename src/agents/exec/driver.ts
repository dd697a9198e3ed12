import type { ExecRow } from "../agent-row.ts";
import { StartError, type Driver } from "../driver.ts";
import { ExecConversation } from "./conversation.ts";
import { lineReader } from "./output.ts";

/** What is shown of one run's text, in characters: a command that goes mad fills no disk. */
const MAX_TEXT = 16 * 1024 * 1024;

/** One-shot commands: each turn is a run with the prompt on the command line or on standard input. */
export function execDriver(row: ExecRow, { maxText = MAX_TEXT } = {}): Driver {
  return {
    async open(input) {
      const { command, environment, folder, resume, task } = input.launch;
      const program = command[0]!;
      if (Bun.which(program, { PATH: environment["PATH"] ?? "", cwd: folder }) === null) {
        throw new StartError("missing", `there is no program ${program}`);
      }
      if (resume !== null && row.resume === null && !task?.brief) {
        throw new StartError("resume", `${row.name} remembers nothing from one run to the next`);
      }
      return new ExecConversation(input, { row, read: await lineReader(row.output), maxText });
    },
  };
}
