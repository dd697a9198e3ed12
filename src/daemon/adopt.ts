import { agentOf, type KeptConversation, keptConversations, outsideProduct } from "../agents/outside.ts";
import { DispatchError } from "../base/error.ts";
import { cleanLine } from "../core/line.ts";
import { nameOf } from "../core/session.ts";
import type { Conversation } from "../protocol/outside.ts";
import type { Db } from "../sqlite/database.ts";
import { sessionsOfConversation } from "../store/session.ts";
import type { Environment } from "./environment.ts";
import type { Sighting } from "./outside-sight.ts";
import { folderOf, readAllRunning, type Running, runningAs } from "../processes/running.ts";

const MAX_TITLE = 100;
/** The shortest beginning of an id by which a conversation is meant. */
const MIN_REF = 6;

/** The conversations in the agents' own files, those of our own tasks left out. */
export async function listConversations(
  db: Db,
  environment: Environment,
  { limit }: { limit: number },
): Promise<Conversation[]> {
  const kept = await keptConversations(environment, { limit: limit * 2 });
  return kept
    .filter((each) => !sessionsOfConversation(db, each.agent, each.id).some(({ task }) => task !== null))
    .slice(0, limit)
    .map((each) => shown(db, each));
}

/**
 * The one kept conversation that an id, or the beginning of one, means.
 * @throws DispatchError `not_found`, `ambiguous`
 */
export async function findConversation(environment: Environment, ref: string): Promise<KeptConversation> {
  const found = ref.length < MIN_REF ? [] : await keptConversations(environment, { limit: 10, ref });
  const [first, ...rest] = found;
  if (!first)
    throw new DispatchError("not_found", `no conversation ${JSON.stringify(ref)}`, {
      hint: "dispatch conversations",
    });
  if (rest.length === 0) return first;
  throw new DispatchError("ambiguous", `${JSON.stringify(ref)} means ${found.length} conversations`, {
    hint: "give the whole id",
    candidates: found.map(({ id, agent, folder }) => `${id} of ${agent} in ${folder}`),
  });
}

/**
 * Two processes must never write one conversation.
 * @throws DispatchError `conflict` where a session has it, or a process of its agent runs it, or may
 */
export function mustBeFree(
  db: Db,
  { agent, id, folder }: KeptConversation,
  running: readonly Sighting[],
): void {
  const [session] = sessionsOfConversation(db, agent, id);
  if (session && session.outside === null)
    throw new DispatchError("conflict", `the conversation goes on in ${nameOf(session)} already`, {
      hint: `dispatch tell ${session.id} <message>`,
    });
  const process = session?.outside
    ? runningAs(session.outside.process)
    : holder(running, { agent, id, folder });
  if (process === null) return;
  const { stopServer } = outsideProduct(agent)!;
  const isServer = outsideProduct(agent)!.isServer(process.argv);
  const end = isServer ? `end it with: ${stopServer}` : "end the agent there first";
  throw new DispatchError("conflict", `process ${process.pid} of ${agent} runs this conversation, or may`, {
    hint: session ? `dispatch tell ${session.id} <message>, or ${end}` : end,
  });
}

/** A process that has a conversation, by its own record or its open files; or works in its folder, and says nothing of it. */
function holder(
  running: readonly Sighting[],
  { agent, id, folder }: Pick<KeptConversation, "agent" | "id" | "folder">,
): Running | null {
  const product = outsideProduct(agent)!;
  const seen = running.find((each) => {
    if (each.agent !== agent) return false;
    return each.record ? each.record.conversation === id : folderOf(each.running) === folder;
  });
  if (seen) return seen.running;
  return readAllRunning().find((each) => agentOf(each.argv) === agent && product.holds(each, id)) ?? null;
}

function shown(db: Db, { agent, id, folder, title, updatedAt }: KeptConversation): Conversation {
  const session = sessionsOfConversation(db, agent, id)[0]?.id ?? null;
  const line = cleanLine(title);
  const cut = line.length > MAX_TITLE ? `${line.slice(0, MAX_TITLE - 1).toWellFormed()}…` : line;
  return { agent, id, folder: cleanLine(folder), title: cut, updatedAt, session };
}
