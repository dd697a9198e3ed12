import type { Position } from "../../protocol/event.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { MAX_TRANSCRIPT_PAGE } from "../../protocol/limit.ts";
import { follow } from "../follow.ts";
import { LastLines } from "../last-lines.ts";
import { parseCount } from "../page.ts";
import { usageError } from "../parse.ts";
import { findSubject } from "../subject.ts";
import { type TranscriptSource, transcriptSource } from "../transcript-source.ts";
import { TranscriptWriter } from "../transcript-words.ts";

export const logs = command({
  operands: ["ID"],
  details: "ID is a task or a session. With --json a line is an event.",
  examples: ["dispatch logs api -f", "dispatch logs api -n 40 -f"],
  flags: {
    follow: { help: "go on with what comes", short: "f" },
    lines: {
      value: "N",
      help: `only the last N lines (of the last ${MAX_TRANSCRIPT_PAGE} events)`,
      short: "n",
    },
    attempt: { value: "N", help: "only this attempt of a task, as dispatch attempts numbers them" },
  },
  async run(context, { operands, flags }) {
    const attempt = flags.attempt === undefined ? undefined : parseCount(flags.attempt, "--attempt");
    if (attempt !== undefined && flags.follow)
      throw usageError("--attempt and --follow do not go together", "dispatch logs --help");
    const kinds = attempt === undefined ? (["task", "session"] as const) : (["task"] as const);
    const subject = await findSubject(context.client, operands[0]!, kinds);
    const source = transcriptSource(context.client, subject, attempt);
    const lines = flags.lines === undefined ? null : parseCount(flags.lines, "--lines");
    const sink = new LastLines(context.output, lines);
    const writer = new TranscriptWriter(sink);
    const position = lines === null ? await past(source, writer) : await end(source, writer);
    if (!flags.follow) await writer.end();
    await sink.open();
    if (!flags.follow) return EXIT.done;
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
    const page = await source.page({ after: from });
    for (const event of page.events) await writer.write(event);
    if (!page.more) return page.position;
    from = page.position.seq;
  }
}

/** The last that one call answers. */
async function end(source: TranscriptSource, writer: TranscriptWriter): Promise<Position> {
  const page = await source.page({ last: MAX_TRANSCRIPT_PAGE });
  for (const event of page.events) await writer.write(event);
  return page.position;
}
