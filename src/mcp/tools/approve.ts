import { z } from "zod";
import { DispatchError } from "../../base/error.ts";
import { quote } from "../../core/quote.ts";
import { isOpen } from "../../core/run.ts";
import type { Client } from "../../client/client.ts";
import type { Approval } from "../../protocol/approval.ts";
import type { Message } from "../../protocol/message.ts";
import type { Decision, HostInput } from "../host-input.ts";
import { ref, type Reply, sessionRef, taskRef, tool } from "../tool.ts";
import { senderWords } from "../words.ts";

/** What a dialogue shows, in characters: nobody approves what they cannot see. */
const MAX_SHOWN = 4_000;
/** What does not show, or turns the direction of writing; line breaks stay. */
const UNSEEN = /[^\P{C}\n]/gu;

/** Something that a person decides on: a tool call, or a message that is held. `of` is whose, by name. */
type Undecided = { of: string } & ({ approval: Approval } | { message: Message });

export const approve = tool({
  name: "dispatch_approve",
  description: "Have the person decide, in a dialogue, on a tool call or held message that waits.",
  input: z.strictObject({
    task: taskRef.optional(),
    session: sessionRef.optional(),
    id: ref.optional().describe("which, where several wait"),
  }),
  decides: true,
  async run({ client, host }, { task, session, id }) {
    const waiting = await undecided(client, { task, session });
    const meant = waiting.find((each) => host.decisionOn(idOf(each)) !== null) ?? only(waiting, id);
    const one = await named(client, meant);
    const decision = host.decisionOn(idOf(one));
    if (decision === null) return await asked(client, host, one);
    return await decided(client, one, decision);
  },
});

async function undecided(
  client: Client,
  { task, session }: { task: string | undefined; session: string | undefined },
): Promise<Undecided[]> {
  if (task !== undefined) {
    const found = await client.call("getTask", { task }, {});
    return found.approvals.filter(isOpen).map((approval) => ({ of: task, approval }));
  }
  if (session !== undefined) {
    const found = await client.call("getSession", { session }, {});
    return [
      ...found.approvals.map((approval) => ({ of: session, approval })),
      ...found.messages.filter(isHeld).map((message) => ({ of: session, message })),
    ];
  }
  const { approvals, messages } = await client.call("getAttention", {}, {});
  return [
    ...approvals.map((approval) => ({ of: approval.task ?? approval.session, approval })),
    ...messages.map((message) => ({ of: message.task ?? message.session, message })),
  ];
}

/** With the name that people use. */
async function named(client: Client, one: Undecided): Promise<Undecided> {
  const { task, session } = "approval" in one ? one.approval : one.message;
  if (task !== null) return { ...one, of: (await client.call("getTask", { task }, {})).task.slug };
  return { ...one, of: (await client.call("getSession", { session }, {})).session.name ?? session };
}

function isHeld({ receipt }: Message): boolean {
  return receipt.state === "held";
}

function only(waiting: readonly Undecided[], id: string | undefined): Undecided {
  const meant = id === undefined ? waiting : waiting.filter((each) => idOf(each) === id);
  const [one, ...others] = meant;
  if (!one)
    throw new DispatchError("conflict", "nothing of it waits for a decision", { hint: "dispatch_status" });
  if (others.length === 0) return one;
  throw new DispatchError("ambiguous", `${meant.length} wait for a decision: say which by its id`, {
    candidates: meant.map((each) => `${idOf(each)} of ${each.of}`),
  });
}

function idOf(one: Undecided): string {
  return "approval" in one ? one.approval.id : one.message.id;
}

/** @throws DispatchError with the command by which a person decides, where it cannot be put to them here */
async function asked(client: Client, host: HostInput, one: Undecided) {
  const about = idOf(one);
  const command =
    "approval" in one ? `dispatch approve ${quote(one.of)} ${about}` : `dispatch release ${about}`;
  if (!host.canAsk)
    throw new DispatchError("unavailable", "this host cannot ask its person", { hint: command });
  const words = "approval" in one ? callWords(one.of, one.approval) : await messageWords(client, one);
  const message = words.replace(UNSEEN, (unseen) => `\\u{${unseen.codePointAt(0)!.toString(16)}}`);
  if (message.length > MAX_SHOWN)
    throw new DispatchError("too_large", "it is too long for a dialogue", { hint: command });
  return { wish: "decision", about, message } as const;
}

/** All that is known of the call, as it is. */
function callWords(of: string, { call: { tool: name, title, paths, input } }: Approval): string {
  const whole = typeof input === "string" ? input : JSON.stringify(input, null, 2);
  return [`The agent of ${of} wants to use ${name}: ${title}`, ...paths, ...(whole ? [whole] : [])].join(
    "\n",
  );
}

async function messageWords(
  client: Client,
  { of, message }: { of: string; message: Message },
): Promise<string> {
  const { text, from } = (await client.call("getMessage", { message: message.id }, {})).message;
  return `A message of ${senderWords(from)} to ${of}, which waits for you to let it through:\n${text}`;
}

async function decided(client: Client, one: Undecided, decision: Decision): Promise<Reply> {
  const { of } = one;
  const facts = { of, decided: decision === "none" ? null : decision };
  if (decision === "none") return { facts, text: "Nobody decided. It goes on waiting." };
  const yes = decision === "approve";
  if ("approval" in one) {
    await client.call("decide", { approval: one.approval.id }, { verdict: yes ? "allow" : "deny" });
    return { facts, text: yes ? `Approved. ${of} goes on.` : `Denied. ${of} is told.` };
  }
  await client.call("decideMessage", { message: one.message.id }, { verdict: yes ? "release" : "refuse" });
  return { facts, text: yes ? `Released to ${of}.` : "Refused. Nobody is told it." };
}
