import { callerEnvironment } from "../../client/environment.ts";
import type { Client } from "../../client/client.ts";
import { allTasks } from "../all-tasks.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { usageError } from "../parse.ts";

export const resume = command({
  operands: ["[ID]"],
  flags: { all: { help: "every task whose agent was lost" } },
  async run({ client, output, environment }, { operands, flags }) {
    if ((operands[0] === undefined) !== (flags.all === true))
      throw usageError("resume needs an ID, or --all", "dispatch resume --help");
    const ids = operands[0] === undefined ? await lostTasks(client) : [operands[0]];
    const body = { environment: callerEnvironment(environment) };
    const tasks = [];
    for (const id of ids) tasks.push((await client.call("resumeTask", { task: id }, body)).task);
    await output.show({ tasks }, (view) =>
      view.tasks.length === 0
        ? "Nothing to resume."
        : view.tasks.map((task) => `${task.slug} goes on.`).join("\n"),
    );
    return EXIT.done;
  },
});

async function lostTasks(client: Client): Promise<string[]> {
  const ended = await allTasks(client, "ended");
  return ended
    .filter(({ status }) => status.state === "failed" && status.reason === "lost")
    .map((task) => task.id);
}
