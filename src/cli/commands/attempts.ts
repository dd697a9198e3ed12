import { workedMs } from "../../core/worked.ts";
import type { TaskDetail } from "../../protocol/api.ts";
import type { Attempt } from "../../protocol/task.ts";
import { command } from "../command.ts";
import { formatDuration } from "../duration.ts";
import { EXIT } from "../exit.ts";
import { type Look, table } from "../output.ts";
import { spentText } from "../spent-words.ts";

export const attempts = command({
  operands: ["ID"],
  details:
    "Each with its model, its end, how long it took, what it used and how many files it changed. dispatch diff ID --attempt N shows them.",
  flags: {},
  async run({ client, output }, { operands }) {
    const detail = await client.call("getTask", { task: operands[0]! }, {});
    await output.show({ attempts: detail.attempts }, (_, look) => attemptTable(detail, look, Date.now()));
    return EXIT.done;
  },
});

function attemptTable({ attempts: all }: TaskDetail, look: Look, now: number): string {
  const rows = all.map((attempt) => [
    String(attempt.number),
    attempt.model.name,
    outcomeText(attempt),
    formatDuration(workedMs([attempt], now)),
    spentText(attempt.spent),
    filesText(attempt),
    attempt.outcome?.state === "failed" ? attempt.outcome.message : "",
  ]);
  return table(rows, look);
}

function outcomeText({ outcome }: Attempt): string {
  if (outcome === null) return "not ended";
  return outcome.state === "failed" ? `failed: ${outcome.reason}` : outcome.state;
}

function filesText({ outcome }: Attempt): string {
  const files = outcome?.result?.files.length;
  if (files === undefined) return "";
  return files === 1 ? "1 file" : `${files} files`;
}
