import type { CallInput } from "../../protocol/api.ts";
import type { Approval } from "../../protocol/approval.ts";
import { command } from "../command.ts";
import { formatDuration } from "../duration.ts";
import { EXIT } from "../exit.ts";
import { namesOf, readNamed } from "../named.ts";
import { cut, type Look, table } from "../output.ts";
import { PAGE_FLAGS, pageInput, pageNote } from "../page.ts";

const TITLE_CHARS = 120;

export const approvals = command({
  operands: ["[SESSION]"],
  flags: { all: { help: "also those that are decided" }, ...PAGE_FLAGS },
  async run({ client, output }, { operands: [session], flags }) {
    const query: CallInput<"listApprovals"> = pageInput(flags);
    if (session !== undefined) query.session = session;
    if (flags.all) query.state = "all";
    const answer = await client.call("listApprovals", {}, query);
    const names = output.json ? new Map<string, string>() : namesOf(await readNamed(client));
    await output.show(answer, (view, look) =>
      view.approvals.length === 0
        ? "Nothing waits for a decision."
        : approvalTable(view.approvals, { names, look }) + pageNote("approvals", view.next),
    );
    return EXIT.done;
  },
});

function approvalTable(
  list: readonly Approval[],
  { names, look }: { names: ReadonlyMap<string, string>; look: Look },
): string {
  const now = Date.now();
  return table(
    list.map(({ id, task, session, status, call, askedAt }) => [
      id,
      stateText(status),
      formatDuration(now - askedAt),
      look.dim(names.get(task ?? session) ?? task ?? session),
      `${call.tool}: ${cut(call.title, TITLE_CHARS)}`,
    ]),
    look,
  );
}

function stateText(status: Approval["status"]): string {
  switch (status.state) {
    case "open":
      return "waits";
    case "decided":
    case "applied":
      return status.verdict === "allow" ? "allowed" : "denied";
    case "withdrawn":
      return "withdrawn";
  }
}
