import type { HookWay, TerminalRow } from "../agent-row.ts";
import { StartError, type Driver, type DriverInput } from "../driver.ts";
import { Activity } from "./activity.ts";
import { TerminalConversation } from "./conversation.ts";
import { hookWords } from "./hook-words.ts";

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
      const activity = new Activity(input);
      const hooks = row.hooks === null ? [] : await hooksOf(row, row.hooks, input, activity);
      const terminal = await input.spawnTerminal([...command, ...hooks, ...words], { environment, folder });
      return new TerminalConversation(terminal, activity, { row, id, resumed });
    },
  };
}

/** The words of the command line by which the product's hooks report here. */
async function hooksOf(
  row: TerminalRow,
  way: HookWay,
  input: DriverInput,
  activity: Activity,
): Promise<string[]> {
  const report = await input.hookReports((each) => activity.hear(each));
  return hookWords(way, [...report, "--agent", row.agent]);
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
