import { DispatchError } from "../../base/error.ts";
import type { Task, TaskResult } from "../../protocol/task.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { isEnded } from "../../core/run.ts";

export const result = command({
  operands: ["ID"],
  flags: {},
  async run({ client, output }, { operands }) {
    const { task } = await client.call("getTask", { task: operands[0]! }, {});
    if (!isEnded(task))
      throw new DispatchError("conflict", `${task.slug} is not done yet`, {
        hint: `dispatch wait ${task.slug}`,
      });
    const view = { task: task.id, slug: task.slug, state: task.status.state, result: resultOf(task) };
    await output.show(view, ({ result }) => (result ? resultText(result) : "It left no result."));
    return task.status.state === "completed" ? EXIT.done : EXIT.failed;
  },
});

function resultOf(task: Task): TaskResult | null {
  return "result" in task.status ? task.status.result : null;
}

function resultText({ summary, files }: TaskResult): string {
  if (files.length === 0) return summary;
  return [summary, "", "Changed:", ...files.map((file) => `  ${file}`)].join("\n");
}
