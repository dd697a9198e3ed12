import type { CallAnswer } from "../../protocol/api.ts";
import type { Position } from "../../protocol/event.ts";
import type { Topic } from "../../protocol/stream.ts";
import { command, type Context } from "../command.ts";
import { EXIT } from "../exit.ts";
import { follow } from "../follow.ts";
import { findSubject } from "../subject.ts";
import { TranscriptWriter } from "../transcript-words.ts";

export const logs = command({
  operands: ["ID"],
  details: "ID is a task or a session.",
  flags: { follow: { help: "go on with what comes", short: "f" } },
  async run(context, { operands, flags }) {
    const source = await sourceOf(context, operands[0]!);
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

/** Where a transcript comes from. */
interface Source {
  topic: Topic;
  page(after: number): Promise<CallAnswer<"getTranscript">>;
}

async function sourceOf({ client }: Context, ref: string): Promise<Source> {
  const subject = await findSubject(client, ref, ["task", "session"]);
  if (subject.kind === "task") {
    const { id } = subject.detail.task;
    return { topic: `task:${id}`, page: (after) => client.call("getTranscript", { task: id }, { after }) };
  }
  const { id } = subject.detail.session;
  return {
    topic: `session:${id}`,
    page: (after) => client.call("getSessionEvents", { session: id }, { after }),
  };
}

/** Everything up to now, page by page. */
async function past(source: Source, writer: TranscriptWriter, after = 0): Promise<Position> {
  for (let from = after; ;) {
    const page = await source.page(from);
    for (const event of page.events) await writer.write(event);
    if (!page.more) return page.position;
    from = page.position.seq;
  }
}
