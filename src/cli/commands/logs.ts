import type { Position } from "../../protocol/event.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { follow } from "../follow.ts";
import { findSubject } from "../subject.ts";
import { type TranscriptSource, transcriptSource } from "../transcript-source.ts";
import { TranscriptWriter } from "../transcript-words.ts";

export const logs = command({
  operands: ["ID"],
  details: "ID is a task or a session.",
  flags: { follow: { help: "go on with what comes", short: "f" } },
  async run(context, { operands, flags }) {
    const subject = await findSubject(context.client, operands[0]!, ["task", "session"]);
    const source = transcriptSource(context.client, subject);
    const writer = new TranscriptWriter(context.output);
    const position = await past(source, writer);
    if (!flags.follow) {
      await writer.end();
      return EXIT.done;
    }
    for await (const item of follow(context, [source.topic], context.interrupted, position)) {
      if (item.type === "event") await writer.write(item);
      else await past(source, writer, item.position.seq);
    }
    await writer.end();
    return EXIT.interrupted;
  },
});

/** Everything up to now, page by page. */
async function past(source: TranscriptSource, writer: TranscriptWriter, after = 0): Promise<Position> {
  for (let from = after; ;) {
    const page = await source.page(from);
    for (const event of page.events) await writer.write(event);
    if (!page.more) return page.position;
    from = page.position.seq;
  }
}
