import { expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { typable } from "../../src/agents/terminal/typable.ts";
import { isGone } from "../../src/client/local.ts";
import { TerminalWorld } from "../e2e/terminal-world.ts";
import { Chance } from "./chance.ts";

/** Each sender tells each terminal so many messages: 1,000 in all; CHAOS_ROUNDS says otherwise. */
const EACH = Number(process.env["CHAOS_ROUNDS"] ?? 5);
setDefaultTimeout(120_000 * EACH);
const SENDERS = 20;
const TERMINALS = 10;
/** The daemon dies so long after the one before, at some moment up to it, in milliseconds. */
const KILL_MS = 8_000;

/** A call meets both deaths at the most, and a daemon that is about to listen. */
const MAX_TRIES = 5;

const chance = new Chance("terminals");

interface Sent {
  readonly terminal: number;
  readonly sender: number;
  readonly text: string;
  readonly id: string;
}

/** What a message says: a line, several, or very many; each is like no other. */
function textOf(sender: number, terminal: number, number: number): string {
  const name = `message ${number} of sender ${sender} to terminal ${terminal}`;
  const rest = chance.of(["", "", "\nof two lines", "\n\tof\n\n  several lines\n; rm -rf *", "long"]);
  const isLong = number === 0 && sender === terminal; // ten of a hundred thousand characters, and ten of twenty thousand
  if (isLong) return `${name}\n${"a line of it, wörter and 言葉\n".repeat(4_000)}end`;
  return rest === "long" ? `${name} ${"word ".repeat(300)}end` : `${name}${rest}`;
}

/** Sends, one after the other, what a sender has to say. */
async function send(world: TerminalWorld, sessions: readonly string[], sender: number): Promise<Sent[]> {
  const sent: Sent[] = [];
  for (let number = 0; number < EACH; number++)
    for (const [terminal, session] of sessions.entries()) {
      const text = textOf(sender, terminal, number);
      const id = await tell(world, session, { text, key: `${sender}-${terminal}-${number}` });
      sent.push({ terminal, sender, text, id });
    }
  return sent;
}

/** Tells one message; again under its key where the daemon dies under it, and once more where the next one does. */
async function tell(
  world: TerminalWorld,
  session: string,
  { text, key }: { text: string; key: string },
): Promise<string> {
  for (let tries = 1; ; tries++) {
    try {
      return (await world.tell(session, text, {}, key)).message.id;
    } catch (error) {
      if (!isGone(error) || tries === MAX_TRIES) throw error;
    }
  }
}

/** What the agent of a conversation was told. */
function turnsOf(world: TerminalWorld, conversation: string): string[] {
  const path = join(world.root, "user", ".scripted", `${conversation}.json`);
  return (JSON.parse(readFileSync(path, "utf8")) as { turns: string[] }).turns;
}

test("messages of many senders at once each arrive once, whole and in order, though the daemon dies twice", async () => {
  await using world = new TerminalWorld();
  const sessions: string[] = [];
  for (let terminal = 0; terminal < TERMINALS; terminal++) {
    const { session } = await world.openTerminal({ name: `terminal-${terminal}` });
    await world.untilSession(session.id, (detail) => detail.session.status.state === "ready");
    sessions.push(session.id);
  }
  const busy = sessions.slice(0, 3);
  for (const session of busy) {
    const { message } = await world.tell(session, "scripted: wait-file go");
    await world.untilMessage(message.id, "consumed");
  }
  const sending = Promise.all(Array.from({ length: SENDERS }, (_, sender) => send(world, sessions, sender)));
  for (let death = 0; death < 2; death++) {
    await Bun.sleep(chance.upTo(KILL_MS)); // waits for nothing: it is the moment that is random
    await world.killDaemon();
  }
  const sent = (await sending).flat();
  world.write("go", "");
  for (const { id } of sent) await world.untilMessage(id, "ended", "held");
  for (const [terminal, session] of sessions.entries()) {
    const { conversation, epoch } = (await world.session(session)).session;
    const told = turnsOf(world, conversation!).filter((turn) => turn !== "scripted: wait-file go");
    const meant = sent.filter((each) => each.terminal === terminal);
    expect(epoch).toBe(1);
    expect(told.toSorted()).toEqual(meant.map(({ text }) => typable(text)).toSorted());
    for (let sender = 0; sender < SENDERS; sender++) {
      const theirs = meant.filter((each) => each.sender === sender).map(({ text }) => typable(text));
      expect(told.filter((turn) => theirs.includes(turn))).toEqual(theirs);
    }
  }
  expect(world.defects()).toEqual([]);
  expect(readdirSync(world.repo)).toContain("go");
});
