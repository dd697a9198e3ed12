import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { taskText } from "../task-text.ts";

export const status = command({
  operands: ["[ID]"],
  flags: {},
  async run({ client, output }, { operands }) {
    const [id] = operands;
    if (id !== undefined) {
      await output.show(await client.call("getTask", { task: id }, {}), (detail, look) =>
        taskText(detail, look, Date.now()),
      );
      return EXIT.done;
    }
    const { tasks } = await client.call("listTasks", {}, { state: "open" });
    const details = await Promise.all(tasks.map((task) => client.call("getTask", { task: task.id }, {})));
    await output.show({ tasks: details }, (view, look) =>
      view.tasks.length === 0
        ? "Nothing runs."
        : view.tasks.map((detail) => taskText(detail, look, Date.now())).join("\n\n"),
    );
    return EXIT.done;
  },
});
