import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { findSubject } from "../subject.ts";
import { eventsOf, transcriptSource } from "../transcript-source.ts";

export const exportTranscript = command({
  operands: ["ID"],
  details: "ID is a task or a session. Markdown, or with --json one document with every event.",
  flags: {},
  async run({ client, output }, { operands }) {
    const subject = await findSubject(client, operands[0]!, ["task", "session"]);
    if (output.json) {
      const transcript = await Array.fromAsync(eventsOf(transcriptSource(client, subject)));
      await output.show({ ...subject.detail, transcript }, () => "");
      return EXIT.done;
    }
    const { markdown } =
      subject.kind === "task"
        ? await client.call("exportTask", { task: subject.detail.task.id }, {})
        : await client.call("exportSession", { session: subject.detail.session.id }, {});
    await output.exact(markdown);
    return EXIT.done;
  },
});
