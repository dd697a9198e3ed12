import type { CallAnswer } from "../../protocol/api.ts";
import { allTasks } from "../all-tasks.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";

export const clean = command({
  operands: ["[ID]"],
  details: "Without an ID: all ended tasks. Work that is uncommitted or unmerged stays, and is named.",
  flags: { force: { help: "remove uncommitted and unmerged work too (needs an ID)" } },
  async run({ client, output }, { operands, flags }) {
    const [id] = operands;
    const ids = id === undefined ? (await allTasks(client, "ended")).map((task) => task.id) : [id];
    const force = id !== undefined && flags.force === true;
    const cleaned = [];
    for (const task of ids) cleaned.push(await client.call("cleanTask", { task }, force ? { force } : {}));
    await output.show({ cleaned }, (view) => cleanText(view.cleaned));
    return EXIT.done;
  },
});

function cleanText(cleaned: CallAnswer<"cleanTask">[]): string {
  const lines = cleaned.flatMap(({ task, removed, kept }) => [
    ...removed.map((what) => `${task.slug}: removed ${what}`),
    ...kept.map((what) => `${task.slug}: kept ${what}`),
  ]);
  return lines.length === 0 ? "Nothing to clean." : lines.join("\n");
}
