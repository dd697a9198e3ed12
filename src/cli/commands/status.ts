import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { sessionText } from "../session-words.ts";
import { findSubject } from "../subject.ts";
import { sweepText } from "../sweep-words.ts";
import { taskText } from "../task-text.ts";

export const status = command({
  operands: ["[ID]"],
  details: "ID is a task, a sweep or a session.",
  flags: {},
  async run({ client, output }, { operands }) {
    const [id] = operands;
    if (id !== undefined) {
      const { kind, detail } = await findSubject(client, id, ["task", "sweep", "session"]);
      if (kind === "session") await output.show(detail, (view, look) => sessionText(view, look, Date.now()));
      else if (kind === "sweep") await output.show(detail, sweepText);
      else await output.show(detail, (view, look) => taskText(view, look, Date.now()));
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
