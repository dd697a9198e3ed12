import type { MessageId, SessionId } from "../protocol/id.ts";
import { MAX_MESSAGE_SHOWN } from "../protocol/limit.ts";
import type { Message, Sender } from "../protocol/message.ts";
import type { Db, Parameters } from "../sqlite/database.ts";
import { MAX_CANDIDATES } from "./document.ts";

interface Row {
  body: string;
  text: string;
  position: number | null;
}

const WAITING = "state IN ('accepted', 'queued')";

/** A message as lists show it: the beginning of its text, and its place among those of its session that wait. */
const SHOWN = `body, substr(text, 1, ${MAX_MESSAGE_SHOWN}) AS text, CASE WHEN state = 'queued' THEN
  (SELECT COUNT(*) FROM message AS before
   WHERE before.session = message.session AND before.open AND before.${WAITING}
     AND (before.body ->> '$.mode' = 'queue', before.place) <= (message.body ->> '$.mode' = 'queue', message.place))
  END AS position`;

/** @param text all of it */
export function insertMessage(db: Db, message: Message, text: string): void {
  db.run("INSERT INTO message (id, body, text) VALUES ($id, $body, $text)", { ...rowOf(message), text });
}

/** Writes what became of a message; its text stays. */
export function saveMessage(db: Db, message: Message): void {
  db.run("UPDATE message SET body = $body WHERE id = $id", rowOf(message));
}

/** All of a message's text. */
export function messageText(db: Db, id: MessageId): string {
  return db.get<{ text: string }>("SELECT text FROM message WHERE id = $id", { id })!.text;
}

export function getMessage(db: Db, id: MessageId): Message | null {
  return read(db, "WHERE id = $id", { id })[0] ?? null;
}

/** The messages that `ref` can mean: an id, or the prefix of one. */
export function findMessages(db: Db, ref: string): Message[] {
  return read(db, `WHERE id >= $ref AND id < $ref || '~' ORDER BY id LIMIT ${MAX_CANDIDATES}`, { ref });
}

/** A session's messages that are still to be told, or whose turn is not over; in order. */
export function openMessages(db: Db, session: SessionId): Message[] {
  return read(db, "WHERE session = $session AND open ORDER BY place", { session });
}

/** What waits for a person, oldest first. */
export function listHeldMessages(db: Db): Message[] {
  return read(db, "WHERE state = 'held' ORDER BY place");
}

/** A session's held messages, oldest first. */
export function heldMessages(db: Db, session: SessionId): Message[] {
  return read(db, "WHERE state = 'held' AND session = $session ORDER BY place", { session });
}

/** Messages that may still expire. */
export function expiringMessages(db: Db): Message[] {
  return read(db, `WHERE open AND ${WAITING} AND body ->> '$.expiresAt' IS NOT NULL ORDER BY place`);
}

/** A page of a session's messages, newest first; `next` is null on the last one. */
export function listMessages(
  db: Db,
  session: SessionId,
  page: { limit: number; before?: string | undefined },
): { messages: Message[]; next: string | null } {
  const found = read(
    db,
    `WHERE session = $session AND ($before IS NULL OR place < (SELECT place FROM message WHERE id = $before))
     ORDER BY place DESC LIMIT $limit + 1`,
    { session, before: page.before ?? null, limit: page.limit },
  );
  const messages = found.slice(0, page.limit);
  return { messages, next: found.length > page.limit ? messages.at(-1)!.id : null };
}

/** True when a session was told anything yet. */
export function wasTold(db: Db, session: SessionId): boolean {
  return (
    db.get(
      "SELECT 1 FROM message WHERE session = $session AND body ->> '$.deliveredAt' IS NOT NULL LIMIT 1",
      {
        session,
      },
    ) !== null
  );
}

/** How many messages of this kind of sender came to a session after a time. */
export function countMessages(db: Db, session: SessionId, from: Sender, since: number): number {
  const sender = from.kind === "session" ? from.session : null;
  return db.get<{ count: number }>(
    "SELECT COUNT(*) AS count FROM message WHERE session = $session AND at > $since AND sender IS $sender",
    { session, since, sender },
  )!.count;
}

/** The document without its text, which stands beside it. */
function rowOf(message: Message): { id: string; body: string } {
  return { id: message.id, body: JSON.stringify({ ...message, text: undefined }) };
}

function read(db: Db, where: string, parameters: Parameters = {}): Message[] {
  return db.all<Row>(`SELECT ${SHOWN} FROM message ${where}`, parameters).map(({ body, text, position }) => {
    const message = { ...(JSON.parse(body) as Omit<Message, "text">), text };
    return position === null ? message : { ...message, receipt: { state: "queued", position } };
  });
}
