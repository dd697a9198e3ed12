import type { Position } from "../../protocol/event.ts";
import { command, type Context } from "../command.ts";
import { EXIT } from "../exit.ts";
import { follow } from "../follow.ts";
import { TranscriptWriter } from "../transcript-words.ts";

export const logs = command({
  operands: ["ID"],
  flags: { follow: { help: "go on with what comes", short: "f" } },
  async run(context, { operands, flags }) {
    const { task } = await context.client.call("getTask", { task: operands[0]! }, {});
    const writer = new TranscriptWriter(context.output);
    const position = await past(context, task.id, writer);
    if (!flags.follow) {
      await writer.end();
      return EXIT.done;
    }
    for await (const item of follow(context, [`task:${task.id}`], context.interrupted, position)) {
      if (item.type === "event") await writer.write(item);
      else await past(context, task.id, writer, item.position.seq);
    }
    await writer.end();
    return EXIT.interrupted;
  },
});

/** Everything up to now, page by page. */
async function past(context: Context, task: string, writer: TranscriptWriter, after = 0): Promise<Position> {
  for (let from = after; ;) {
    const page = await context.client.call("getTranscript", { task }, { after: from });
    for (const event of page.events) await writer.write(event);
    if (!page.more) return page.position;
    from = page.position.seq;
  }
}
