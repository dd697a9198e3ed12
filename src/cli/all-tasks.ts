import type { Client } from "../client/client.ts";
import type { Task } from "../protocol/task.ts";

/** Every task in a state, page after page, newest first. */
export async function allTasks(client: Client, state: "open" | "ended" | "all"): Promise<Task[]> {
  const tasks: Task[] = [];
  let before: string | null = null;
  do {
    const page: { tasks: Task[]; next: string | null } = await client.call(
      "listTasks",
      {},
      { state, ...(before === null ? {} : { before }) },
    );
    tasks.push(...page.tasks);
    before = page.next;
  } while (before !== null);
  return tasks;
}
