import type { TerminalRow } from "../agent-row.ts";
import { StartError, type Driver, type DriverInput } from "../driver.ts";
import { TerminalConversation } from "./conversation.ts";

/** Interactive programs, each in a terminal of its own. */
export function terminalDriver(row: TerminalRow): Driver {
  return {
    async open(input) {
      const { command, environment, folder } = input.launch;
      const program = command[0]!;
      if (Bun.which(program, { PATH: environment["PATH"] ?? "", cwd: folder }) === null) {
        throw new StartError("missing", `there is no program ${program}`);
      }
      const { id, words, resumed } = conversationOf(row, input);
      const terminal = await input.spawnTerminal([...command, ...words], { environment, folder });
      return new TerminalConversation(terminal, { id, resumed, resumable: id !== null });
    },
  };
}

/** The conversation to begin or to go on with, and the words of the command line that say so. */
function conversationOf(
  row: TerminalRow,
  { launch: { resume, model } }: DriverInput,
): { id: string | null; words: string[]; resumed: boolean } {
  const chosen = model === null || row.model === null ? [] : [row.model, model];
  if (resume !== null && row.resume !== null) {
    return { id: resume, words: [...row.resume, resume, ...chosen], resumed: true };
  }
  if (row.named === null) return { id: null, words: chosen, resumed: false };
  const id = crypto.randomUUID();
  return { id, words: [row.named, id, ...chosen], resumed: false };
}
