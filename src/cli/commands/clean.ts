import { DispatchError } from "../../base/error.ts";
import { quote } from "../../core/quote.ts";
import type { Client } from "../../client/client.ts";
import { isEnded } from "../../core/run.ts";
import type { CallAnswer } from "../../protocol/api.ts";
import type { Task } from "../../protocol/task.ts";
import { everyTask } from "../../client/every.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { reportNotice } from "../failure.ts";
import { usageError } from "../parse.ts";
import { findSubject } from "../subject.ts";

export const clean = command({
  operands: ["[ID]"],
  details:
    "Without an ID: all ended tasks; with the name of a sweep, those of it. Work that is uncommitted or unmerged stays, and is named.",
  flags: { force: { help: "remove uncommitted and unmerged work too (needs the ID of one task)" } },
  async run({ client, output }, { operands, flags }) {
    const [id] = operands;
    if (id === undefined && flags.force) throw usageError("--force needs an ID", "dispatch clean --help");
    const view =
      id === undefined
        ? await cleanEach(client, await everyTask(client, { state: "ended" }))
        : await cleanNamed(client, id, flags.force ?? false);
    for (const notice of view.cleaned.flatMap(({ notices }) => notices)) reportNotice(notice);
    await output.show(view, cleanText);
    return EXIT.done;
  },
});

/** What was cleaned, and why the rest stays. */
interface Cleaned {
  cleaned: CallAnswer<"cleanTask">[];
  stay: { slug: string; because: string }[];
}

async function cleanNamed(client: Client, ref: string, force: boolean): Promise<Cleaned> {
  const { kind, detail } = await findSubject(client, ref, ["task", "sweep"]);
  if (kind === "task") {
    const body = force ? { force } : {};
    return { cleaned: [await client.call("cleanTask", { task: detail.task.id }, body)], stay: [] };
  }
  if (force)
    throw usageError(`${ref} is a sweep: --force goes with one task`, `dispatch status ${quote(ref)}`);
  const tasks = detail.tasks.map(({ task }) => task);
  return await cleanEach(client, tasks.filter(isEnded));
}

/** What keeps a task from being cleaned, such as work that nobody has merged, keeps no other. */
async function cleanEach(client: Client, tasks: readonly Task[]): Promise<Cleaned> {
  const view: Cleaned = { cleaned: [], stay: [] };
  for (const { id, slug } of tasks) {
    try {
      view.cleaned.push(await client.call("cleanTask", { task: id }, {}));
    } catch (error) {
      if (!(error instanceof DispatchError) || error.code === "unavailable") throw error;
      view.stay.push({ slug, because: error.message });
    }
  }
  return view;
}

function cleanText({ cleaned, stay }: Cleaned): string {
  const lines = cleaned.flatMap(({ task, removed, kept }) => [
    ...removed.map((what) => `${task.slug}: removed ${what}`),
    ...kept.map((what) => `${task.slug}: kept ${what}`),
  ]);
  lines.push(...stay.map(({ slug, because }) => `${slug}: stays, ${because}`));
  return lines.length === 0 ? "Nothing to clean." : lines.join("\n");
}
