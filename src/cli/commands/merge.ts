import type { CallAnswer, CallInput } from "../../protocol/api.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { reportHint } from "../failure.ts";

export const merge = command({
  operands: ["ID"],
  flags: {
    squash: { help: "as one commit" },
    message: { value: "TEXT", help: "the commit's message", short: "m" },
  },
  async run({ client, output }, { operands, flags }) {
    const body: CallInput<"mergeTask"> = {};
    if (flags.squash !== undefined) body.squash = flags.squash;
    if (flags.message !== undefined) body.message = flags.message;
    const answer = await client.call("mergeTask", { task: operands[0]! }, body);
    await output.show(answer, mergeText);
    if (answer.merge.outcome !== "conflict") return EXIT.done;
    reportHint(answer.merge.hint);
    return EXIT.failed;
  },
});

function mergeText({ task, merge }: CallAnswer<"mergeTask">): string {
  switch (merge.outcome) {
    case "merged": {
      const count = `${merge.files.length} ${merge.files.length === 1 ? "file" : "files"}`;
      return `Merged ${task.slug}: ${count}, ${merge.commit.slice(0, 12)}.`;
    }
    case "already-merged":
      return `${task.slug} is merged already.`;
    case "nothing":
      return `${task.slug} changed nothing.`;
    case "conflict":
      return [
        `${task.slug} conflicts; nothing was changed:`,
        ...merge.conflicts.map((path) => `  ${path}`),
      ].join("\n");
  }
}
