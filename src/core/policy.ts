import type { GatedCall, Verdict } from "../protocol/approval.ts";
import type { Permissions } from "../protocol/permission.ts";

const READING = new Set<GatedCall["kind"]>(["read", "search", "think"]);
const EDITING = new Set<GatedCall["kind"]>(["edit", "move", "delete"]);

/**
 * What a permission preset says of a call; null: a person decides.
 * @param folder absolute, resolved folder that the agent works in; `call.paths` are absolute and resolved
 */
export function judge(permissions: Permissions, call: GatedCall, folder: string): Verdict | null {
  switch (permissions) {
    case "all":
      return "allow";
    case "read-only":
      return READING.has(call.kind) ? "allow" : "deny";
    case "edits":
      if (READING.has(call.kind)) return "allow";
      return EDITING.has(call.kind) &&
        call.paths.length > 0 &&
        call.paths.every((path) => isInside(path, folder))
        ? "allow"
        : null;
    case "ask":
      return null;
  }
}

const WIDTH: Readonly<Record<Permissions, number>> = { ask: 0, "read-only": 1, edits: 2, all: 3 };

/** True where a preset lets an agent do more without a person than the other one does. */
export function isWider(permissions: Permissions, other: Permissions): boolean {
  return WIDTH[permissions] > WIDTH[other];
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}
