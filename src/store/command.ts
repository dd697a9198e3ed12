import type { Order } from "../protocol/host.ts";
import type { CommandId, SessionId } from "../protocol/id.ts";
import type { CommandPhase } from "../protocol/transcript.ts";
import type { Db } from "../sqlite/database.ts";

/** `new`: no host has confirmed it. `dropped`: its run ended first, so that no host gets it any more. */
export type OutboxPhase = "new" | CommandPhase | "dropped";

/** A command that its host has not finished. */
export interface PendingCommand {
  id: CommandId;
  order: Order;
  phase: Extract<OutboxPhase, "new" | "received" | "sent">;
}

const PENDING = "phase IN ('new', 'received', 'sent')"; // the words of the partial index

export function insertCommand(db: Db, session: SessionId, command: { id: CommandId; order: Order }): void {
  db.run("INSERT INTO host_command (id, session, body, phase) VALUES ($id, $session, $body, 'new')", {
    id: command.id,
    session,
    body: JSON.stringify(command.order),
  });
}

/** What a command said, whatever became of it. */
export function getOrder(db: Db, id: CommandId): Order | null {
  const row = db.get<{ body: string }>("SELECT body FROM host_command WHERE id = $id", { id });
  return row && (JSON.parse(row.body) as Order);
}

/** What a session's host still has to do, in the order it was told. */
export function listPending(db: Db, session: SessionId): PendingCommand[] {
  const rows = db.all<{ id: CommandId; body: string; phase: PendingCommand["phase"] }>(
    `SELECT id, body, phase FROM host_command WHERE session = $session AND ${PENDING} ORDER BY place`,
    { session },
  );
  return rows.map(({ id, body, phase }) => ({
    id,
    order: JSON.parse(body) as Order,
    phase,
  }));
}

export function setPhase(db: Db, id: CommandId, phase: OutboxPhase, error?: string): void {
  db.run("UPDATE host_command SET phase = $phase, error = $error WHERE id = $id", {
    id,
    phase,
    error: error ?? null,
  });
}

/** Takes back everything that a session's host has not finished. */
export function dropPending(db: Db, session: SessionId): void {
  db.run(`UPDATE host_command SET phase = 'dropped' WHERE session = $session AND ${PENDING}`, { session });
}
