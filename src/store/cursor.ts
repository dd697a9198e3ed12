import type { SessionId } from "../protocol/id.ts";
import type { Db } from "../sqlite/database.ts";

/** How far a host's log is in the store: everything up to `seq`, which was written in `epoch`. */
export interface HostCursor {
  epoch: number;
  seq: number;
}

/** `{epoch: 0, seq: 0}` for a session whose host was never heard. */
export function getCursor(db: Db, session: SessionId): HostCursor {
  return (
    db.get<HostCursor>("SELECT epoch, seq FROM host_cursor WHERE session = $session", { session }) ?? {
      epoch: 0,
      seq: 0,
    }
  );
}

/** Belongs in the transaction that keeps the records it covers. */
export function saveCursor(db: Db, session: SessionId, { epoch, seq }: HostCursor): void {
  db.run(
    `INSERT INTO host_cursor (session, epoch, seq) VALUES ($session, $epoch, $seq)
     ON CONFLICT (session) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq`,
    { session, epoch, seq },
  );
}
