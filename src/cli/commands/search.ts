import type { CallInput } from "../../protocol/api.ts";
import { quote } from "../../core/quote.ts";
import type { Mark, SearchHit } from "../../protocol/search.ts";
import { command } from "../command.ts";
import { formatDuration } from "../duration.ts";
import { EXIT } from "../exit.ts";
import { indent, type Look } from "../output.ts";
import { parseCount } from "../page.ts";

const KINDS = ["prompt", "said", "tool", "question", "answer", "flag", "result"] as const;

export const search = command({
  operands: ["TEXT…"],
  details:
    "Finds texts that have every word, or words that begin so; quotes keep a phrase together, -word leaves texts out.",
  examples: ["dispatch search migration", `dispatch search '"connection refused" -docker' --kind tool`],
  flags: {
    workspace: { value: "NAME", help: "only in this workspace" },
    task: { value: "ID", help: "only in this task" },
    session: { value: "ID", help: "only in this session" },
    kind: { value: "KIND", choices: KINDS, help: "only what was such a thing" },
    limit: { value: "N", help: "how many at most" },
    offset: { value: "N", help: "leave out so many of the first" },
  },
  async run({ client, output }, { operands, flags }) {
    const input: CallInput<"search"> = { text: operands.join(" ") };
    if (flags.workspace !== undefined) input.workspace = flags.workspace;
    if (flags.task !== undefined) input.task = flags.task;
    if (flags.session !== undefined) input.session = flags.session;
    if (flags.kind !== undefined) input.kind = flags.kind as (typeof KINDS)[number];
    if (flags.limit !== undefined) input.limit = parseCount(flags.limit, "--limit");
    if (flags.offset !== undefined) input.offset = parseCount(flags.offset, "--offset");
    const answer = await client.call("search", {}, input);
    const now = Date.now();
    await output.show(answer, ({ hits, next }, look) =>
      hits.length === 0
        ? "Nothing found."
        : hits.map((hit) => hitText(hit, look, now)).join("\n\n") + moreNote(next, input.text),
    );
    return answer.hits.length > 0 ? EXIT.done : EXIT.notFound;
  },
});

function hitText(hit: SearchHit, look: Look, now: number): string {
  const head = `${look.bold(hit.name)}  ${look.dim(`${hit.kind}, ${formatDuration(now - hit.at)} ago`)}`;
  return `${head}\n${indent(emphasised(hit.excerpt, hit.marks, look))}`;
}

function emphasised(text: string, marks: readonly Mark[], look: Look): string {
  let shown = "";
  let from = 0;
  for (const { start, end } of marks) {
    shown += text.slice(from, start) + look.colour("yellow", text.slice(start, end));
    from = end;
  }
  return shown + text.slice(from);
}

function moreNote(next: number | null, text: string): string {
  return next === null ? "" : `\n\nMore: dispatch search ${quote(text)} --offset ${next}`;
}
