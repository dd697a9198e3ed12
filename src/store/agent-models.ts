import type { Db } from "../sqlite/database.ts";

/** A model as its agent offers it. */
export interface OfferedModel {
  readonly id: string;
  readonly name: string;
}

const PREFIX = "models:";

/** What each agent offered when it was last heard. */
export function agentModels(db: Db): Map<string, OfferedModel[]> {
  const rows = db.all<{ key: string; value: string }>(
    "SELECT key, value FROM meta WHERE key LIKE 'models:%'",
  );
  return new Map(
    rows.map(({ key, value }) => [key.slice(PREFIX.length), JSON.parse(value) as OfferedModel[]]),
  );
}

export function saveAgentModels(db: Db, agent: string, models: readonly OfferedModel[]): void {
  db.run(
    "INSERT INTO meta (key, value) VALUES ($key, $value) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    { key: PREFIX + agent, value: JSON.stringify(models) },
  );
}
