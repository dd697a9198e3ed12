import type { AuditRow } from "../../protocol/audit.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { type Look, table } from "../output.ts";
import { PAGE_FLAGS, pageNote, parseCount } from "../page.ts";
import { matchText } from "../rule-words.ts";

export const audit = command({
  operands: [],
  flags: PAGE_FLAGS,
  details: "A task with the preset all makes no decisions: it asks nobody.",
  async run({ client, output }, { flags }) {
    const query: { limit?: number; before?: number } = {};
    if (flags.limit !== undefined) query.limit = parseCount(flags.limit, "--limit");
    if (flags.before !== undefined) query.before = parseCount(flags.before, "--before");
    await output.show(await client.call("listAudit", {}, query), ({ rows, next }, look) =>
      rows.length === 0
        ? "Nothing was decided yet."
        : `${auditTable(rows, look)}${pageNote("audit", next === null ? null : String(next))}`,
    );
    return EXIT.done;
  },
});

function auditTable(rows: readonly AuditRow[], look: Look): string {
  return table(
    rows.map(({ seq, entry }) => [
      String(seq),
      look.dim(new Date(entry.at).toISOString()),
      ...cellsOf(entry),
    ]),
    look,
  );
}

function cellsOf(entry: AuditRow["entry"]): string[] {
  switch (entry.type) {
    case "decision": {
      const why = entry.reason ?? entry.because ?? "";
      const held = entry.grant === "once" ? "" : ` (${entry.grant})`;
      return [entry.by, `${entry.verdict}${held}`, `${entry.tool}: ${entry.title}${why && `: ${why}`}`];
    }
    case "rule_added":
    case "rule_removed":
      return ["person", entry.type.replace("_", " "), `${entry.rule.effect} ${matchText(entry.rule)}`];
  }
}
