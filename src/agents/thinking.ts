import type { Thinking } from "../protocol/thinking.ts";
import type { AgentRow, ThinkingWay } from "./agent-row.ts";

/** The levels of thinking that a product can be told, least first; with `isOffered` only those it has by such a way. */
export function thinkingLevels(
  row: AgentRow,
  isOffered: (way: ThinkingWay) => boolean = () => true,
): Thinking[] {
  if (row.protocol === "shell") return [];
  if (row.protocol === "exec") return Object.keys(row.thinking) as Thinking[];
  const ways = Object.entries(row.thinking) as [Thinking, ThinkingWay][];
  return ways.filter(([, way]) => isOffered(way)).map(([level]) => level);
}
