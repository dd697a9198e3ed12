import type { Event, PlacedEvent } from "../protocol/event.ts";
import type { SessionId, TaskId } from "../protocol/id.ts";
import type { Topic } from "../protocol/stream.ts";
import type { Db } from "../sqlite/database.ts";
import { marksOf } from "./topic.ts";

/** Events of a transcript in one document: beyond this it would be no reading any more. */
export const MAX_EXPORTED_EVENTS = 100_000;

interface Row {
  store: string;
  seq: number;
  at: number;
  body: string;
}

/** What a follower has not got yet; `limit` events of it at the most. */
interface Followed {
  after: number;
  topics: readonly Topic[];
  limit: number;
}

const PLACED = "(SELECT value FROM meta WHERE key = 'store') AS store, seq, at, body";

/**
 * Puts an event at the end of the stream. Numbers rise, and may skip.
 * @param at milliseconds since the epoch
 * @returns its number; null when the store already holds this record of the session's log
 */
export function appendEvent(db: Db, event: Event, at: number): number | null {
  const row = db.get<{ seq: number }>(
    `INSERT INTO event (at, body, task, session, kind, host_seq)
     VALUES ($at, $body, $task, $session, $kind, $hostSeq)
     ON CONFLICT (session, host_seq) WHERE host_seq IS NOT NULL DO NOTHING RETURNING seq`,
    {
      at: Math.trunc(at),
      body: JSON.stringify(event),
      hostSeq: event.type === "transcript" ? event.record.seq : null,
      ...marksOf(event),
    },
  );
  return row && row.seq;
}

/** When something of a session's log was last taken before a time, in milliseconds; null: never. */
export function heardBefore(db: Db, session: SessionId, before: number): number | null {
  const row = db.get<{ at: number }>(
    `SELECT at FROM event WHERE session = $session AND kind = 'transcript' AND at < $before ORDER BY seq DESC LIMIT 1`,
    { session, before },
  );
  return row && row.at;
}

/** The first `limit` events after `after` that a follower of one of the topics gets, in order. */
export function readEvents(db: Db, followed: Followed): PlacedEvent[] {
  return readRows(db, followed).map(placed);
}

/** The same as JSON, without a look at what is in them: for those who pass them on. */
export function readEventTexts(db: Db, followed: Followed): { seq: number; text: string }[] {
  return readRows(db, followed).map(({ store, seq, at, body }) => ({
    seq,
    text: `{"position":${JSON.stringify({ store, seq })},"at":${at},"event":${body}}`,
  }));
}

function readRows(db: Db, { after, topics, limit }: Followed): Row[] {
  const followed = new Set(topics.map(conditionOf));
  return db.all<Row>(
    `SELECT ${PLACED} FROM event WHERE seq > $after AND (${[...followed].sort().join(" OR ")})
     ORDER BY seq LIMIT $limit`,
    {
      after,
      limit,
      ...([...followed].some(namesOne) && {
        named: JSON.stringify(topics.map((topic) => topic.slice(topic.indexOf(":") + 1))),
      }),
    },
  );
}

/**
 * A part of a transcript: the `last` so many events, else at most `limit` after the stream's number `after`; in both cases
 * of those between `from` and `until`, which is left out.
 */
interface TranscriptPart {
  readonly after: number;
  readonly limit: number;
  readonly last?: number | undefined;
  readonly from?: number;
  readonly until?: number;
}

/** Between which numbers of the stream an attempt of a task lies: it begins when the task first stands in it. */
export function attemptSpan(db: Db, task: TaskId, attempt: number): { from: number; until: number } {
  return {
    from: firstOfAttempt(db, task, attempt) ?? 0,
    until: firstOfAttempt(db, task, attempt + 1) ?? Infinity,
  };
}

function firstOfAttempt(db: Db, task: TaskId, attempt: number): number | null {
  return db.get<{ first: number | null }>(
    `SELECT MIN(seq) AS first FROM event WHERE task = $task AND kind = 'state'
     AND body ->> '$.type' = 'task' AND body ->> '$.task.attempt' = $attempt`,
    { task, attempt },
  )!.first;
}

/** The transcript of a task's attempts, in order. */
export function transcriptOf(db: Db, task: TaskId, part: TranscriptPart): PlacedEvent[] {
  return readTranscript(db, "task", task, part);
}

/** The transcript of a session, in order. */
export function sessionTranscript(db: Db, session: SessionId, part: TranscriptPart): PlacedEvent[] {
  return readTranscript(db, "session", session, part);
}

function readTranscript(
  db: Db,
  column: "task" | "session",
  id: string,
  { after, limit, last, from = 0, until = Infinity }: TranscriptPart,
): PlacedEvent[] {
  const part = `SELECT ${PLACED} FROM event
     WHERE ${column} = $id AND seq >= $from AND seq < $until AND kind = 'transcript'`;
  const span = { id, from, until };
  if (last !== undefined) {
    const rows = db.all<Row>(`${part} ORDER BY seq DESC LIMIT $last`, { ...span, last });
    return rows.reverse().map(placed);
  }
  const rows = db.all<Row>(`${part} AND seq > $after ORDER BY seq LIMIT $limit`, { ...span, after, limit });
  return rows.map(placed);
}

/** The numbers that the stream holds: it is whole after `oldest`, and `newest` is its end (0 and 0: empty). */
export function eventRange(db: Db): { oldest: number; newest: number } {
  const row = db.get<{ first: number | null; newest: number | null }>(
    "SELECT (SELECT MIN(seq) FROM event) AS first, (SELECT seq FROM sqlite_sequence WHERE name = 'event') AS newest",
  )!;
  const newest = row.newest ?? 0;
  return { oldest: row.first === null ? newest : row.first - 1, newest };
}

const ANY_TASK = "task IN (SELECT value FROM json_each($named))";
const ANY_SESSION = "session IN (SELECT value FROM json_each($named))";

/** `isFollowed` of topic.ts in the store's words. Ids name their type, so that one list serves tasks and sessions. */
function conditionOf(topic: Topic): string {
  switch (topic) {
    case "*":
      return "TRUE";
    case "tasks":
      return "kind <> 'transcript'";
    case "attention":
      return "kind = 'attention'";
    default:
      return topic.startsWith("task:") ? ANY_TASK : ANY_SESSION;
  }
}

function namesOne(condition: string): boolean {
  return condition === ANY_TASK || condition === ANY_SESSION;
}

function placed({ store, seq, at, body }: Row): PlacedEvent {
  return { position: { store, seq }, at, event: JSON.parse(body) as Event };
}
