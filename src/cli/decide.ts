import { DispatchError } from "../base/error.ts";
import type { Client } from "../client/client.ts";
import type { CallAnswer, CallInput, SessionDetail } from "../protocol/api.ts";
import type { Context } from "./command.ts";
import { EXIT } from "./exit.ts";
import { ruleLine } from "./rule-words.ts";
import { sessionName } from "./session-words.ts";
import { findSubject } from "./subject.ts";

export const REASON_FLAG = { value: "TEXT", help: "why; it is kept with the decision" } as const;

type Decision = CallInput<"decide">;

/** Decides the call that waits in a task or a session, or the one that is named: where several wait, or by itself. */
export async function decide(
  { client, output }: Context,
  [ref = "", request]: string[],
  decision: Decision,
): Promise<number> {
  await output.show(await decided(client, { ref, request }, decision), ({ approval, rules }) => {
    const word = decision.verdict === "allow" ? "Allowed" : "Denied";
    const lines = rules.map((rule) => `From now on: ${ruleLine(rule)} (dispatch rules rm ${rule.id})`);
    return [`${word}: ${approval.call.tool}: ${approval.call.title}`, ...lines].join("\n");
  });
  return EXIT.done;
}

async function decided(
  client: Client,
  { ref, request }: { ref: string; request: string | undefined },
  decision: Decision,
): Promise<CallAnswer<"decide">> {
  const byId = (approval: string) => client.call("decide", { approval }, decision);
  if (ref.startsWith("apr_")) return await byId(ref);
  const subject = await findSubject(client, ref, ["task", "session"]);
  if (subject.kind === "session") return await byId(request ?? onlyOpen(subject.detail));
  const body = { ...decision, ...(request === undefined ? {} : { approval: request }) };
  return await client.call("decideApproval", { task: subject.detail.task.id }, body);
}

/** @throws DispatchError `not_found`, or `ambiguous` with the candidates */
function onlyOpen({ session, approvals }: SessionDetail): string {
  const [first, ...rest] = approvals;
  if (first && rest.length === 0) return first.id;
  if (!first)
    throw new DispatchError("not_found", `nothing waits for a decision in ${sessionName(session)}`, {
      hint: "dispatch approvals",
    });
  throw new DispatchError("ambiguous", `${approvals.length} approvals are open: say which`, {
    candidates: approvals.map(({ id, call }) => `${id} ${call.tool}: ${call.title}`),
  });
}
