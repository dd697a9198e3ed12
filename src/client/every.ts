import type { CallInput } from "../protocol/api.ts";
import { MAX_PAGE } from "../protocol/limit.ts";
import type { Session } from "../protocol/session.ts";
import type { Task } from "../protocol/task.ts";
import type { Client } from "./client.ts";

interface Page<Row> {
  readonly rows: readonly Row[];
  readonly next: string | null;
}

/** Every task that is asked for, page after page, newest first. @throws DispatchError as the call does */
export function everyTask(
  client: Client,
  query: Omit<CallInput<"listTasks">, "before" | "limit">,
): Promise<Task[]> {
  return every(async (place) => {
    const { tasks: rows, next } = await client.call("listTasks", {}, { ...query, ...place });
    return { rows, next };
  });
}

/** Every session that is asked for, as {@link everyTask}. @throws DispatchError as the call does */
export function everySession(
  client: Client,
  query: Omit<CallInput<"listSessions">, "before" | "limit">,
): Promise<Session[]> {
  return every(async (place) => {
    const { sessions: rows, next } = await client.call("listSessions", {}, { ...query, ...place });
    return { rows, next };
  });
}

async function every<Row>(
  read: (place: { limit: number; before?: string }) => Promise<Page<Row>>,
): Promise<Row[]> {
  const all: Row[] = [];
  for (let before: string | null = null; ;) {
    const page: Page<Row> = await read({ limit: MAX_PAGE, ...(before !== null && { before }) });
    all.push(...page.rows);
    if (page.next === null) return all;
    before = page.next;
  }
}
