import type { PlacedEvent } from "../../protocol/event.ts";
import type { Client } from "../../client/client.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";

export const exportTask = command({
  operands: ["ID"],
  details: "Markdown, or with --json one document with every event.",
  flags: {},
  async run({ client, output }, { operands }) {
    const task = operands[0]!;
    if (output.json) {
      const detail = await client.call("getTask", { task }, {});
      await output.show({ ...detail, transcript: await transcriptOf(client, detail.task.id) }, () => "");
    } else await output.exact((await client.call("exportTask", { task }, {})).markdown);
    return EXIT.done;
  },
});

async function transcriptOf(client: Client, task: string): Promise<PlacedEvent[]> {
  const all: PlacedEvent[] = [];
  for (let after = 0; ;) {
    const page = await client.call("getTranscript", { task }, { after });
    for (const event of page.events) all.push(event);
    if (!page.more) return all;
    after = page.position.seq;
  }
}
