import { z } from "zod";
import { isEnded, isOpen } from "../../core/run.ts";
import { DispatchError } from "../../base/error.ts";
import type { FileChange } from "../../protocol/change.ts";
import type { Task } from "../../protocol/task.ts";
import { type Desk, type Reply, taskRef, tool } from "../tool.ts";
import { cutLine, fromWorker } from "../words.ts";

/** Characters of a summary or a diff on one page. */
const PAGE = 4_000;
const MAX_FILES = 50;
const MAX_PATH = 200;

export const result = tool({
  name: "dispatch_result",
  description: "A task's whole summary or, while it asks, its question; with diff what changed. In pages.",
  input: z.strictObject({
    task: taskRef,
    diff: z.boolean().optional(),
    from: z.int().min(0).optional().describe("`next` of the page before"),
  }),
  reads: true,
  async run(desk, { task, diff, from = 0 }) {
    return diff ? await changes(desk, task, from) : await summary(desk, task, from);
  },
});

async function summary({ client }: Desk, ref: string, from: number): Promise<Reply> {
  const { task, questions } = await client.call("getTask", { task: ref }, {});
  const asked = questions.filter(isOpen).map(({ text }) => text);
  if (asked.length > 0)
    return page(task.slug, task.status.state, { text: asked.join("\n\n"), files: [], from });
  if (!isEnded(task))
    throw new DispatchError("conflict", `${task.slug} is not done yet`, { hint: "dispatch_status" });
  const { status } = task;
  const left = "result" in status ? status.result : null;
  const why = status.state === "failed" ? status.message : "";
  const text = [why, left?.summary ?? ""].filter((part) => part !== "").join("\n\n");
  const files = left?.files.map((path) => cutLine(path, MAX_PATH)) ?? [];
  return page(task.slug, status.state, { text, files, from });
}

async function changes({ client }: Desk, ref: string, from: number): Promise<Reply> {
  const [{ task }, { files, diff }] = await Promise.all([
    client.call("getTask", { task: ref }, {}),
    client.call("getDiff", { task: ref }, {}),
  ]);
  return page(task.slug, task.status.state, { text: diff.text, files: files.map(fileLine), from });
}

function fileLine({ path, status, additions, deletions, binary }: FileChange): string {
  return `${status} ${cutLine(path, MAX_PATH)} ${binary ? "binary" : `+${additions} -${deletions}`}`;
}

/** Files stand on the first page only. */
function page(
  slug: string,
  state: Task["status"]["state"],
  { text, files, from }: { text: string; files: string[]; from: number },
): Reply {
  const part = text.slice(from, from + PAGE);
  const next = from + PAGE < text.length ? { next: from + PAGE } : {};
  const some = from > 0 ? [] : files.slice(0, MAX_FILES);
  const more = from > 0 || files.length <= MAX_FILES ? {} : { files_in_all: files.length };
  const written = { text: part, ...(some.length > 0 ? { files: some } : {}) };
  const lines = [...some, part].filter((line) => line !== "");
  const head = lines.length === 0 ? `${slug}: ${state}. It left nothing.` : `${slug}: ${state}.`;
  const hint = "next" in next ? `\nMore: from=${next.next}` : "";
  return {
    facts: { task: slug, state, ...next, ...more, from_worker: written },
    text: [head, fromWorker(lines)].filter((line) => line !== "").join("\n") + hint,
  };
}
