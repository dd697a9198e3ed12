import type { Task } from "../../protocol/task.ts";
import { command, type Context } from "../command.ts";
import { EXIT } from "../exit.ts";
import { usageError } from "../parse.ts";
import { findSubject } from "../subject.ts";
import { taskTable } from "../task-table.ts";
import { stateWord } from "../task-words.ts";

export const cancel = command({
  operands: ["ID"],
  details: [
    "The tasks that come after a canceled one do not start; with --with-dependents they are canceled too.",
    "Where that, or the name of a sweep, means several tasks, they are listed first: on a terminal it asks,",
    "elsewhere it needs --yes.",
  ].join("\n"),
  flags: {
    "with-dependents": { help: "also all tasks that come after it" },
    "dry-run": { help: "only list what would be canceled" },
    yes: { help: "do not ask", short: "y" },
  },
  async run(context, { operands, flags }) {
    const scope = await scopeOf(context, operands[0]!, flags["with-dependents"] ?? false);
    if (flags["dry-run"]) {
      await context.output.show({ tasks: await scope.preview() }, previewText);
      return EXIT.done;
    }
    if (scope.isWide && !flags.yes && !(await isWanted(context, await scope.preview()))) {
      await context.output.show({ tasks: [] }, () => "Nothing was canceled.");
      return EXIT.failed;
    }
    await context.output.show(await scope.cancel(), canceledText);
    return EXIT.done;
  },
});

/** What is to be canceled: one task, or several. */
interface Scope {
  isWide: boolean;
  preview(): Promise<Task[]>;
  cancel(): Promise<{ tasks: Task[] }>;
}

async function scopeOf({ client }: Context, ref: string, withDependents: boolean): Promise<Scope> {
  const { kind, detail } = await findSubject(client, ref, ["task", "sweep"]);
  if (kind === "sweep") {
    const at = { sweep: detail.sweep.id };
    return {
      isWide: true,
      preview: async () => (await client.call("cancelSweep", at, { dryRun: true })).tasks,
      cancel: () => client.call("cancelSweep", at, {}),
    };
  }
  const at = { task: detail.task.id };
  return {
    isWide: withDependents,
    preview: async () => (await client.call("cancelTask", at, { withDependents, dryRun: true })).tasks,
    cancel: () => client.call("cancelTask", at, { withDependents }),
  };
}

async function isWanted({ output }: Context, tasks: Task[]): Promise<boolean> {
  if (tasks.length === 1) return true;
  if (!output.look.terminal || output.json || !process.stdin.isTTY)
    throw usageError(`this cancels ${tasks.length} tasks`, "add --yes, or --dry-run to see them");
  await output.show({ tasks }, previewText);
  return confirm("Cancel them?");
}

function previewText({ tasks }: { tasks: Task[] }, look: Parameters<typeof taskTable>[1]): string {
  return taskTable(tasks, look, Date.now());
}

function canceledText({ tasks }: { tasks: Task[] }): string {
  return tasks.map((task) => `${task.slug}: ${stateWord(task)}. Its files stay.`).join("\n");
}
