import type { MessageId, SessionId } from "../protocol/id.ts";
import type { Message, Sender } from "../protocol/message.ts";
import type { Db, Parameters } from "../sqlite/database.ts";
import { MAX_CANDIDATES, readDocuments } from "./document.ts";
import { dropImages } from "./message-image.ts";

interface Row {
  body: string;
  position: number | null;
}

const WAITING = "state IN ('accepted', 'queued')";

/** A message, with its place among those of its session that wait. */
const PLACED = `body, CASE WHEN state = 'queued' THEN
  (SELECT COUNT(*) FROM message AS before
   WHERE before.session = message.session AND before.open AND before.${WAITING}
     AND (before.body ->> '$.mode' = 'queue', before.place) <= (message.body ->> '$.mode' = 'queue', message.place))
  END AS position`;

/** @param text all of it; the message itself has its beginning */
export function insertMessage(db: Db, message: Message, text: string): void {
  db.run("INSERT INTO message (id, body) VALUES ($id, $body)", rowOf(message));
  db.run("INSERT INTO message_text (message, text) VALUES ($id, $text)", { id: message.id, text });
}

/** Writes what became of a message; its text stays, and its images as long as it may still be told. */
export function saveMessage(db: Db, message: Message): void {
  db.run("UPDATE message SET body = $body WHERE id = $id", rowOf(message));
  const { state } = message.receipt;
  const isOver = message.endedAt !== null || state === "refused" || state === "expired";
  if (isOver && message.images !== undefined) dropImages(db, message.id);
}

/** All of a message's text. */
export function messageText(db: Db, id: MessageId): string {
  return db.get<{ text: string }>("SELECT text FROM message_text WHERE message = $id", { id })!.text;
}

export function getMessage(db: Db, id: MessageId): Message | null {
  return read(db, "WHERE id = $id", { id })[0] ?? null;
}

/** The messages that `ref` can mean: an id, or the prefix of one. */
export function findMessages(db: Db, ref: string): Message[] {
  return read(db, `WHERE id >= $ref AND id < $ref || '~' ORDER BY id LIMIT ${MAX_CANDIDATES}`, { ref });
}

/**
 * A session's messages that are still to be told, or whose turn is not over; in order. It is asked at every step of a
 * session, so the places are counted here and not row by row.
 */
export function openMessages(db: Db, session: SessionId): Message[] {
  const found = readDocuments<Message>(
    db,
    "SELECT body FROM message WHERE session = $session AND open ORDER BY place",
    { session },
  );
  const waiting = found.filter(({ receipt: { state } }) => state === "accepted" || state === "queued");
  const line = [...waiting.filter(steers), ...waiting.filter((each) => !steers(each))];
  const places = new Map(line.map(({ id }, at) => [id, at + 1]));
  return found.map((message) =>
    message.receipt.state === "queued"
      ? { ...message, receipt: { state: "queued", position: places.get(message.id)! } }
      : message,
  );
}

function steers({ mode }: Message): boolean {
  return mode === "steer";
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
    `SELECT COUNT(*) AS count FROM message WHERE session = $session AND at > $since AND sender IS $sender
       AND body ->> '$.from.kind' IN (SELECT value FROM json_each($kinds))`,
    { session, since, sender, kinds: JSON.stringify(kindsLike(from)) },
  )!.count;
}

/** People and the schedules that they made are counted together. */
function kindsLike({ kind }: Sender): Sender["kind"][] {
  return kind === "person" || kind === "schedule" ? ["person", "schedule"] : [kind];
}

function rowOf(message: Message): { id: string; body: string } {
  return { id: message.id, body: JSON.stringify(message) };
}

function read(db: Db, where: string, parameters: Parameters = {}): Message[] {
  return db.all<Row>(`SELECT ${PLACED} FROM message ${where}`, parameters).map(({ body, position }) => {
    const message = JSON.parse(body) as Message;
    return position === null ? message : { ...message, receipt: { state: "queued", position } };
  });
}
