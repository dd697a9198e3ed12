import { isSettled } from "../core/merge.ts";
import type { Merge } from "../protocol/merge.ts";
import type { Context } from "./command.ts";
import { follow } from "./follow.ts";

/** Merges of the queue that are looked at to know how the waited for ones stand: the newest. */
const LOOKED_AT = 500;

/** Waits until every one of these merges has ended, or Ctrl-C, and answers them as they are then. */
export async function settledMerges(context: Context, merges: readonly Merge[]): Promise<Merge[]> {
  const latest = new Map(merges.map((merge) => [merge.id, merge]));
  const isOver = () => [...latest.values()].every(isSettled);
  if (isOver()) return [...latest.values()];
  for await (const item of follow(context, ["tasks"], context.interrupted)) {
    const seen = item.type === "reset" ? await standing(context) : mergesIn(item.event);
    for (const merge of seen) if (latest.has(merge.id)) latest.set(merge.id, merge);
    if (isOver()) break;
  }
  return [...latest.values()];
}

async function standing({ client }: Context): Promise<Merge[]> {
  return (await client.call("listMerges", {}, { limit: LOOKED_AT })).merges;
}

function mergesIn(event: { type: string } & Partial<{ merge: Merge }>): Merge[] {
  return event.merge === undefined ? [] : [event.merge];
}
